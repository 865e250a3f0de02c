"""No orphan numbers: every quantity in prose stands somewhere in what the page computed.

A *quantity* is a number with a unit: ``85 ms``, ``3.6 %``, ``17 ×``, ``2,000 requests a second``,
``five milliseconds``; in ``5 to 10 times`` and in ``70, 80, 90 %`` each number is one. *Evidence*
is every number in the code cells of the same notebook, in what their outputs say (figures and
explorers say their alternative texts and the texts of all frames) and in the ledger's entries of
the chapter. What supports a quantity depends on how the evidence is written:

in a table's column, a ledger's value or an argument with a unit (``wait, ms``; ``rtt_s=0.005``)
    it has the same dimension and, in the quantity's unit, rounds to it at the digits shown;
in a text, with a unit
    it is the same quantity: a text is rounded already;
in an output that is nothing but numbers
    it is exactly the number, or a share that rounds to the percentage;
in a table's column, a ledger's value or an argument without a unit
    it is a factor or a share that rounds to it, or exactly the rate; never a time;
as a bare number in code
    it is exactly the number in the package's units, so 0.005 supports 5 ms and 0.95 supports 95 %.

What nothing supports is an *orphan*.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape

from scalelab.course.ledger import Claim

# Ways to write each unit, its dimension, and how many of the dimension's own unit it holds.
UNITS = {
    r"µs|μs|microseconds?": ("time", 1e-6),
    r"ms|milliseconds?": ("time", 1e-3),
    r"s|seconds?": ("time", 1.0),
    r"min|minutes?": ("time", 60.0),
    r"h|hours?": ("time", 3600.0),
    r"%|per ?cent": ("share", 0.01),
    r"×|(?:CPU )?times": ("factor", 1.0),
    r"RTTs?|round[- ]trips?": ("round trips", 1.0),
    r"kB": ("size", 1e3),
    r"MB": ("size", 1e6),
    r"GB": ("size", 1e9),
    r"[a-z]+ ?/ ?s|(?:[a-z]+ ){0,2}(?:a|per) second": ("rate", 1.0),
}
SUFFIXES = {"_per_s": "rate", "_ms": "time/ms", "_s": "time", "_bytes": "size"}  # of names
PLAIN, NAMED, CODE = "plain", "named", "code"  # dimensions of evidence without a unit

_NUMBER = r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?"
_UNIT = "|".join(f"(?P<u{i}>{forms})" for i, forms in enumerate(UNITS))
_WITH_UNIT = re.compile(rf"[ \u00a0-]?(?:{_UNIT})(?!\w|/)(?!\s*[\d(])")  # not the × of "3 × 4"
_LINK = re.compile(rf"(?:, | to |–)(?={_NUMBER})")

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
_ONES += "fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
_WORDS = {word: 10 * i for i, word in enumerate(_TENS.split(), 2)} | {"thousand": 1000}
_WORDS |= {word: i for i, word in enumerate(_ONES.split())}
_WORD = rf"(?:{'|'.join(_TENS.split())})-(?:{'|'.join(_ONES.split())})|{'|'.join(_WORDS)}"
_SPELT = re.compile(rf"\b({_WORD})(?=[ -](?:{'|'.join(UNITS)})\b)", re.I)


@dataclass(frozen=True)
class Number:
    """A number with its dimension (or `PLAIN`, `NAMED`, `CODE`), in units of `scale`."""

    value: float
    dimension: str
    scale: float = 1.0
    decimals: int = 0
    sentence: str = ""  # for a number in a text

    def __str__(self) -> str:
        return f"{self.value:,.{self.decimals}f} ({self.dimension}) in: {self.sentence}"


def numbers(text: str) -> Iterator[Number]:
    """Find the numbers of `text`, each with the unit that follows it or its list."""
    for found in re.finditer(_NUMBER, text):
        dimension, scale = _unit_after(text, found.end())
        yield Number(
            value=float(found[0].replace(",", "")),
            dimension=dimension,
            scale=scale,
            decimals=len(found[0].partition(".")[2]),
            sentence=_sentence(text, found.start()),
        )


def _unit_after(text: str, position: int) -> tuple[str, float]:
    if unit := _WITH_UNIT.match(text, position):
        return list(UNITS.values())[int(unit.lastgroup[1:])]
    if link := _LINK.match(text, position):
        return _unit_after(text, re.compile(_NUMBER).match(text, link.end()).end())
    return PLAIN, 1.0


def _sentence(text: str, position: int) -> str:
    end_of_one = r"(?<=[.?!:])\s|\n\s*\n|\n\s*\|"
    before = re.split(end_of_one, text[:position])[-1]
    return " ".join((before + re.split(end_of_one, text[position:])[0]).split())


def prose(markdown: str) -> str:
    """Return Markdown without code, citations and addresses, its spelt quantities in digits."""
    text = re.sub(r"(\{[a-z:]+\})?`[^`]*`", "`", markdown)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"\\text\{([^}]*)\}", r"\1", text).replace(r"\times", "×")
    return _in_digits(re.sub(r"[$*]", "", text))


def _in_digits(text: str) -> str:
    def digits(spelt: re.Match) -> str:
        return str(sum(_WORDS[word] for word in spelt[1].lower().split("-")))

    text = re.sub(r"\bhalf an? (?=second|hour|minute)", "0.5 ", text, flags=re.I)
    return _SPELT.sub(digits, text)


def quantities(markdown: str) -> list[Number]:
    """Return the numbers with a unit in a text written in Markdown."""
    return _with_units(prose(markdown))


def _with_units(text: str) -> list[Number]:
    return [number for number in numbers(text) if number.dimension != PLAIN]


def markdown_cells(notebook: dict) -> list[str]:
    """Return the texts of a notebook."""
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]


def evidence(notebook: dict, claims: Iterable[Claim] = ()) -> list[Number]:
    """Return every number in code and outputs of an executed notebook and in `claims`."""
    found = [number for claim in claims for number in _of_claim(claim)]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            found += _of_code("".join(cell["source"]))
            found += [number for output in cell["outputs"] for number in _of_output(output)]
    return found


def _of_claim(claim: Claim) -> Iterator[Number]:
    yield from _with_units(_in_digits(f"{claim.says} {claim.finding}"))
    for name, value in claim.values().items():
        unit = claim.named.get(name, "").partition("|")[2].strip()
        dimension, scale = _unit_of_title(f", {'' if unit == 'share' else unit}")
        for each in value if isinstance(value, list) else [value]:
            yield Number(float(each), dimension, scale)


def _of_code(source: str) -> Iterator[Number]:
    """Find the numbers of code, and those of its texts that have a unit."""
    tree = ast.parse(source)
    names = {
        inner: keyword.arg or ""
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword)
        for inner in ast.walk(keyword.value)
    }  # a nested argument comes later, so the nearest name stays
    for node in ast.walk(tree):
        match node:
            case ast.Constant(str(text)):
                yield from _with_units(_in_digits(text))
            case ast.Constant(int(value) | float(value)):
                dimension, scale = _unit_of_name(names.get(node, ""))
                yield Number(value, dimension or (NAMED if node in names else CODE), scale)


def _unit_of_name(name: str) -> tuple[str, float]:
    for suffix, dimension in SUFFIXES.items():
        if name.endswith(suffix):
            return dimension.removesuffix("/ms"), 1e-3 if suffix == "_ms" else 1.0
    return "", 1.0


def _of_output(output: dict) -> Iterator[Number]:
    """Find the numbers of an output as text, and of an explorer's frames.

    A ledger is left out: its entries are evidence by themselves, with their units.
    """
    data = output.get("data", {})
    html = "".join(data.get("text/html", ""))
    if 'class="sl-ledger"' in html:
        return
    text = "".join(data.get("text/plain") or output.get("text") or _said(html))
    if re.fullmatch(r"[\d\s.,:()\[\]{}+e-]+", text):
        yield from (replace(number, sentence="") for number in numbers(text))
    else:
        yield from _of_table(text) if " | " in text else _with_units(text)
    for frames in re.findall(r'data-frames="([^"]*)"', html):
        for sentence in json.loads(unescape(frames))["texts"]:
            yield from _with_units(sentence)


def _said(html: str) -> str:
    """Return what HTML says: its text and its alternative texts, no address."""
    alts = re.findall(r'alt="([^"]*)"', html)
    return unescape(" ".join([re.sub("<[^>]*>", " ", html), *alts]))


def _of_table(text: str) -> Iterator[Number]:
    """Find the numbers of a table, each in the unit of its column; errors are no results."""
    header, *rows = ([cell.strip() for cell in line.split(" | ")] for line in text.splitlines())
    for row in rows:
        for title, cell in zip(header, row, strict=False):
            if "error" in title:
                continue
            if re.fullmatch(r"[\d.,]+", cell):
                yield Number(float(cell.replace(",", "")), *_unit_of_title(title))
            else:
                yield from _with_units(cell)


def _unit_of_title(title: str) -> tuple[str, float]:
    dimension, scale = _unit_of_name(title)
    if not dimension:
        unit = title.replace("_", " ").rpartition(", ")[2]
        dimension, scale = _unit_after(f" {unit}", 0)
    return (NAMED if dimension == PLAIN else dimension), scale


def supports(piece: Number, quantity: Number) -> bool:
    """Whether a piece of evidence is, or rounds to, a quantity at the digits shown."""
    value = piece.value * piece.scale / quantity.scale
    off = abs(value - quantity.value)
    exact = off <= 1e-9 * abs(quantity.value)
    rounded = off <= 0.5 * 10**-quantity.decimals * (1 + 1e-9)
    if piece.sentence:
        return piece.dimension == quantity.dimension and exact
    match piece.dimension, quantity.dimension:
        case "plain", kind:
            return piece.value == quantity.value or (kind == "share" and rounded)
        case "named", "factor" | "share" | "round trips":
            return rounded
        case ("named", "rate") | ("code", _):
            return exact
    return piece.dimension == quantity.dimension and rounded


def orphans(texts: Iterable[str], evidence: list[Number]) -> list[Number]:
    """Return the quantities of `texts` that nothing in `evidence` supports."""
    return [
        quantity
        for text in texts
        for quantity in quantities(text)
        if not any(supports(piece, quantity) for piece in evidence)
    ]
