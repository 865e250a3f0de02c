"""Experiments of the chapter on serialization: sizes, old and new programs, bytes that act."""

from __future__ import annotations

import json
import os
import pickle
import re
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.chapters.serialization.formats import payloads
from scalelab.course.chapters.serialization.rollout import Rollout
from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.extras import require
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.session_store import SessionStore
from scalelab.plotting import GREEN, ORANGE
from scalelab.real.codecs import (
    HOW_TO_GET_FORMATS,
    Codec,
    Field,
    codecs,
    message_class,
)
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError

PERSONAL = re.compile(r"pass(word|wd)|secret|card|cvv|iban|ssn|birth|email|phone|address", re.I)
LARGEST_SESSION = 4_096  # bytes


def flow_picture() -> Figure:
    """Draw an object on its way through a store to another version of the program."""
    boxes = {
        "old": Box(x=0, y=0, text="version 1\nan object", width=1.8, height=0.9),
        "store": Box(x=3.4, y=0, text="session store\nbytes", colour=GREEN, width=1.9, height=0.9),
        "new": Box(x=6.8, y=0, text="version 2\nan object", colour=ORANGE, width=1.8, height=0.9),
    }
    arrows = [
        Arrow(start="old", end="store", text="encode"),
        Arrow(start="store", end="new", text="decode"),
    ]
    return diagram(boxes, arrows, height=1.6)


def lost_after(requests: int, old_share: float) -> float:
    """Share of sessions that lose a new field while two versions of a program run, 1 - (1 - p)^k.

    Each of a session's requests writes it back; a share p of the servers runs the old version,
    which drops what it does not know.
    """
    return 1 - (1 - old_share) ** v.count("lost_after", "requests", requests, minimum=0)


def rolling_deploy(
    rng: np.random.Generator, requests: int, old_share: float, sessions: int = 4_000
) -> float:
    """Simulate sessions that meet old and new servers; return the share that lost a field.

    Every write really encodes to JSON and back; the old program rebuilds the object from the
    fields that it knows.
    """
    names = [str(i) for i in range(sessions)]
    rollout = Rollout(("old", "new"), names)
    rollout.update("new")
    for name in names:
        for old in rng.random(requests) < old_share:
            rollout.request(name, "old" if old else "new")
    return rollout.lost / sessions


def survives_old_reader() -> Html:
    """Pass a session of version 2 through a program of version 1, in each way."""
    new = {"user_id": 7, "coupon": "SPRING"}
    rebuilt = json.loads(json.dumps({"user_id": json.loads(json.dumps(new))["user_id"]}))
    kept = json.loads(json.dumps(new)) | {"user_id": 8}
    found = {
        "JSON, object rebuilt from known fields": rebuilt.get("coupon", "lost"),
        "JSON, object changed in place": kept["coupon"],
    }
    try:
        first = (Field(name="user_id", number=1, kind="int64"),)
        second = (*first, Field(name="coupon", number=2, kind="string"))
        old_class, new_class = message_class("Session", first), message_class("Session", second)
    except ImportError:
        return note(HOW_TO_GET_FORMATS)
    held = old_class.FromString(new_class(**new).SerializeToString())
    held.user_id = 8
    again = new_class.FromString(held.SerializeToString())
    found["protobuf, unknown fields kept"] = again.coupon
    rows = [{"how": how, "coupon afterwards": coupon} for how, coupon in found.items()]
    return table(rows, "What an old reader does to a new field")


class Curious:
    """An object that, when unpickled, calls a function of the sender's choice."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("__import__('os').getpid()",))


def bytes_that_act() -> list[str]:
    """Decode bytes from a stranger in each format; return the formats that ran the sender's code.

    The call that the pickle makes is harmless.
    """
    ran = []
    for name, codec in codecs().items():
        hostile = pickle.dumps(Curious()) if name == "pickle" else codec.encode({"user_id": 42})
        if codec.decode(hostile) == os.getpid():
            ran.append(name)
    return ran


def lint_session(session: dict[str, Any]) -> list[str]:
    """Check a session against the practices: small, with an end, and nothing personal in it.

    Returned is what is wrong with it, in words.
    """
    faults = []
    size = len(json.dumps(session, default=str))
    if size > LARGEST_SESSION:
        faults.append(f"{size:,} bytes, more than {LARGEST_SESSION:,}")
    if "expires_s" not in session:
        faults.append("no expires_s: it would stay for ever")
    faults += [f"{name}: personal or secret" for name in _names(session) if PERSONAL.search(name)]
    return faults


def _names(value: Any) -> list[str]:
    """Every key of nested dictionaries and lists."""
    if isinstance(value, dict):
        own = [str(key) for key in value]
        return own + [name for inner in value.values() for name in _names(inner)]
    if isinstance(value, list):
        return [name for inner in value for name in _names(inner)]
    return []


def carts_lost(rng: np.random.Generator, ttl_s: float = 1_800.0, users: int = 2_000) -> float:
    """Share of carts that are gone when their users come back, after two hours on average.

    The times are exponential. The carts are in sessions of a store, with a lifetime of `ttl_s`.
    """
    clock = VirtualClock()
    store = SessionStore(clock, ttl_s=ttl_s, round_trip_s=0.0)
    for user in range(users):
        store.save(str(user), {"cart": [1, 2, 3]})
    lost = 0
    for user, back_s in enumerate(np.sort(rng.exponential(7_200.0, users)).tolist()):
        clock.run(back_s)
        lost += store.load(str(user)) is None
    return lost / users


def token_bytes() -> int:
    """Length of a signed token that carries a user, roles and a session's basics."""
    jwt = require("jwt", "formats")

    claims = {
        "iss": "https://login.example.com",
        "sub": "user-8842117",
        "aud": "shop-api",
        "iat": 1_790_000_000,
        "exp": 1_790_001_800,
        "jti": "5e0f3c0b9d7a4f6e8a1b2c3d4e5f6071",
        "name": "Alexandra Example",
        "roles": ["customer", "reviewer", "newsletter"],
        "permissions": ["cart:read", "cart:write", "orders:read", "orders:write", "reviews:write"],
        "tenant": "eu-west-shop-17",
        "locale": "en-GB",
    }
    return len(jwt.encode(claims, "a secret of at least thirty-two bytes", algorithm="HS256"))


def revoked_but_accepted(
    rng: np.random.Generator, lifetime_s: float, tokens: int = 20_000
) -> float:
    """Mean seconds for which a token is still accepted after its user was locked out.

    The moment of the lock-out is uniform in the life of the token.
    """
    issued = rng.uniform(0, 1e6, tokens)
    locked_out = issued + rng.uniform(0, lifetime_s, tokens)
    return float(np.mean(issued + lifetime_s - locked_out))


def on_valkey(sessions: int = 200) -> Html:
    """Keep the same sessions on a real server in each format, and ask it for their memory."""
    value, schema = payloads()["a shop's session"]
    try:
        with start_server() as server:
            client = server.client()
            rows = [
                _stored(client, name, codec, value, sessions)
                for name, codec in codecs(schema).items()
                if name != "orjson"
            ]
    except (RealComponentError, ImportError) as missing:
        return note(str(missing))
    return table(rows, "The same sessions on a real server")


def _stored(client: Any, name: str, codec: Codec, value: Any, sessions: int) -> dict[str, Any]:
    data = codec.encode(value)
    for i in range(sessions):
        client.set(f"{name}:{i}", data)
    held = client.memory_usage(f"{name}:0")
    return {
        "format": name,
        "sent, bytes": len(data),
        "held by the server, bytes": held,
        "sessions in 1 GiB, thousands": 2**30 / held / 1e3,
    }
