"""Sessions that the client carries in a signed token, so that no server keeps any."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import clock_of, text
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.sessions.session import SessionData, SessionStats, session_data

_HEADER = {"alg": "HS256", "typ": "JWT"}


class InvalidTokenError(ValueError):
    """The token was not signed with this key, or is none."""


def signed_token(claims: dict[str, Any], key: bytes) -> str:
    """Sign claims as a JSON Web Token with HMAC-SHA-256.

    Parameters
    ----------
    claims : dict
        What the token says; JSON must be able to hold it.
    key : bytes
        The secret of all servers, not empty.

    Returns
    -------
    str
        Header, claims and signature in base64url, with dots between: anybody can read it, only
        who has the key can make one.

    References
    ----------
    RFC 7519, "JSON Web Token", and RFC 7515, "JSON Web Signature".

    Examples
    --------
    >>> token = signed_token({"sub": "ann"}, b"secret")
    >>> token.split(".")[:2]
    ['eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', 'eyJzdWIiOiJhbm4ifQ']
    """
    name = "signed_token"
    if not isinstance(claims, dict):
        v.refuse(name, "claims", "be a dictionary", claims)
    _check_key(name, key)
    try:
        payload = json.dumps(claims, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError):
        v.refuse(name, "claims", "be something that JSON can hold", claims)
    header = json.dumps(_HEADER, separators=(",", ":"))
    signed = f"{_encoded(header.encode())}.{_encoded(payload.encode())}"
    return f"{signed}.{_signature(signed, key)}"


def verified_claims(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token, after a look at its signature; its expiry is not looked at.

    Parameters
    ----------
    token : str
        Made by `signed_token`.
    key : bytes
        The key that it was signed with.

    Raises
    ------
    InvalidTokenError
        The signature does not fit, or it is no token.

    Examples
    --------
    >>> verified_claims(signed_token({"sub": "ann"}, b"secret"), b"secret")
    {'sub': 'ann'}
    """
    _check_key("verified_claims", key)
    parts = token.split(".") if isinstance(token, str) and token.isascii() else []
    rule = "be a token signed with this key"
    if len(parts) != 3:
        v.refuse("verified_claims", "token", rule, token, error=InvalidTokenError)
    if not hmac.compare_digest(parts[2], _signature(".".join(parts[:2]), key)):
        v.refuse("verified_claims", "token", rule, token, error=InvalidTokenError)
    return json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))


class TokenSessions:
    """Sessions in tokens that clients carry; a client's jar is part of the fake.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes; signing and looking take none.
    key : bytes
        The secret of all servers.
    ttl_s : float
        Lifetime of a token in seconds, > 0. A save issues a new one; a load does not.

    Notes
    -----
    A log-out only empties the client's jar: whoever has copied a token goes on using it until it
    expires, on average half its lifetime.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> sessions = TokenSessions(clock, b"secret", ttl_s=1800)
    >>> sessions.save("ann", {"role": "admin"})
    >>> stolen = sessions.token_of("ann")
    >>> sessions.delete("ann")
    >>> sessions.load("ann"), sessions.open(stolen)
    (None, {'role': 'admin'})
    """

    def __init__(
        self,
        clock: VirtualClock,
        key: bytes,
        *,
        ttl_s: float = 1_800.0,
    ) -> None:
        name = "TokenSessions"
        self.clock = clock_of(name, clock)
        self._key = _check_key(name, key)
        self.ttl_s = v.number(name, "ttl_s", ttl_s)
        self._jars: dict[str, str] = {}
        self._stats = SessionStats()

    def load(self, session_id: str) -> SessionData | None:
        """Return what the client's token says; None without a token, or with an expired one."""
        self._stats.loads += 1
        token = self._jars.get(text("TokenSessions.load", "session_id", session_id))
        data = None if token is None else self.open(token)
        self._stats.missing += data is None
        return data

    def save(self, session_id: str, data: SessionData) -> None:
        """Issue a token with data that JSON can hold to the client's jar; older ones stay valid."""
        text("TokenSessions.save", "session_id", session_id)
        session_data("TokenSessions.save", data)
        now_s = self.clock.now_s
        claims = {"sub": session_id, "iat": now_s, "exp": now_s + self.ttl_s, "data": data}
        self._stats.saves += 1
        claims["jti"] = self._stats.saves  # two tokens of one moment differ
        self._jars[session_id] = signed_token(claims, self._key)

    def update(
        self, session_id: str, change: Callable[[SessionData | None], SessionData]
    ) -> SessionData:
        """Load, change and save in one request; two tabs overwrite each other's token."""
        if not callable(change):
            v.refuse("TokenSessions.update", "change", "be a function of the data", change)
        new = change(self.load(session_id))
        self.save(session_id, new)
        return copy.deepcopy(new)

    def delete(self, session_id: str) -> None:
        """Empty the client's jar; whoever has a copy of the token keeps it."""
        self._jars.pop(text("TokenSessions.delete", "session_id", session_id), None)

    def token_of(self, session_id: str) -> str:
        """Return the token in a client's jar, as a thief would copy it.

        Raises
        ------
        ValueError
            The client has none.
        """
        token = self._jars.get(text("TokenSessions.token_of", "session_id", session_id))
        if token is None:
            v.refuse("TokenSessions.token_of", "session_id", "have a token", session_id)
        return token

    def open(self, token: str) -> SessionData | None:
        """Return what a token says, whoever shows it; None if it expired.

        Raises
        ------
        InvalidTokenError
            The signature does not fit.
        """
        claims = verified_claims(token, self._key)
        if not {"sub", "exp", "data"} <= claims.keys():
            rule = "be a token of a session"
            v.refuse("TokenSessions.open", "token", rule, token, error=InvalidTokenError)
        return None if claims["exp"] <= self.clock.now_s else claims["data"]

    def stats(self) -> SessionStats:
        """Return the books so far."""
        return SessionStats(**vars(self._stats))

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        ensure(self._stats.missing <= self._stats.loads, "more misses than loads")
        for session_id, token in self._jars.items():
            owner = verified_claims(token, self._key)["sub"]
            ensure(owner == session_id, "a token in another client's jar")


def _check_key(function: str, key: bytes) -> bytes:
    if not isinstance(key, bytes) or not key:
        v.refuse(function, "key", "be bytes, not empty", key)
    return key


def _signature(signed: str, key: bytes) -> str:
    return _encoded(hmac.new(key, signed.encode(), hashlib.sha256).digest())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
