"""The examination of a notebook: the verdicts wait, the clock runs, late answers do not count."""

import numpy as np
import pytest
from playwright.sync_api import expect

from scalelab.course.exam import exam


@pytest.fixture
def page(browser, monkeypatch):
    monkeypatch.delenv("SCALELAB_RENDER", raising=False)
    page = browser.new_page()
    page.clock.install()
    body = exam(rng=np.random.default_rng(5))._repr_mimebundle_()["text/html"]
    page.set_content(f"<!doctype html><main>{body}</main>")
    yield page
    page.close()


def answer_rightly(form):
    form.evaluate(
        """form => {
            const data = form.dataset;
            const boxes = [...form.querySelectorAll("input")];
            if (data.kind === "choice")
                JSON.parse(data.options).forEach((option, i) => (boxes[i].checked = option.right));
            else boxes[0].value = String(JSON.parse(data.variants)[0].answer);
            form.requestSubmit();
        }"""
    )


def test_nothing_is_told_before_it_is_handed_in(page):
    assert page.locator("form").first.is_hidden()
    page.get_by_role("button", name="Begin: 20 questions").click()
    expect(page.locator(".sl-clock")).to_contain_text("30:00 left, 0 of 20")
    forms = page.locator("form").all()
    answer_rightly(forms[0])
    forms[1].locator("button[type=submit]").click()  # with nothing chosen or typed
    expect(forms[1].locator(".sl-feedback")).to_be_visible()
    expect(page.locator(".sl-clock")).to_contain_text("1 of 20 answered")
    expect(forms[0].locator(".sl-feedback")).to_be_hidden()
    page.get_by_role("button", name="Hand in").click()
    expect(forms[0].locator(".sl-feedback")).to_contain_text("Right.")
    report = page.locator(".sl-report")
    expect(report).to_contain_text("1 of 20 right in time, 1 answered.")
    expect(report).to_contain_text("Read again:")
    parts = report.locator("p").all_inner_texts()[1:-1]
    counts = [part.rpartition(": ")[2].split(" of ") for part in parts if " of " in part]
    assert sum(int(of) for _, of in counts) == 20
    assert sum(int(right) for right, _ in counts) == 1


def test_what_comes_after_the_end_does_not_count(page):
    page.get_by_role("button", name="Begin").click()
    forms = page.locator("form").all()
    for form in forms[:3]:
        answer_rightly(form)
    page.clock.fast_forward("30:01")
    expect(page.locator(".sl-clock")).to_contain_text("The time is over")
    answer_rightly(forms[3])
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator(".sl-report")).to_contain_text("3 of 20 right in time, 4 answered.")
