"""Sessions in signed tokens: against PyJWT, and after a log out."""

import math

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.token_sessions import (
    InvalidTokenError,
    TokenSessions,
    signed_token,
    verified_claims,
)


def test_a_published_token():
    """The example of jwt.io, signed with HS256."""
    claims = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}
    token = signed_token(claims, b"your-256-bit-secret")
    assert token == (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
        ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    )
    assert verified_claims(token, b"your-256-bit-secret") == claims


def test_tokens_are_those_of_pyjwt():
    jwt = pytest.importorskip("jwt")
    key, claims = b"k" * 32, {"sub": "ann", "data": {"cart": ["bücher", 3.5, None]}}
    assert jwt.decode(signed_token(claims, key), key, algorithms=["HS256"]) == claims
    assert verified_claims(jwt.encode(claims, key, algorithm="HS256"), key) == claims


def test_a_token_that_was_tampered_with_is_refused():
    token = signed_token({"sub": "ann"}, b"secret")
    header, _, signature = token.split(".")
    forged = signed_token({"sub": "root"}, b"guess").split(".")[1]
    for bad in (f"{header}.{forged}.{signature}", token[:-1], "", "a.b.c", None, "ä.b.c"):
        with pytest.raises(InvalidTokenError, match="token must be a token signed with this key"):
            verified_claims(bad, b"secret")
    with pytest.raises(InvalidTokenError):
        verified_claims(token, b"another")
    with pytest.raises(InvalidTokenError, match="be a token of a session"):
        TokenSessions(VirtualClock(), b"secret").open(token)


def test_a_token_carries_its_session_with_each_request():
    """sl-larger-requests: a session of 640 bytes makes a token four thirds as long and more."""
    sessions = TokenSessions(VirtualClock(), b"secret")
    sessions.save("ann", {})
    small = len(sessions.token_of("ann"))
    sessions.save("ann", {"blob": "x" * (640 - len('{"blob":""}'))})
    assert len(sessions.token_of("ann")) - small == pytest.approx(638 * 4 / 3, abs=2)
    assert 100 < small < 180


def test_a_stolen_token_outlives_the_log_out_by_half_its_lifetime_on_average():
    rng, exposed_s = np.random.default_rng(3), []
    for _ in range(500):
        sessions = TokenSessions(VirtualClock(), b"secret", ttl_s=1_800.0)
        sessions.save("ann", {})
        stolen = sessions.token_of("ann")
        sessions.clock.advance(rng.uniform(0, 1_800))
        sessions.delete("ann")
        began = sessions.clock.now_s
        while sessions.open(stolen) is not None:
            sessions.clock.advance(10.0)
        exposed_s.append(sessions.clock.now_s - began)
    assert np.mean(exposed_s) == pytest.approx(905, abs=4 * 520 / math.sqrt(500))


def test_who_has_no_token_is_named():
    sessions = TokenSessions(VirtualClock(), b"secret")
    with pytest.raises(ValueError, match="session_id must have a token"):
        sessions.token_of("ann")
