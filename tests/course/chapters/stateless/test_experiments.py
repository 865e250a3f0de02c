import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.stateless import cart_service as carts
from scalelab.course.chapters.stateless import experiments
from scalelab.plotting import canvas


def test_one_user_has_three_carts():
    clicks = experiments.three_carts(9)
    assert [known for _, known, _ in clicks] == [False] * 3 + [True] * 6
    assert [items for _, _, items in clicks[-3:]] == [[1, 4, 7], [2, 5, 8], [3, 6, 9]]
    assert len({server for server, _, _ in clicks}) == 3


def test_the_picture_of_the_carts_has_every_click():
    _, ax = canvas()
    experiments.plot_three_carts(ax, experiments.three_carts(9))
    assert sorted(len(line.get_xdata()) for line in ax.lines) == [3, 6]
    assert [text.get_text() for text in ax.texts][-1] == "3, 6, 9"


def test_a_session_has_as_many_bytes_as_asked():
    import json

    for size in (16, 640, 4_096):
        assert len(json.dumps(experiments.session_claims(size), separators=(",", ":"))) == size
    with pytest.raises(
        ValueError, match="session_claims: size_bytes must be an integer >= 16, got 9"
    ):
        experiments.session_claims(9)


def test_tokens_can_be_read_and_are_signed():
    import jwt

    token = experiments.token(experiments.small_claims())
    options = {"verify_exp": False, "verify_iat": False}
    read = jwt.decode(token, carts.KEY, algorithms=["HS256"], options=options)
    assert read == experiments.small_claims()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, "another key of at least thirty-two bytes", algorithms=["HS256"])


@pytest.mark.parametrize("load", [0.5, 0.9])
def test_the_explorer_of_policies_says_its_numbers(load):
    _, ax = canvas()
    text = experiments.draw_policies(ax, load)
    values = [bar.get_width() for bar in ax.patches]
    assert values == sorted(values, reverse=True)
    assert f"shortest of all {values[-1]:.2f}" in text


def test_the_explorer_of_tokens_says_its_numbers():
    _, ax = canvas()
    text = experiments.draw_token(ax, 640, 1_000)
    assert "token of 935 bytes" in text
    assert "7.2 Mbit/s more" in text


def test_pictures_and_tables():
    for picture in (experiments.stateless_picture, experiments.stateful_picture):
        assert len(picture().axes) == 1
    assert "| 935 |" in experiments.header_table().text
    text = experiments.time_table(repeats=3).text
    assert "dictionary in memory" in text or "install" in text


@pytest.mark.parametrize(("policy", "quieter"), [("random", 0.9), ("join_shortest_queue", 0.2)])
def test_a_common_line_of_the_same_requests_takes_noise_out(policy, quieter):
    seeds = range(12)
    plain, steadier = (
        [response(np.random.default_rng(s), policy, 0.9, requests=100_000) for s in seeds]
        for response in (experiments.routed_response, experiments.steadier_response)
    )
    assert np.std(steadier) < quieter * np.std(plain)
    if policy == "random":
        assert standard_errors_off(steadier, experiments.theory_of(policy, 0.9)) < 4
        assert standard_errors_off(steadier, 1.1 * experiments.theory_of(policy, 0.9)) > 4
