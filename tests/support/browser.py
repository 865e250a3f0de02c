"""The built book in a browser: a server for it, and what a visit to a page brings to light."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, Request, Response

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NOT_PAGES = {"genindex.html", "index.html", "py-modindex.html", "search.html"}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@cache
def _zipped(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)


class _Gzipping(_Quiet):
    """Sends texts as the servers of the world do: compressed, over a connection that stays."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".html", ".css", ".js", ".svg") or not path.is_file():
            super().do_GET()
            return
        body = _zipped(str(path))
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serve(folder: Path, *, compressed: bool = False) -> Iterator[str]:
    """Serve `folder` on this machine and yield the address."""
    handler = partial(_Gzipping if compressed else _Quiet, directory=folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pages_of(folder: Path) -> list[str]:
    """Address, below `folder`, of each page of the book; the site of the labs is not ours."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    others = ("_", "lite/")
    return sorted(name for name in found if name not in NOT_PAGES and not name.startswith(others))


@dataclass
class Visit:
    """What a page does while somebody looks at it.

    Parameters
    ----------
    page : Page
        Listened to from now on.
    address : str
        Start of the addresses that it may ask for.
    """

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    bytes: int = 0

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self._note(m.type in ("error", "warning"), m.text))
        self.page.on("pageerror", lambda error: self._note(True, str(error)))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _note(self, wrong: bool, text: str) -> None:
        if wrong:
            self.complaints.append(text)

    def _request(self, request: Request) -> None:
        self.requested.append(request.url)
        ours = request.url.startswith((self.address, "data:", "blob:"))
        self._note(not ours, f"asks a foreign host: {request.url}")

    def _response(self, response: Response) -> None:
        self.bytes += int(response.headers.get("content-length", 0))
        self._note(response.status >= 400, f"{response.status} {response.url}")

    def frames(self) -> list[str]:
        """Return the requests for images of figures, so far."""
        return [url for url in self.requested if "/_frames/" in url]

    def forget(self) -> None:
        """Start afresh, for the next page."""
        self.complaints.clear()
        self.requested.clear()
        self.bytes = 0


def layout_faults(page: Page) -> list[str]:
    """Return what runs over the edge of the page, and images without words."""
    return page.evaluate(_LAYOUT)


def structure_faults(page: Page) -> list[str]:
    """Return axe's findings but for colours."""
    rules = {"color-contrast": {"enabled": False}}
    return _run_axe(page, {"runOnly": RULES, "rules": rules})


def colour_faults(page: Page) -> list[str]:
    """Return the texts that are too pale: the one rule of axe that depends on the theme.

    Code below a second heading is left out: its thousands of coloured words take axe ten seconds,
    and they have the colours of the code above it and on the other pages.
    """
    return _run_axe(page, {"runOnly": ["color-contrast"]}, without="section section div.highlight")


def _run_axe(page: Page, options: dict, without: str = "#nothing") -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate(
        "([where, options]) => axe.run(where, options).then(found => found.violations)",
        [{"exclude": [without]}, options | {"resultTypes": ["violations"]}],
    )
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


_LAYOUT = """() => {
    const root = document.documentElement, wrong = [];
    if (root.scrollWidth > root.clientWidth)
        wrong.push(`overflows: ${root.scrollWidth} of ${root.clientWidth} pixels`);
    for (const image of document.querySelectorAll("img"))
        if ((image.getAttribute("alt") ?? "").trim().split(/\\s+/).length < 4)
            wrong.push(`image with too few words: ${image.outerHTML.slice(0, 200)}`);
    for (const cell of document.querySelectorAll("div.cell.tag_show"))  // its code needs the line
        for (const code of cell.querySelectorAll("div.highlight"))
            if (code.getBoundingClientRect().width < 0.9 * cell.parentElement.clientWidth)
                wrong.push(`squeezed code: ${code.textContent.slice(0, 60)}`);
    return wrong;
}"""
