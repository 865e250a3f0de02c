from scalelab.real.calendar_time import DAY_S, now_s


def test_time_goes_on_and_a_day_has_its_seconds():
    assert now_s() <= now_s()
    assert DAY_S == 24 * 60 * 60
