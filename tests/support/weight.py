"""What a page weighs before a reader does anything, and when the first of it is seen.

``cd tests && python -m support.weight`` prints both for one page of each kind, over a slow mobile
network and with compression, as the servers of the world send a page.
"""

import os
import shutil
import statistics

from playwright.sync_api import Browser, sync_playwright
from support.browser import serve
from support.tree import ROOT

HTML = ROOT / "_build" / "html"
SAMPLE = (
    "book/index.html",
    "book/scaling/horizontal.html",
    "labs/lab_horizontal.html",
    "book/reference/claims.html",
)
SLOW = {"downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8, "latency": 150}
ROUNDS = 5
PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""


def bytes_of(browser: Browser, address: str, path: str) -> dict[str, int]:
    """Return the bytes of each file that a page asks for by itself, on a phone's screen."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    found: dict[str, int] = {}
    page.on(
        "response",
        lambda r: found.update({r.url.partition("?")[0]: int(r.headers.get("content-length", 0))}),
    )
    page.goto(f"{address}/{path}", wait_until="networkidle")
    context.close()
    return {url.removeprefix(address + "/"): size for url, size in found.items()}


def paint_s(browser: Browser, address: str, path: str) -> float:
    """Return the seconds until the first words are seen, from an empty cache, on a slow network."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, **SLOW})
    page.goto(f"{address}/{path}", wait_until="load")
    seen_ms = page.evaluate(PAINT)
    context.close()
    return seen_ms / 1e3


def main() -> None:
    """Print weight and paint of the sample."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with serve(HTML, compressed=True) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in SAMPLE:
            sizes = bytes_of(browser, address, path)
            paints = [paint_s(browser, address, path) for _ in range(ROUNDS)]
            print(
                f"{path}: {sum(sizes.values()) / 1e3:.0f} kB, first words after "
                f"{statistics.median(paints):.2f} s (median of {ROUNDS})"
            )
            for name, size in sorted(sizes.items(), key=lambda pair: -pair[1])[:8]:
                print(f"    {size / 1e3:6.1f} kB {name}")
        browser.close()


if __name__ == "__main__":
    main()
