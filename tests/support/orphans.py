"""No orphan numbers: every number in prose is tied to one place in what the page computed.

A *quantity* is a number in the prose of a page: with a unit (``85 ms``, ``3.6 %``, ``17 ×``, ``five
milliseconds``; in ``70, 80, 90 %`` each number is one), of money, of bytes, or a bare count. Left
out are headings, code, formulas on lines of their own, the 1 of ``1/n``, names (``HTTP/2``), years,
and numbers of sections.

*Evidence* is every number in the code cells of the same section, in what their outputs say (figures
and scenes say their alternative texts, explorers the texts of all frames too), and in the ledger's
entries of the chapter. Each piece has a *place*: a row and a column of a table, a sentence and the
how manieth number in it, a line of code, a value of the ledger.

The *pins* of a page say which place each number comes from, so that a number that changes, in the
prose or in what is computed, no longer fits. They stand in ``tests/book/pins``; ``make pins``
writes those that are missing, after a build. What fits nowhere is an *orphan*; no chapter has one.
A lab may: its tasks set rules, which its checker holds. What fits a quantity depends on how the
evidence is written:

in a table's column, a ledger's value or an argument with a unit (``wait, ms``; ``rtt_s=0.005``)
    it has the same dimension and, in the quantity's unit, rounds to it at the digits shown;
in a text
    it is the same quantity: a text is rounded already;
in an output that is nothing but numbers
    it is exactly the number, or a share that rounds to the percentage;
in a table's column, a ledger's value or an argument without a unit
    it is a factor, a share or a count that rounds to it, or exactly the rate; never a time;
as a bare number in code
    it is exactly the number in the package's units, so 0.005 supports 5 ms and 0.95 supports 95 %.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from pathlib import Path

from support.tree import ROOT, chapters, name_of, notebooks

from scalelab.course.contents import CHAPTERS, chapter_of
from scalelab.course.ledger import Claim, load

PINS = Path(__file__).resolve().parents[1] / "book" / "pins"

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
    r"TB": ("size", 1e12),
    r"bytes?": ("size", 1.0),
    r"Mbit/s": ("bandwidth", 1e6),
    r"days?": ("time", 86_400.0),
    r"dollars?": ("money", 1.0),
    r"[a-z]+ ?/ ?s|(?:[a-z]+ ){0,2}(?:a|per) second": ("rate", 1.0),
}
SUFFIXES = {"_per_s": "rate", "_ms": "time/ms", "_s": "time", "_bytes": "size"}  # of names
LAYOUT = {"height", "panels", "pace", "still_s", "dx", "dy"}  # arguments that say how, not what
READ_A_CLOCK = {  # entries of the ledger that give another number at each run
    "horiz-network-overhead",
    "ser-binary-wins",
    "ser-json-slower",
    "ser-msgpack-faster",
    "ser-protobuf-compact-fast",
    "ser-size-vs-speed",
    "sf-memory-fast",
}
_FREQUENT = {"the", "for", "with", "that", "are", "this", "from", "than", "then", "not", "one"}
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
_NAMES = re.compile(
    r"HTTP/[\d.]+|S3-FIFO|\b(?:Python|PostgreSQL|Valkey|TLS|NumPy) [\d.]+|M/[MG]/\d+|N ?\+ ?1"
    r"|127\.0\.0\.1|UTF-8|SHA-\d+|RFC \d+|\b(?:19|20)\d\d\b(?! (?:s|ms|%|requests))"
    r"|\b(?:sections?|chapters?|steps?|tasks?|parts?) \d+(?:(?:, \d+)*,? and \d+)?",
    re.IGNORECASE,
)
_OF_FORM = re.compile(r"(?<![\d.=])(?<!= )(?<!approx )[123](?![\d.])")
_SPELT = re.compile(rf"\b({_WORD})(?=[ -](?:{'|'.join(UNITS)})\b)", re.I)


@dataclass(frozen=True)
class Number:
    """A number with its dimension (or `PLAIN`, `NAMED`, `CODE`), in units of `scale`."""

    value: float
    dimension: str
    scale: float = 1.0
    decimals: int = 0
    sentence: str = ""  # for a number in a text
    place: str = ""

    def __str__(self) -> str:
        return f"{self.value:,.{self.decimals}f} ({self.dimension}) in: {self.sentence}"


def numbers(text: str) -> Iterator[Number]:
    """Find the numbers of `text`, each with the unit that follows it or its list."""
    seen: dict[str, int] = {}
    for found in re.finditer(_NUMBER, text):
        dimension, scale = _unit_after(text, found.end())
        if text[: found.start()].endswith("$"):
            dimension = "money"
        sentence = _sentence(text, found.start())
        masked = re.sub(_NUMBER, "#", sentence)
        seen[masked] = seen.get(masked, 0) + 1
        yield Number(
            value=float(found[0].replace(",", "")),
            dimension=dimension,
            scale=scale,
            decimals=len(found[0].partition(".")[2]),
            sentence=sentence,
            place=f"{masked} | {seen[masked]}",
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
    """Return Markdown without what is no prose, its spelt quantities in digits."""
    text = re.sub(r"^#+ .*$|^:::.*$", "", markdown.replace("\u00a0", " "), flags=re.MULTILINE)
    text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
    text = re.sub(r"(\{[a-z:]+\})?`[^`]*`", "`", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"\\text\{([^}]*)\}", r"\1", text).replace(r"\times", "×")
    text = re.sub(r"\$(?=[^$]*\$)([^$]*)\$", _in_formula, text)  # but not a price
    return _in_digits(_NAMES.sub("`", re.sub(r"[*]", "", text)))


def _in_formula(formula: re.Match) -> str:
    """Return a formula without the small numbers of its form, such as the 1 of ``1/n``."""
    is_price = re.search(r"(?<![\\A-Za-z])[A-Za-z]{2}", formula[1])
    return formula[1] if is_price else _OF_FORM.sub("", formula[1])


def _in_digits(text: str) -> str:
    def digits(spelt: re.Match) -> str:
        return str(sum(_WORDS[word] for word in spelt[1].lower().split("-")))

    text = re.sub(r"\bhalf an? (?=second|hour|minute)", "0.5 ", text, flags=re.I)
    return _SPELT.sub(digits, text)


def quantities(markdown: str) -> list[Number]:
    """Return the numbers of a text written in Markdown."""
    return list(numbers(prose(markdown)))


def _with_units(text: str) -> list[Number]:
    return [number for number in numbers(text) if number.dimension != PLAIN]


@dataclass(frozen=True)
class Section:
    """What stands below one heading of the second level: texts and executed cells of code."""

    heading: str
    texts: list[str]
    cells: list[dict]

    @cached_property
    def evidence(self) -> list[Number]:
        """Every number in code and outputs."""
        found: list[Number] = []
        for cell in self.cells:
            found += _of_code("".join(cell["source"]))
            found += [number for output in cell["outputs"] for number in _of_output(output)]
        return found


def sections(notebook: dict) -> list[Section]:
    """Return the sections of an executed notebook; what stands above all has no heading."""
    found = [Section("", [], [])]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            found[-1].cells.append(cell)
            continue
        for part in re.split(r"(?m)^(?=## )", "".join(cell["source"])):
            if heading := re.match(r"## (.*)", part):
                found.append(Section(heading[1], [], []))
            found[-1].texts.append(part)
    return found


def of_claims(claims: Iterable[Claim]) -> list[Number]:
    """Return the numbers of entries of the ledger: their values, and what they quote and find."""
    return [number for claim in claims for number in _of_claim(claim)]


def _of_claim(claim: Claim) -> Iterator[Number]:
    for piece in numbers(_in_digits(f"{claim.says} {claim.finding}")):
        yield replace(piece, place=f"{claim.id} says: {piece.place}")
    for name, value in claim.values().items():
        unit = claim.named.get(name, "").partition("|")[2].strip()
        dimension, scale = _unit_of_title(f", {'' if unit == 'share' else unit}")
        for i, each in enumerate(value if isinstance(value, list) else [value]):
            place = f"{claim.id}: {name}" + (f"[{i}]" if isinstance(value, list) else "")
            yield Number(float(each), dimension, scale, place=place)


def _of_code(source: str) -> Iterator[Number]:
    """Find the numbers of code and of its texts."""
    tree = ast.parse(source)
    names = {
        inner: keyword.arg or ""
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword)
        for inner in ast.walk(keyword.value)
    }  # a nested argument comes later, so the nearest name stays
    lines = source.splitlines()
    seen: dict[str, int] = {}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        line = re.sub(_NUMBER, "#", lines[node.lineno - 1].replace("_", "")).strip()
        match node.value:
            case str(text):
                for piece in numbers(_in_digits(text)):
                    yield replace(piece, place=f"code says: {piece.place}")
            case bool() | None:
                pass
            case int(value) | float(value) if names.get(node) not in LAYOUT:
                dimension, scale = _unit_of_name(names.get(node, ""))
                seen[line] = seen.get(line, 0) + 1
                kind = dimension or (NAMED if node in names else CODE)
                yield Number(value, kind, scale, place=f"code: {line} | {seen[line]}")


def _unit_of_name(name: str) -> tuple[str, float]:
    for suffix, dimension in SUFFIXES.items():
        if name.endswith(suffix):
            return dimension.removesuffix("/ms"), 1e-3 if suffix == "_ms" else 1.0
    return "", 1.0


def _of_output(output: dict) -> Iterator[Number]:
    """Find the numbers of an output as text, and of an explorer's frames.

    A ledger is left out, whose entries are evidence by themselves; so are quiz and questions.
    """
    data = output.get("data", {})
    html = "".join(data.get("text/html", ""))
    if re.search(r'class="sl-(ledger|quiz|predict|head|foot)"', html):
        return
    text = "".join(data.get("text/plain") or output.get("text") or _said(html))
    if re.fullmatch(r"[\d\s.,:()\[\]{}+e-]+", text):
        for i, number in enumerate(numbers(text)):
            yield replace(number, sentence="", place=f"output | {i + 1}")
    else:
        yield from _of_table(text) if " | " in text else numbers(text)
    for frames in re.findall(r'class="sl-frames">(.*?)</script>', html, re.DOTALL):
        for sentence in json.loads(frames)["texts"]:
            yield from numbers(sentence)
    for _, trace in re.findall(r"""data-trace=(["'])(.*?)\1""", html, re.DOTALL):
        for i, run in enumerate(json.loads(unescape(trace))["runs"], 1):
            for piece in numbers(run["name"]):
                yield replace(piece, place=f"run {i} of a scene: {piece.place}")


def _said(html: str) -> str:
    """Return what HTML says: its text and its alternative texts, no address."""
    alts = re.findall(r'aria-label="([^"]*)"', html)
    return unescape(" ".join([re.sub("<[^>]*>", " ", html), *alts]))


def _of_table(text: str) -> Iterator[Number]:
    """Find the numbers of a table, each in the unit of its column; errors are no results."""
    header, *rows = ([cell.strip() for cell in line.split(" | ")] for line in text.splitlines())
    for row in rows:
        for title, cell in zip(header, row, strict=False):
            if "error" in title:
                continue
            place = f"table: {row[0]} / {title}"
            measured = re.fullmatch(r"[-−]?([\d.,]*\d)( ± [\d.,]+)?( [✓✗].*)?", cell)
            if measured:
                value = float(measured[1].replace(",", ""))
                yield Number(value, *_unit_of_title(title), place=place)
            else:
                for i, piece in enumerate(numbers(cell)):
                    yield replace(piece, place=f"{place} | {i + 1}")


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
        case "named", "factor" | "share" | "round trips" | "plain" | "money":
            return rounded
        case ("named", "rate") | ("code", _):
            return exact
        case _, "plain":  # the words of the page have the unit: "of 1,600 a second, 1,046"
            return abs(piece.value - quantity.value) <= 0.5 * 10**-quantity.decimals * (1 + 1e-9)
    return piece.dimension == quantity.dimension and rounded


# Pins ---------------------------------------------------------------------------------------

Pins = dict[str, str]  # the place of a quantity, and that of the evidence for it


def places(notebook: dict) -> Iterator[tuple[str, Number, Section]]:
    """Yield the quantities of a page, each with its key among the pins and its section."""
    for section in sections(notebook):
        seen: dict[str, int] = {}
        for text in section.texts:
            for quantity in quantities(text):
                seen[quantity.place] = seen.get(quantity.place, 0) + 1
                again = f" ({seen[quantity.place]})" if seen[quantity.place] > 1 else ""
                yield f"{section.heading} > {quantity.place}{again}", quantity, section


def orphans(
    notebook: dict, claims: Iterable[Claim], pins: Pins, *, strict: bool = True
) -> list[str]:
    """Return what is wrong with the numbers of a page; without a pin only where it is strict."""
    quoted, wrong, used = of_claims(claims), [], set()
    for key, quantity, section in places(notebook):
        used.add(key)
        pinned = [p for p in [*section.evidence, *quoted] if p.place == pins.get(key)]
        if key not in pins:
            wrong += [f"no pin: {quantity}"] * strict
        elif not pinned:
            wrong.append(f"{pins[key]!r} is not there any more, for {quantity}")
        elif not any(supports(piece, quantity) for piece in pinned):
            wrong.append(f"{pins[key]!r} gives {pinned[0].value:g}, not {quantity}")
    return wrong + [f"a pin without its number: {key}" for key in pins.keys() - used]


def pinned(notebook: dict, claims: Iterable[Claim], pins: Pins) -> tuple[Pins, list[Number]]:
    """Return the pins of a page, old ones that still fit first, and its orphans."""
    quoted, found, without = of_claims(claims), Pins(), []
    for key, quantity, section in places(notebook):
        own = {piece.place for piece in section.evidence}
        fits = [p for p in [*section.evidence, *quoted] if supports(p, quantity) and p.place]
        fits.sort(key=lambda piece, q=quantity: _distance(piece, q, own))
        kept = [p for p in fits if p.place == pins.get(key)]
        if best := [*kept, *fits]:
            found[key] = best[0].place
        else:
            without.append(quantity)
    return found, without


def _distance(piece: Number, quantity: Number, own: set[str]) -> tuple[float, ...]:
    """Prefer the section's own to the ledger's, results to inputs, and what speaks of the same.

    A bare count fits much that has nothing to do with it, so there the words go first.
    """
    alike = -len(_words(piece.place) & _words(quantity.sentence))
    near = (piece.place not in own, piece.place.startswith("code"))
    return (alike, *near) if quantity.dimension == PLAIN else (*near, alike)


def _words(text: str) -> set[str]:
    return {word.lower().rstrip("s") for word in re.findall(r"[A-Za-z]{3,}", text)} - _FREQUENT


def pins_of(page: str) -> Path:
    """Return the file of a page's pins, from the name of its notebook."""
    return PINS / f"{page.removesuffix('.ipynb').removeprefix('book/').replace('/', '-')}.json"


def read_pins(page: str) -> Pins:
    """Return the pins of a page."""
    path = pins_of(page)
    found: Pins = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def claims_of(path: Path) -> list[Claim]:
    """Return the entries of the ledger that a page may quote: none that reads a clock."""
    chapter = chapter_of(path.stem) or path.stem
    entries = load(chapter) if chapter in CHAPTERS else []
    return [entry for entry in entries if entry.id not in READ_A_CLOCK]


def main() -> None:
    """Write the pins that are missing, and name the orphans."""
    PINS.mkdir(exist_ok=True)
    for path in notebooks():
        built = ROOT / "_build" / "jupyter_execute" / path.relative_to(ROOT)
        if not built.exists():
            continue
        notebook = json.loads(built.read_text(encoding="utf-8"))
        name = name_of(path)
        pins, without = pinned(notebook, claims_of(path), read_pins(name))
        text = json.dumps(dict(sorted(pins.items())), indent=1, ensure_ascii=False)
        pins_of(name).write_text(f"{text}\n", encoding="utf-8")
        print(f"{name}: {len(pins)} pinned, {len(without)} orphans")
        for orphan in without if path in chapters() else ():
            print(f"  {orphan}")


if __name__ == "__main__":
    main()
