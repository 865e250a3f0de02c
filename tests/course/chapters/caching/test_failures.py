import pytest

from scalelab.course.chapters.caching import failures
from scalelab.plotting import canvas


def test_each_stampede_has_its_own_remedy():
    hot = {name: failures.hot_key(name) for name in failures.REMEDIES}
    assert hot["nothing"] == pytest.approx(51, rel=0.1)
    assert hot["jitter of 10 %"] == pytest.approx(51, rel=0.1)
    assert hot["single flight"] == 1
    assert 1 < hot["early, at random"] < 5
    peaks = {name: failures.mass_expiry(name) for name in ("nothing", "jitter of 10 %")}
    assert peaks["jitter of 10 %"] < peaks["nothing"] / 8
    assert failures.mass_expiry("single flight") > 0.9 * peaks["nothing"]
    assert failures.remedies_table().text.count("\n") == len(failures.REMEDIES)


def test_a_flush_does_not_heal_and_three_remedies_do():
    assert failures.flush_run(flush_s=1e9).mean_answered(100, 160) == 1
    as_it_is = failures.flush_run()
    assert as_it_is.mean_answered(20, 40) == 1
    assert as_it_is.mean_answered(100, 160) == 0 == as_it_is.hits[100:160].max()
    assert failures.flush_run(together=True).mean_answered(100, 160) < 0.5
    for remedy in ({"together": True, "kept": True}, {"together": True, "shed": True}):
        assert failures.flush_run(**remedy).mean_answered(60, 160) == pytest.approx(1, abs=1e-3)
    assert failures.flush_run(database_per_s=300.0).mean_answered(100, 160) == 1
    _, ax = canvas()
    assert failures.plot_flush(ax) is ax
