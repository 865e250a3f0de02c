import pytest

from scalelab.course.controls import Quantity, Selector, Switch
from scalelab.quantities import percent


def test_a_quantity_shows_its_unit_and_starts_at_a_value():
    control = Quantity("round trip", [0.5, 1_000.0], unit="ms", start=1_000.0)
    assert [text.replace("\u00a0", " ") for text, _ in control.options] == ["0.5 ms", "1,000 ms"]
    assert [value for _, value in control.options] == [0.5, 1_000.0]
    assert control.first == 1


def test_a_share_may_be_shown_in_per_cent():
    control = Quantity("busy", [0.5, 0.9], shown=percent)
    assert [text.replace("\u00a0", " ") for text, _ in control.options] == ["50 %", "90 %"]


def test_a_choice_has_names_and_a_switch_is_off_or_on():
    choice = Selector("code", {"JSON": "json", "pickle": "p"}, start="pickle")
    assert (choice.options, choice.first) == ([("JSON", "json"), ("pickle", "p")], 1)
    assert Switch("gzip", start=True).first == 1
    assert Switch("gzip").options == [("off", False), ("on", True)]


@pytest.mark.parametrize("values", [["a", "b"], [False, True], [1, "many"]])
def test_what_is_no_number_is_no_quantity(values):
    with pytest.raises(
        ValueError, match=r"Quantity: values must be numbers, .* a Selector, yes and"
    ):
        Quantity("n", values)


def test_values_stand_in_order():
    with pytest.raises(ValueError, match="Quantity: values must be in order"):
        Quantity("n", [2, 1])


@pytest.mark.parametrize(
    "make", [lambda v: Quantity("n", v), lambda v: Selector("n", dict.fromkeys(v))]
)
@pytest.mark.parametrize("values", [[], [1]])
def test_one_value_needs_no_control(make, values):
    with pytest.raises(ValueError, match="values must be two or more"):
        make(values)


def test_a_start_is_one_of_the_values():
    with pytest.raises(ValueError, match=r"Quantity: start must be one of \[1, 2\], got 3"):
        Quantity("n", [1, 2], start=3)
    with pytest.raises(ValueError, match=r"Selector: start must be one of \['a', 'b'\], got 'c'"):
        Selector("n", {"a": 1, "b": 2}, start="c")
