"""The labs in a browser, where the site was built: all run, progress is kept, nobody else is asked.

Each lab has a kernel of its own, whose start takes most of the time: what is to be seen of a lab is
seen in one visit.
"""

import json

import pytest
from support.browser import serve
from support.tree import ROOT, cells

SOLVED, TASK = "lab_choosing", "rows"  # where a task is solved, and where an answer never ends
LABS = sorted((path.stem for path in (ROOT / "labs").glob("*.ipynb")), key=SOLVED.__eq__)
SOLUTION = f"""
from scalelab.course.check import source_of
print(source_of(lab.exercises[{TASK!r}].solution))
"""
PATIENCE_MS = 240_000  # far more than a lab takes on a machine that others use as well

# Whether a lab is there and has its kernel: what is pressed before does nothing.
READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext.isReady
        && panel.sessionContext.session?.kernel?.status === "idle";
}"""
# Whether a lab has come to its end: all cells have run, or one has failed.
AT_ITS_END = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    const cells = panel?.content?.widgets?.filter(cell => cell.model.type === "code") ?? [];
    const kernel = panel?.sessionContext?.session?.kernel;
    if (!cells.length || kernel?.status !== "idle") return false;
    const failed = cell => cell.model.outputs.toJSON().some(o => o.output_type === "error");
    return cells.some(failed) || cells.every(cell => cell.model.executionCount);
}"""
FORGET = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .forEach(cell => cell.model.type === "code" && cell.model.clearExecution())"""
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === "code")
    .map(cell => cell.model.outputs.toJSON())"""
WRITE = """([tag, source]) => {
    const panel = window.jupyterapp.shell.currentWidget;
    const cell = panel.content.widgets.find(
        cell => (cell.model.getMetadata("tags") ?? []).includes(tag));
    cell.model.sharedModel.setSource(source);
    return panel.context.save();
}"""
EXECUTE = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const said = [], future = kernel.requestExecute({code});
    future.onIOPub = ({content}) => said.push(content.text ?? content.traceback?.join("\\n") ?? "");
    await future.done;
    return said.join("");
}"""


@pytest.fixture(scope="module")
def site(pages):
    """Folder of the site; skipped without it, for its files are not to be had everywhere."""
    folder = pages / "lite"
    if not folder.is_dir():
        pytest.skip("run make lite first")
    for path in [*(ROOT / "labs").glob("*.ipynb"), *(ROOT / "labs" / "checks").glob("*.py")]:
        copy = folder / "files" / path.relative_to(ROOT / "labs")
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            pytest.skip(f"run make lite again: {path.name} changed since")
    return folder


@pytest.fixture(scope="module")
def page(site, browser):
    """One page for all labs, so that what they share is fetched once."""
    with serve(site) as address, browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.address = address
        page.asked = []
        context.on("request", lambda request: page.asked.append(request.url))
        yield page


def open_lab(page, lab):
    """Open a lab and wait for its kernel."""
    assert lab in LABS, "a lab that is not there never gets a kernel"
    page.goto(f"{page.address}/notebooks/index.html?path={lab}.ipynb")
    page.wait_for_function(READY, polling=500)


def run_all(page):
    """Press *Run all* in the lab that is open, and return what each cell shows."""
    page.evaluate(FORGET)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(AT_ITS_END, polling=500)
    return page.evaluate(OUTPUTS)


def summary(shown):
    """Return what the first cell says in words: how each task stands."""
    return shown[0][0]["data"]["text/plain"]


def foreign(page):
    """Return the addresses of others that were asked for."""
    return [url for url in page.asked if not url.startswith((page.address, "data:", "blob:"))]


@pytest.mark.parametrize("lab", LABS)
def test_run_all_comes_to_the_end_of_a_lab(page, lab):
    open_lab(page, lab)
    shown = run_all(page)
    assert len(shown) == len(cells(ROOT / "labs" / f"{lab}.ipynb", "code"))
    faults = [o for cell in shown for o in cell if o["output_type"] in ("error", "stream")]
    assert faults == [], "an error, or something on standard output or error"
    text = json.dumps(shown)
    assert "pip install" not in text, "advice that is of no use here"
    assert "This says nothing about your answer" not in text, "a fault of the checker"
    assert foreign(page) == []


@pytest.fixture
def solved(page):
    """Return the page with that lab open and run."""
    if f"{SOLVED}.ipynb" not in page.url:
        open_lab(page, SOLVED)
        run_all(page)
    return page


@pytest.mark.parametrize("loop", ["while True: pass", "return sum(1 for _ in iter(int, 1))"])
def test_an_answer_that_never_ends_gets_a_verdict(solved, loop):
    answer = f"def endless(*_):\n    {loop}\n"
    check = f"print(lab.check({TASK!r}, endless, patience_s=1.0).state)"
    assert solved.evaluate(EXECUTE, answer + check).strip() == "stopped"


def test_a_task_that_is_solved_is_still_solved_after_a_reload(solved):
    """The answer is in the notebook then, and the progress in its file."""
    solution = solved.evaluate(EXECUTE, SOLUTION)
    solved.evaluate(WRITE, [f"exercise:{TASK}", solution])
    assert ": done" not in summary(run_all(solved))
    open_lab(solved, SOLVED)
    assert ": done" in summary(run_all(solved))
    assert foreign(solved) == []
