"""Experiments of the chapter on serialization."""

from scalelab.course.chapters.serialization import experiments, formats


def test_the_session_is_the_same_for_a_seed_and_differs_between_seeds():
    assert formats.session_object(1) == formats.session_object(1)
    assert formats.session_object(1) != formats.session_object(2)
    assert experiments.lint_session(formats.session_object(5)) == []


def test_the_lint_names_each_fault():
    session = {"profile": [{"Email": "x"}], "pad": "y" * 5_000}
    faults = experiments.lint_session(session)
    assert [fault.split(":")[0].split(" ")[0] for fault in faults] == ["5,040", "no", "Email"]


def test_an_old_program_that_rebuilds_loses_the_coupon():
    text = experiments.survives_old_reader().text
    assert "rebuilt from known fields | lost" in text
    assert text.count("SPRING") == 2


def test_only_pickle_calls_a_function():
    assert experiments.bytes_that_act() == ["pickle"]


def test_on_valkey_tells_memory_or_how_to_get_a_server():
    text = experiments.on_valkey(sessions=3).text
    assert "held by the server" in text or "install" in text


def test_the_picture_has_its_parts():
    assert len(experiments.flow_picture().axes) == 1


def test_a_cart_is_gone_when_its_lifetime_is_over():
    import numpy as np

    assert experiments.carts_lost(np.random.default_rng(1), ttl_s=1e9, users=50) == 0
    assert experiments.carts_lost(np.random.default_rng(1), ttl_s=1e-3, users=50) == 1
