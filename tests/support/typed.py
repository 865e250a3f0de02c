"""Numbers as people type them, and what they mean; None for what is no number.

Two programs read them: the script of the page, and the package in a terminal.
"""

TYPED = {
    "12": 12.0,
    " 12,000 ": 12_000.0,
    "12,000.5": 12_000.5,
    "1.234.567,8": 1_234_567.8,
    "0,5": 0.5,
    "0.5 s": 0.5,
    "75%": 75.0,
    "75 %": 75.0,
    "≈ 3": 3.0,
    "$1,500": 1500.0,
    "−4": -4.0,
    "–4 ms": -4.0,
    "1\u00a0000": 1000.0,
    "1\u202f000 req/s": 1000.0,
    "10'000": 10_000.0,
    "1e5": 100_000.0,
    ".5": 0.5,
    "5.": 5.0,
    "0,500": 0.5,
    "1,50": 1.5,
    "": None,
    "ten": None,
    "1 or 2": None,
    "1-2": None,
    "--4": None,
    "1,2,3": None,
    "inf": None,
    "nan": None,
    "1e999": None,
    "5 m2/s2": None,
}
