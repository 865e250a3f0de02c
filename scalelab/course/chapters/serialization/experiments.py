"""Experiments of the chapter on serialization: sizes, old and new programs, bytes that act."""

from __future__ import annotations

import json
import os
import pickle
import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.extras import require
from scalelab.models.encoded_size import decimal_bytes, msgpack_integer_bytes, varint_bytes
from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, label, label_lines, plot_bars
from scalelab.real.codecs import (
    HOW_TO_GET_FORMATS,
    Codec,
    Field,
    codecs,
    message_class,
    sizes_bytes,
    times_s,
)
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError

TINY = {"user_id": 42, "cart_items": [1, 2, 3], "total": 99.99}
TINY_SCHEMA = (
    Field(name="user_id", number=1, kind="int64"),
    Field(name="cart_items", number=2, kind="int64", repeated=True),
    Field(name="total", number=3, kind="double"),
)
SESSION_SCHEMA = (
    Field(name="session_id", number=1, kind="string"),
    Field(name="user_id", number=2, kind="int64"),
    Field(name="created_s", number=3, kind="int64"),
    Field(name="expires_s", number=4, kind="int64"),
    Field(
        name="cart",
        number=5,
        kind="message",
        repeated=True,
        message=(
            Field(name="sku", number=1, kind="string"),
            Field(name="quantity", number=2, kind="int64"),
            Field(name="price_cents", number=3, kind="int64"),
        ),
    ),
    Field(
        name="preferences",
        number=6,
        kind="message",
        message=(
            Field(name="language", number=1, kind="string"),
            Field(name="currency", number=2, kind="string"),
            Field(name="dark", number=3, kind="bool"),
        ),
    ),
    Field(name="viewed", number=7, kind="int64", repeated=True),
)
PERSONAL = re.compile(r"pass(word|wd)|secret|card|cvv|iban|ssn|birth|email|phone|address", re.I)
LARGEST_SESSION = 4_096  # bytes


def session_object(seed: int = 2026) -> dict[str, Any]:
    """Make a session such as a shop keeps: five lines in the cart, twenty pages seen."""
    rng = np.random.default_rng(seed)
    return {
        "session_id": rng.bytes(16).hex(),
        "user_id": int(rng.integers(1, 10_000_000)),
        "created_s": 1_790_000_000 + int(rng.integers(0, 86_400)),
        "expires_s": 1_790_086_400 + int(rng.integers(0, 86_400)),
        "cart": [
            {
                "sku": f"SKU-{int(rng.integers(10_000, 99_999))}",
                "quantity": int(rng.integers(1, 5)),
                "price_cents": int(rng.integers(199, 19_999)),
            }
            for _ in range(5)
        ],
        "preferences": {"language": "en", "currency": "EUR", "dark": True},
        "viewed": [int(page) for page in rng.integers(1, 100_000, 20)],
    }


def float_list() -> list[float]:
    """Draw a thousand prices with two decimals, as a time series or a basket of them would hold."""
    cents = np.random.default_rng(2026).integers(0, 10_000, 1_000)
    return [int(c) / 100 for c in cents]


def payloads() -> dict[str, tuple[Any, tuple[Field, ...]]]:
    """Return the objects that the chapter measures, each with its schema."""
    text = "The customer asked whether the lamp also comes in a warmer white. " * 27
    return {
        "the guide's three fields": (TINY, TINY_SCHEMA),
        "a shop's session": (session_object(), SESSION_SCHEMA),
        "1,000 prices": (
            {"prices": float_list()},
            (Field(name="prices", number=1, kind="double", repeated=True),),
        ),
        "a long text": ({"text": text}, (Field(name="text", number=1, kind="string"),)),
    }


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


def size_table(payload: str) -> Html:
    """Show how many bytes one of the payloads takes in each format, plain and compressed."""
    value, schema = payloads()[payload]
    available = codecs(schema)
    found = sizes_bytes(value, available)
    plain = found["json"][0]
    return table(
        [
            {"format": name, "bytes": size, "÷ JSON": size / plain, "gzip, bytes": packed}
            for name, (size, packed) in found.items()
            if name != "orjson"  # the same text as json
        ],
        f"Bytes of {payload}, by format",
    )


def draw_sizes(ax: Axes, payload: str, packed: bool) -> str:
    """Draw the bytes of one of `payloads` in each format; after gzip if `packed`."""
    value, schema = payloads()[payload]
    available = codecs(schema)
    found = {
        codec: pair[int(packed)]
        for codec, pair in sizes_bytes(value, available).items()
        if codec != "orjson"
    }
    plot_bars(ax, found, colours=[BLUE if codec == "json" else ORANGE for codec in found])
    how = "after gzip" if packed else "plain"
    label(ax, x="bytes", title=f"{payload}, {how}")
    said = ", ".join(f"{n} {s:,}" for n, s in found.items())
    return f"Bytes of {payload}, {how}: {said}."


def time_table(seconds: float = 0.02) -> Html:
    """Measure encoding and decoding of the shop's session on this machine."""
    value, schema = payloads()["a shop's session"]
    found = times_s(value, codecs(schema), seconds=seconds)
    base = found["json"]
    return table(
        [
            {
                "format": name,
                "encode, µs": 1e6 * encode,
                "decode, µs": 1e6 * decode,
                "encodes n times as fast as json": base[0] / encode,
                "decodes n times as fast": base[1] / decode,
            }
            for name, (encode, decode) in found.items()
        ],
        "Time by format, on this machine",
    )


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
    lost = 0
    for _ in range(sessions):
        data = json.dumps({"user_id": 1, "cart": [], "coupon": "SPRING"})
        for old in rng.random(requests) < old_share:
            held = json.loads(data)
            if old:
                held = {"user_id": held["user_id"], "cart": held["cart"]}
            data = json.dumps(held)
        lost += "coupon" not in data
    return lost / sessions


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


def bytes_that_act() -> Html:
    """Decode bytes from a stranger in each format; the call that pickle makes is harmless."""
    rows = []
    for name, codec in codecs().items():
        hostile = pickle.dumps(Curious()) if name == "pickle" else codec.encode({"user_id": 42})
        ran = codec.decode(hostile) == os.getpid()
        gave = "our process id: the sender's code ran" if ran else "data"
        rows.append({"format": name, "what decoding gave": gave})
    return table(rows, "Bytes of a stranger, decoded")


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


def draw_fields(ax: Axes, magnitude: int) -> str:
    """Draw the bytes of a whole number as text, in MessagePack and as a varint.

    Marked is a power of ten.
    """
    digits = np.arange(0, 19)
    forms = {
        "JSON text": (decimal_bytes, BLUE),
        "MessagePack": (msgpack_integer_bytes, ORANGE),
        "varint": (varint_bytes, GREEN),
    }
    for name, (size, colour) in forms.items():
        ax.step(digits, [size(10 ** int(d)) for d in digits], where="mid", color=colour, label=name)
    ax.axvline(magnitude, color=MUTED, linewidth=1)
    ax.set(xticks=range(0, 19, 3), yticks=range(0, 20, 3))
    label(ax, x="power of ten of the number", y="bytes")
    label_lines(ax)
    said = ", ".join(f"{name} {size(10**magnitude)} bytes" for name, (size, _) in forms.items())
    return f"The number 10^{magnitude}: {said}"


def printable_share(data: bytes) -> float:
    """Share of bytes that stand for a printable character, as a person would see them."""
    return sum(32 <= byte < 127 for byte in data) / len(data)
