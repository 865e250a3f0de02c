"""What the README takes from the course: the chapters, the verdicts, and a picture of a page.

``make readme`` writes them anew, the picture from the built book; a test holds the rest.
"""

import os
import re
import shutil

from support.browser import serve
from support.tree import ROOT

from scalelab.course.about import about
from scalelab.course.contents import CHAPTERS, PARTS
from scalelab.course.ledger import VERDICTS, load, tally

README = ROOT / "README.md"
BAR = ROOT / "book" / "_static" / "verdicts.svg"
PICTURE = ROOT / "book" / "_static" / "landing.png"
COLOURS = {  # white letters are legible on them, and they are on white and on black
    "holds": "#1c7440",
    "holds-under-assumptions": "#0a62a9",
    "misleading": "#9a4406",
    "wrong": "#b3261e",
}
WIDTH, HEIGHT = 720, 30


def chapters() -> str:
    """Return the table of the chapters, from what each says of itself."""
    lines = ["| Part | Chapter | Question | Minutes, with lab |", "|---|---|---|---|"]
    part = ""
    for chapter, folder in CHAPTERS.items():
        it = about(chapter)
        first, part = (PARTS[folder] if PARTS[folder] != part else ""), PARTS[folder]
        page = "/".join(filter(None, ("book", folder, f"{chapter}.ipynb")))
        time = f"{it.minutes}, {it.minutes + it.lab_minutes}" if it.lab_minutes else it.minutes
        lines.append(f"| {first} | [{it.title}]({page}) | {it.question} | {time} |")
    return "\n".join(lines)


def verdicts() -> str:
    """Return the bar of verdicts as a picture with its numbers in words."""
    counts = tally(load())
    said = ", ".join(f"{VERDICTS[verdict].lower()} {n}" for verdict, n in counts.items())
    image = f"![{sum(counts.values())} claims: {said}]({BAR.relative_to(ROOT).as_posix()})"
    return f"{sum(counts.values())} claims of one guide, tested: {said}.\n\n{image}"


def bar() -> str:
    """Return the picture of the verdicts."""
    counts, x, parts = tally(load()), 0.0, []
    total = sum(counts.values())
    for verdict, n in counts.items():
        width = (WIDTH - 3 * 22) * n / total + 22  # so that a single one has room for its number
        parts.append(
            f'<rect x="{x:.1f}" width="{width - 2:.1f}" height="{HEIGHT}" rx="3" '
            f'fill="{COLOURS[verdict]}"/><text x="{x + width / 2 - 1:.1f}" y="20">{n}</text>'
        )
        x += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x:.0f} {HEIGHT}" '
        f'width="{x:.0f}" height="{HEIGHT}" font-family="sans-serif" font-size="14" '
        f'font-weight="600" text-anchor="middle" fill="#fff">{"".join(parts)}</svg>\n'
    )


def filled(text: str) -> str:
    """Return the README with what it takes from the course."""
    for name, made in (("verdicts", verdicts()), ("chapters", chapters())):
        marked = rf"(<!-- {name}: make readme -->\n).*?(\n<!-- end -->)"
        text = re.sub(marked, lambda m, made=made: f"{m[1]}{made}{m[2]}", text, flags=re.DOTALL)
    return text


def take_picture() -> bool:
    """Take a picture of the scene on the built landing page; false where there is no book."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    pages = ROOT / "_build" / "html"
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium or not (pages / "index.html").exists():
        return False
    with serve(pages) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 860, "height": 900}, color_scheme="light")
        page.goto(f"{address}/book/index.html")
        scene = page.locator(".sl-scene").first
        scene.get_by_label("97 %").check()
        scene.scroll_into_view_if_needed()
        scene.get_by_role("button", name="Play").click()
        page.wait_for_timeout(4_000)  # until there is a line to see
        scene.get_by_role("button", name="Pause").click()
        scene.screenshot(path=PICTURE)
        browser.close()
    few = Image.open(PICTURE).convert("P", palette=Image.Palette.ADAPTIVE, colors=32)
    few.save(PICTURE, optimize=True)
    return True


def main() -> None:
    """Write all of it."""
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    BAR.write_text(bar(), encoding="utf-8")
    print("README.md and its bar are written;", "and" if take_picture() else "without", "a picture")


if __name__ == "__main__":
    main()
