import numpy as np
import pytest

from scalelab.course.chapters.write_sharding import experiments, tasks
from scalelab.models.imbalance import peak_to_mean
from scalelab.plotting import canvas
from scalelab.workloads.popularity import zipf_popularity


def test_the_picture_is_drawn():
    assert len(experiments.shards_picture().axes) == 1


def test_each_cut_is_good_at_what_its_key_says():
    cuts = experiments.four_cuts()
    assert [cut["range"] for cut in cuts.values()] == [1, 3, 3, 3]
    assert [cut["city"] for cut in cuts.values()] == [3, 3, 1, 3]
    assert [cut["join"] for cut in cuts.values()] == [1, 1, 1, 3]
    by_range, by_hash, by_region, by_table = (cut["capacity"] for cut in cuts.values())
    assert by_range == 1
    assert by_table == pytest.approx(1 / 0.7)
    assert 1.6 < by_region < 2.4  # a region of one half, drawn for sixty users
    assert 2.5 < by_hash <= 3
    assert "hash of the user id | 2.9 | 1 | 3 | 3" in experiments.cuts_table().text


@pytest.mark.parametrize("shards", [3, 10])
@pytest.mark.parametrize("inserts", [0.0, 0.3, 1.0])
def test_the_capacity_of_ranges_is_one_over_the_busiest_share(inserts, shards):
    shares = np.full(shards, (1 - inserts) / shards)
    shares[-1] += inserts
    expected = shards / peak_to_mean(shares)
    assert experiments.range_capacity(inserts, shards) == pytest.approx(expected)


def test_only_ids_whose_last_bits_stand_still_need_a_hash():
    lines = experiments.ids_table(np.random.default_rng(1)).text.splitlines()[1:]
    by_id, by_hash = zip(
        *([float(x) for x in line.split(" | ")[1:]] for line in lines), strict=True
    )
    assert by_id[0] == 1
    assert by_id[1] > 3.5
    assert by_id[2] < 1.1
    assert max(by_hash) < 1.1


def test_the_busiest_by_hash_against_one_hash_after_the_other():
    loads, rng = zipf_popularity(30, 1.0), np.random.default_rng(4)
    slow = [
        peak_to_mean(np.bincount(rng.integers(0, 5, 30), weights=loads, minlength=5))
        for _ in range(4_000)
    ]
    fast = experiments.busiest_by_hash(loads, 5)
    assert fast.min() >= 5 * loads[0]
    assert fast.mean() == pytest.approx(np.mean(slow), abs=0.05)
    assert np.quantile(fast, 0.95) == pytest.approx(np.quantile(slow, 0.95), abs=0.15)


def test_the_band_is_that_of_random_hashes():
    low, middle, high = experiments.band(100, 10)
    peaks = experiments.busiest_by_hash(zipf_popularity(100, 1.0), 10)
    expected = np.quantile(peaks, [0.05, 0.5, 0.95])
    assert [low, middle, high] == pytest.approx(expected, abs=0.3)


@pytest.mark.parametrize("tenants", [100, 1_000])
def test_lines_help_and_never_below_the_largest_tenant(tenants):
    peaks = [max(experiments.by_lines(tenants, 10, lines)) for lines in (0, 1, 10, 100)]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[-1] >= 10 * zipf_popularity(tenants, 1.0)[0] - 1e-3
    assert sum(experiments.by_lines(tenants, 10, 3)) == pytest.approx(10)


def test_the_words_of_the_lines():
    said = experiments.draw_lines(canvas()[1], 100, 1)
    assert "100 tenants, 1 line in the directory: the busiest shard has 2.22 times the mean" in said
    assert "as much as 4.5" in said


def test_the_task_of_the_lines():
    right = [n for n in (0, 1, 3, 10, 30, 100) if tasks.LINES.right(1_000, n)]
    assert right == [30, 100]
    assert not tasks.LINES.right(10_000, 100)


def test_the_task_of_the_slow_half():
    right = [n for n in (1, 3, 10, 30, 68, 69, 70, 100) if tasks.HALF_SLOW.right(n)]
    assert right == [69, 70, 100]


def test_the_years():
    for start, growth in ((10, 2), (100, 2), (10, 10)):
        years = experiments.years_until(start, growth)
        assert start * growth**years == pytest.approx(experiments.LIMIT_PER_S)
    peak_per_s = experiments.USERS_BY_WRITES * 0.2 * 50 * 0.1 * 5 / 86_400
    assert peak_per_s == pytest.approx(10_000)
    bytes_a_year = experiments.USERS_BY_SIZE * 365e3
    assert bytes_a_year == pytest.approx(2e12)


@pytest.mark.parametrize("plot", ["plot_band", "plot_growth"])
def test_what_is_drawn(plot):
    _, ax = canvas()
    assert getattr(experiments, plot)(ax) is ax
