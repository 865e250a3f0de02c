"""Plan files: what they say, and where they are wrong."""

import pytest
from support.tree import ROOT

from scalelab.models.system_parts import AppTier, Cache, Demand, System
from scalelab.planner.autoscaled_fleet import Autoscaler
from scalelab.planner.client_retries import Clients
from scalelab.planner.plan_file import PlanFileError, read_plan
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices

EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))


def read(tmp_path, text):
    file = tmp_path / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return read_plan(file)


def test_a_file_is_the_classes_it_names(tmp_path):
    plan = read(
        tmp_path,
        "[demand]\nrate_per_s = 300\n[cache]\ncapacity = 50\n[prices]\nnode_usd = 1\n"
        "[clients]\nretries = 2\n[remedies]\nsizes = [4, 8]\nautoscaler_days = 3\n",
    )
    assert plan.system == System(demand=Demand(rate_per_s=300), cache=Cache(capacity=50))
    assert plan.prices == Prices(node_usd=1)
    assert plan.clients == Clients(retries=2)
    assert plan.menu == RemedyMenu(sizes=(4, 8), autoscaler_days=3)
    assert plan.habits is plan.rates_per_s is plan.autoscaler is None


def test_users_make_the_rate(tmp_path):
    plan = read(tmp_path, "[users]\nusers = 432_000\n")
    assert plan.system.demand.rate_per_s == pytest.approx(plan.habits.peak_rate_per_s)
    assert plan.system.demand.rate_per_s == pytest.approx(170)
    assert plan.rates_per_s == tuple(plan.habits.rates_by_hour())


def test_hours_of_a_day_make_the_rate(tmp_path):
    hours = [100 + hour for hour in range(24)]
    plan = read(tmp_path, f"[demand]\nkeys = 50\nby_hour = {hours}\n")
    assert plan.system.demand == Demand(rate_per_s=123.0, keys=50)
    assert plan.rates_per_s == tuple(hours)
    assert plan.habits is None


def test_an_autoscaler_sets_the_servers(tmp_path):
    plan = read(
        tmp_path, "[demand]\nrate_per_s = 300\n[app]\ncores = 2\n[autoscaler]\nmax_servers = 9\n"
    )
    assert plan.autoscaler == Autoscaler(max_servers=9)
    assert plan.system.app == AppTier(servers=9, cores=2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[demand]\nrate_per_s = \n", r"plan\.toml: .*line 2"),
        ("[demand]\nrate_per_s = 5\n[cash]\nx = 1\n", r"line 3: \[cash\] is no table .* cache"),
        ("demand = 3\n", r"line 1: \[demand\] is no table"),
        (
            "[demand]\nrate_per_s = 5\n\n[cache]\n# room\ncapasity = 3\n",
            r"line 6: \[cache\] has no capasity; allowed are capacity, ttl_s",
        ),
        ("[demand]\nrate_per_s = 5\n[cache]\nttl_s = 3\n", r"line 3: \[cache\] needs capacity"),
        ("[demand]\nkeys = 5\n", r"line 1: \[demand\] needs rate_per_s or by_hour, or"),
        ("", r"plan\.toml: \[demand\] needs rate_per_s or by_hour, or"),
        (
            f"[demand]\n\nby_hour = {[1] * 23}\n",
            r"line 3: \[demand\] by_hour must be a list of 24 rates > 0, got 23",
        ),
        ("[demand]\nby_hour = 5\n", r"line 2: .* must be a list of 24 rates > 0, got 5"),
        (
            f"[demand]\nby_hour = {[1] * 23 + [0]}\n",
            r"line 2: \[demand\] by_hour must be rates > 0, got 0 in hour 23",
        ),
        (f"[demand]\nby_hour = {[1] * 23 + ['x']}\n", r"got 'x' in hour 23"),
        (
            f"[demand]\nrate_per_s = 3\nby_hour = {[1] * 24}\n",
            r"line 3: by_hour stands beside rate_per_s; drop one",
        ),
        (
            f"[users]\nusers = 5\n[demand]\nby_hour = {[1] * 24}\n",
            r"line 4: by_hour stands beside \[users\]",
        ),
        (
            "[demand]\nrate_per_s = 5\nrate = 3\n",
            r"line 3: \[demand\] has no rate; allowed are rate_per_s, .*, work_scv, by_hour",
        ),
        (
            "[demand]\nrate_per_s = 5\n[autoscaler]\nmax_servers = 3\n[app]\nservers = 2\n",
            r"line 6: servers stands beside \[autoscaler\], which sets them; drop one",
        ),
        (
            "[demand]\nrate_per_s = 5\n[autoscaler]\n\nmin_servers = 4\nmax_servers = 3\n",
            r"line 5: \[autoscaler\] min_servers must be",
        ),
        ("[demand]\nrate_per_s = 5\n[autoscaler]\n", r"line 3: \[autoscaler\] needs max_servers"),
        (
            "[demand]\nrate_per_s = 5\n[autoscaler]\nmax_servers = 3\ntarget = 1.2\n",
            r"line 5: \[autoscaler\] target must",
        ),
        (
            "[demand]\nrate_per_s = 5\n[clients]\nretries = 1\ndisturbed_times = 1\n",
            r"line 5: \[clients\] disturbed_times must be > 1, got 1",
        ),
        ("[demand]\nrate_per_s = -5\n", r"line 2: \[demand\] rate_per_s must .* > 0, got -5"),
        (
            "[demand]\nrate_per_s = 5\n[app]\nrouting = 'best'\n",
            r"line 4: \[app\] routing must be one of random, fewest outstanding, got 'best'",
        ),
        ("[users]\nusers = 5\n[demand]\nrate_per_s = 3\n", r"line 4: rate_per_s stands beside"),
        ("[demand]\nrate_per_s = 5\n[app]\nservers = 2.5\n", r"line 4: \[app\] servers must be"),
    ],
)
def test_an_error_has_its_line_and_what_is_allowed(tmp_path, text, told):
    with pytest.raises(PlanFileError, match=told):
        read(tmp_path, text)


def test_there_are_examples_of_three_sizes():
    assert [file.stem for file in EXAMPLES] == ["large", "medium", "small"]
    rates = {file.stem: read_plan(file).system.demand.rate_per_s for file in EXAMPLES}
    assert 10 * rates["small"] < rates["medium"] < rates["large"]
