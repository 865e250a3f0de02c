"""A chapter and a lab in a real JupyterLab: what a reader sees there, and does by keyboard."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import expect
from support.tree import ROOT

WAIT_MS = 120_000  # for a kernel on a machine with other work
HEALTH = """def states(probes, misses, rises):
    failed = 0
    found = []
    for ok in probes:
        failed += not ok
        found.append(failed < misses)
    return found
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A copy of the notebooks, which JupyterLab may write to."""
    root = tmp_path_factory.mktemp("files")
    for name in ("book", "labs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("api", ".*"))
    wrong = json.loads((root / "labs" / "lab_horizontal.ipynb").read_text(encoding="utf-8"))
    for cell in wrong["cells"]:  # an answer for the check to find fault with
        if "exercise:health" in cell["metadata"].get("tags", []):
            cell["source"] = HEALTH
    (root / "labs" / "lab_horizontal.ipynb").write_text(json.dumps(wrong), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where JupyterLab keeps what is its own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def kept_at(home):
    """Where the kernels keep the progress."""
    return home / "progress.json"


@pytest.fixture(scope="module")
def server(files, home):
    """Address and token of a JupyterLab that knows nothing of this machine's settings."""
    settings = home / "settings" / "@jupyterlab"
    for name, said in {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},  # all outputs are in the page
    }.items():
        path = settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(said), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    places = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    places |= {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime"}
    places |= {"IPYTHONDIR": "ipython", "SCALELAB_PROGRESS": "progress.json"}
    environment = os.environ | {name: str(home / place) for name, place in places.items()}
    environment.pop("SCALELAB_RENDER", None)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": files,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "LabApp.extension_manager": "readonly",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    with (home / "log").open("w") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/api?token={token}", home / "log")
        yield f"http://127.0.0.1:{port}", token
    finally:
        running.terminate()
        running.wait(timeout=30)


def _until_it_answers(address, log):
    for _ in range(300):
        try:
            return urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
    return pytest.fail(log.read_text())


RUN_ALL = """async () => {
    const { shell, commands } = window.jupyterapp;
    const { sessionContext, content } = shell.currentWidget;
    await sessionContext.ready;
    await commands.execute("notebook:run-all-cells");
    return content.widgets.length;
}"""


def opened(browser, server, path, cells=30):
    """The page of a notebook of more than so many cells, all of which have run."""
    address, token = server
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.partition("://")[2].startswith(address.partition("://")[2])
            or request.url.startswith(("data:", "blob:"))
            or page.complaints.append(f"asks {request.url}")
        ),
    )
    page.set_default_timeout(WAIT_MS)
    workspace = path.rpartition("/")[2].partition(".")[0]  # or a page opens what another had open
    page.goto(f"{address}/lab/workspaces/{workspace}/tree/{path}?token={token}&reset")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first.wait_for()
    assert page.evaluate(RUN_ALL) > cells
    page.set_default_timeout(20_000)
    return page


@pytest.fixture(scope="module")
def chapter(browser, server):
    page = opened(browser, server, "book/scaling/horizontal.ipynb")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def lab(browser, server):
    page = opened(browser, server, "labs/lab_horizontal.ipynb")
    yield page
    page.context.close()


@pytest.fixture(params=["chapter", "lab"])
def either(request):
    return request.getfixturevalue(request.param)


def test_nothing_fails_and_nobody_else_is_asked(either):
    assert either.complaints == []
    assert either.locator('.jp-OutputArea-output[data-mime-type$="stderr"]').count() == 0
    assert either.locator(".jp-RenderedText .ansi-red-fg").count() == 0


def test_words_read_as_words(either):
    text = "\n".join(either.locator(".jp-MarkdownOutput").all_inner_texts())
    assert len(text.split()) > 300
    for raw in ("{cite", "{doc}", "{term}", "{download}", ":::", "```", "](", "<details", "## "):
        assert raw not in text


def test_a_citation_reads_as_one_and_leads_somewhere(chapter):
    link = chapter.locator('.jp-MarkdownOutput a:text-is("[Mitzenmacher, 2001]")')
    expect(link).to_have_count(1)
    link.click()
    source = chapter.locator(".jp-FileEditor:visible")
    expect(source).to_contain_text("Little, John D. C.")
    chapter.evaluate("window.jupyterapp.commands.execute('application:close')")
    expect(source).to_have_count(0)


def test_code_that_the_page_leaves_out_is_folded(chapter):
    folded = chapter.locator(".jp-CodeCell .jp-InputPlaceholder")
    assert folded.count() >= 4
    assert chapter.locator('.jp-InputArea-editor:visible:has-text("foot(")').count() == 0


def test_dollars_stay_dollars(chapter):
    box = chapter.locator(".sl-here")
    assert box.count() > 10
    assert chapter.locator(".sl-here :is(mjx-container, .MathJax)").count() == 0
    assert chapter.locator(".jp-MarkdownOutput mjx-container").count() > 3  # formulas are formulas
    dear = chapter.locator(".sl-question", has_text="$6,720")
    expect(dear.first).to_contain_text("$140")


FLOATS = (
    """.jp-ThemedContainer .jp-RenderedHTMLCommon dl :is(dt, dd) { float: left; width: 20%; }"""
)


def test_no_label_of_the_ledger_is_squeezed_or_lies_over_its_value(chapter):
    chapter.add_style_tag(content=FLOATS)  # as versions of JupyterLab have it
    ledger = chapter.locator(".sl-ledger")
    ledger.locator("summary").evaluate_all("all => all.forEach(one => one.parentNode.open = true)")
    faults = ledger.locator("dl > div").evaluate_all(
        """rows => rows.filter((row) => {
            const [label, value] = [...row.children].map((part) => {
                const range = document.createRange();
                range.selectNodeContents(part);
                return [...range.getClientRects()];
            });
            const squeezed = new Set(label.map(({ top }) => Math.round(top))).size > 1;
            return squeezed || label.some((a) => value.some((b) =>
                a.left < b.right - 1 && b.left < a.right - 1 &&
                a.top < b.bottom - 1 && b.top < a.bottom - 1));
        }).map((row) => row.textContent)"""
    )
    assert ledger.locator("dl > div").count() > 10
    assert faults == []


def test_words_of_a_table_stand_on_the_left_and_numbers_on_the_right(either):
    aligned = either.locator(".sl-table td").evaluate_all(
        """cells => cells.map((cell) =>
            [cell.classList.contains("sl-number"), getComputedStyle(cell).textAlign])"""
    )
    assert aligned
    assert set(map(tuple, aligned)) <= {(True, "right"), (False, "left")}


def test_an_explorer_goes_by_keyboard_and_has_names(chapter):
    box = chapter.locator(".sl-explorer").first
    handles = box.locator("[role=slider]")
    labels = box.locator(".widget-slider .widget-label").all_inner_texts()
    assert labels
    for handle, label in zip(handles.all(), labels, strict=True):
        expect(handle).to_have_attribute("aria-label", label)
    said = box.locator("p").first
    before = said.inner_text()
    handles.first.focus()
    chapter.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(before)
    shown = box.locator(".widget-slider .widget-readout").first.inner_text()
    expect(handles.first).to_have_attribute("aria-valuetext", shown)


def test_a_scene_goes_by_keyboard(chapter):
    figure = chapter.locator(".sl-scene").first
    figure.get_by_role("button", name="Restart").press("Enter")
    expect(figure.locator(".sl-time")).to_have_text("0.0\u00a0s")
    figure.get_by_role("button", name="Next sentence").press("Enter")
    expect(figure.locator(".sl-time")).not_to_have_text("0.0\u00a0s")
    cells = chapter.locator(".jp-Cell").count()
    for key in ("b", "d", "d"):  # of a command of the notebook
        figure.locator(".sl-bar input").press(key)
    assert chapter.locator(".jp-Cell").count() == cells


def answers_of(kept_at, question):
    """The answers that are kept for a question, as soon as there are any."""
    end_s = time.monotonic() + 20
    while time.monotonic() < end_s:  # the kernel writes them, some time after
        kept = json.loads(kept_at.read_text()) if kept_at.exists() else {"quizzes": {}}
        if question in kept["quizzes"]:
            return kept["quizzes"][question]["answers"]
        time.sleep(0.1)
    return []


BUSY = """() => {
    const { session } = window.jupyterapp.shell.currentWidget.sessionContext;
    session.kernel.requestExecute({ code: "import time; time.sleep(2)" });
}"""
HIDDEN = """(hidden) => {
    const names = ["sl-carrier-horizontal", "sl-later"];
    const [now, then] = hidden ? names : names.reverse();
    document.querySelector(`.${now}`).classList.replace(now, then);
}"""


def answer(form):
    form.locator("input").first.check()
    form.locator("input").first.press("Enter")
    expect(form.locator(".sl-feedback strong")).to_be_visible()
    return f"horizontal/{form.get_attribute('data-name')}"


def test_a_quiz_keeps_all_answers_that_a_busy_kernel_gets_at_once(chapter, kept_at):
    forms = chapter.locator(".sl-question[data-kind=choice]")
    chapter.evaluate(BUSY)
    asked = [answer(forms.nth(i)) for i in range(3)]
    for question in asked:
        assert len(answers_of(kept_at, question)) == 1


def test_a_quiz_keeps_an_answer_that_was_given_before_the_notebook_was_ready(chapter, kept_at):
    chapter.locator(".sl-carrier-horizontal").first.wait_for(state="attached")
    chapter.evaluate(HIDDEN, True)
    question = answer(chapter.locator(".sl-question[data-kind=choice]").nth(3))
    chapter.evaluate(HIDDEN, False)
    assert len(answers_of(kept_at, question)) == 1


def test_a_lab_plays_the_case_that_a_wrong_answer_failed(lab):
    told = lab.locator('.sl-verdict[data-state="wrong"]')
    expect(told).to_contain_text("Misses add up over days")
    figure = lab.locator(".sl-scene")
    expect(figure).to_have_count(1)
    scenario = told.locator('dt:text-is("Scenario") + dd').inner_text()
    assert scenario.partition(" (")[0][:40] in figure.locator("figcaption").inner_text()
    figure.locator(".sl-choice input").last.focus()
    lab.keyboard.press("Space")  # side by side
    expect(figure.locator(".sl-stage:visible")).to_have_count(2)
    expect(figure.locator(".sl-stage").first).to_contain_text("answer: yours")


def test_an_examination_is_held_and_each_answer_kept(browser, server, kept_at):
    page = opened(browser, server, "book/reference/review.ipynb", cells=3)
    box = page.locator(".sl-exam")
    box.get_by_role("button", name="Begin").press("Enter")
    expect(box.locator("form")).to_have_count(20)
    form = box.locator("form[data-kind=choice]").first
    form.locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(box.locator(".sl-clock")).to_contain_text("1 of 20 answered")
    expect(form.locator(".sl-feedback strong")).to_be_hidden()
    chapter = form.locator("xpath=ancestor::section").get_attribute("data-chapter")
    question = f"{chapter}/{form.get_attribute('data-name')}"
    assert len(answers_of(kept_at, question)) == 1
    box.get_by_role("button", name="Hand in").press("Enter")
    expect(box.locator(".sl-report")).to_contain_text("of 20 right in time, 1 answered")
    expect(form.locator(".sl-feedback strong")).to_be_visible()
    assert page.complaints == []
    page.context.close()
