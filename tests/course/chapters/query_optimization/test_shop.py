"""The lab's shop: right answers, planted defects, and a meter."""

import pytest

from scalelab.course.chapters.query_optimization import shop
from scalelab.course.examine import UnansweredError
from scalelab.course.values import NotThatError
from scalelab.real.limits import TheirError


def test_the_old_shop_is_right_and_over_the_budget_everywhere():
    for seed in range(4):
        went = shop.played(shop.OldShop, seed)
        assert all(got == right for _, _, got, right, _ in went["asked"])
        assert (went["more"], went["lost"], went["other"]) == (0, [], [])
        over = {
            name
            for name, _, _, _, counts in went["asked"]
            if counts[shop.BUDGET[name][0]] > shop.BUDGET[name][1]
        }
        assert over == set(shop.BUDGET)


def test_what_is_asked_meets_every_case():
    went = shop.played(shop.OldShop, 0)
    answers = {}
    for name, _, _, right, _ in went["asked"]:
        answers.setdefault(name, []).append(right)
    assert 0 in answers["day_total"]
    assert max(answers["day_total"]) > 0
    assert any(name is None for _, name in answers["page"][0])
    assert any(name is not None for _, name in answers["page"][0])
    assert answers["page"][1] == []
    assert answers["titles"][0][-1].startswith("the newest")
    first, second = answers["latest"][0][:2]
    assert first == second + 1  # of the same time


def test_the_statistics_are_old_until_they_are_made_anew():
    old, new = shop.opened(1), shop.opened(1)
    new.execute("analyze")
    plans = []
    for db in (old, new):
        query = "select count(*) from events where kind = 'failed' and user = 3"
        plans.append(db.execute(f"explain query plan {query}").fetchone()[3])
    assert "of_kind" in plans[0]
    assert "of_user" in plans[1]


def test_the_meter_counts_statements_steps_and_bytes():
    meter = shop.Meter(shop.opened(0))
    before = dict(meter.counts)
    assert meter.rows("select 'four', ?", 1) == [("four", 1)]
    counted = meter.since(before)
    assert (counted["statements"], counted["bytes"]) == (1, 12)
    assert counted["steps"] > 0


def test_a_copy_is_a_copy():
    db = shop.opened(2)
    db.execute("delete from orders")
    kept = shop.ORDERS - shop.ORDERS // shop.EVERY
    assert shop.opened(2).execute("select count(*) from orders").fetchone() == (kept,)


class Half(shop.OldShop):
    """Answers one method by what it is given."""

    answer = ...

    def latest(self, customer):
        return self.answer


def test_stubs_and_nonsense_are_named():
    with pytest.raises(UnansweredError):
        shop.played(Half, 0)
    for nonsense in ("text", 3, {1: 2}):
        made = type("Made", (Half,), {"answer": nonsense})
        with pytest.raises(NotThatError):
            shop.played(made, 0)


def test_what_is_made_and_lost_is_seen():
    class Busy(shop.OldShop):
        def __init__(self, db):
            super().__init__(db)
            db.rows("create index more on orders(amount)")
            db.rows("drop index of_kind")
            db.rows("create table sums(day text)")

    went = shop.played(Busy, 0)
    assert (went["more"], went["lost"], went["other"]) == (1, ["of_kind"], ["sums"])


def test_an_index_that_is_made_anew_otherwise_is_lost_and_changed_rows_are_seen():
    class Rebuilds(shop.OldShop):
        def __init__(self, db):
            super().__init__(db)
            db.rows("drop index of_user")
            db.rows("create index of_user on events(user, kind)")
            db.rows("delete from customers where id = 3")
            db.rows("create temp table mine(id int)")

    went = shop.played(Rebuilds, 0)
    assert went["lost"] == ["of_user"]
    assert went["changed"] == ["customers"]
    assert went["other"] == ["mine"]
    assert shop.played(shop.OldShop, 0)["changed"] == []


@pytest.mark.parametrize(
    ("statement", "lost", "more"),
    [
        ("drop table documents", ["documents"], 0),
        ("alter table documents drop column body", ["documents"], 0),
        ("create unique index one on orders(created) where created > '2026-11'", [], 1),
    ],
)
def test_a_shop_into_which_no_news_can_come_is_told(statement, lost, more):
    class Closed(shop.OldShop):
        def __init__(self, db):
            super().__init__(db)
            db.rows(statement)

    went = shop.played(Closed, 0)
    assert (went["lost"], went["more"], went["changed"], went["asked"]) == (lost, more, [], [])
    assert went["refused"]
    assert not shop.played(shop.OldShop, 0)["refused"]


def test_nothing_is_no_list_of_rows():
    class Silent(shop.OldShop):
        def titles(self):
            return None

    with pytest.raises(NotThatError) as refused:
        shop.played(Silent, 0)
    assert "`return`" in refused.value.why


def test_what_is_right_changes_with_each_round():
    went = shop.played(shop.OldShop, 0)
    names = {
        name
        for (name, _, _, right, _), before in zip(went["asked"], went["before"], strict=True)
        if right != before
    }
    assert names == set(shop.BUDGET)


class Endless(shop.OldShop):
    def titles(self):
        while True:
            self.db.rows("select 1")


class NeverDone(shop.OldShop):
    def titles(self):
        self.db.rows("with recursive n(i) as (select 1 union all select i + 1 from n) "
                     "select max(i) from n")  # fmt: skip


@pytest.mark.parametrize(("made", "words"), [(Endless, "loop"), (NeverDone, "ever end")])
def test_a_shop_that_never_ends_is_stopped(made, words, monkeypatch):
    monkeypatch.setattr(shop, "MOST_STEPS", 100_000)
    with pytest.raises(TheirError) as stopped:
        shop.played(made, 0)
    assert isinstance(stopped.value.error, shop.EndlessError)
    assert words in str(stopped.value.error)


def test_the_slow_statement_reads_all_of_a_kind():
    assert shop.old_steps("failures") > 10_000
