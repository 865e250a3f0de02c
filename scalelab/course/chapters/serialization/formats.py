"""Objects of the chapter on serialization, their bytes and times in each format."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.page import Html, table
from scalelab.extras import is_there
from scalelab.models.encoded_size import decimal_bytes, msgpack_integer_bytes, varint_bytes
from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, label, label_lines, name_points, plot_bars
from scalelab.quantities import SUPERSCRIPTS
from scalelab.real.codecs import Codec, Field, codecs, message_class, sizes_bytes, times_s

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
KEPT = "protobuf, message kept"


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


def price_sizes() -> dict[str, int]:
    """Bytes of the thousand prices in each format as it comes, and in MessagePack's short floats.

    A short float has 32 bits. Nothing is in there of a format that is not installed.
    """
    value, schema = payloads()["1,000 prices"]
    found = {
        name: sizes[0]
        for name, sizes in sizes_bytes(value, codecs(schema)).items()
        if name not in ("orjson", "pickle")
    }
    if is_there("msgpack"):
        found["MessagePack, 32-bit floats"] = len(_short_floats(value))
    return found


def _short_floats(value: Any) -> bytes:
    import msgpack

    return bytes(msgpack.packb(value, use_single_float=True))


def cents_survive() -> bool:
    """Return whether each of the prices, as a float of 32 bits, still rounds to its cents."""
    exact = np.array(float_list())
    short = exact.astype(np.float32).astype(float)
    return bool(np.all(np.round(100 * short) == np.round(100 * exact)))


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


def measured_times_s(seconds: float = 0.02) -> dict[str, tuple[float, float]]:
    """Measure encoding and decoding of the shop's session: dictionary to bytes to dictionary.

    The last one, where protobuf is there, is a message that is ready before and not read after.
    """
    value, schema = payloads()["a shop's session"]
    available = codecs(schema)
    found = times_s(value, available, seconds=seconds)
    if "protobuf" in available:
        kind = message_class("Session", schema)
        kept = Codec(name=KEPT, encode=kind.SerializeToString, decode=kind.FromString)
        found |= times_s(kind(**value), {KEPT: kept}, seconds=seconds)
    return found


def time_table(times: dict[str, tuple[float, float]]) -> Html:
    """Show what `measured_times_s` found, with the bytes."""
    value, schema = payloads()["a shop's session"]
    sizes = sizes_bytes(value, codecs(schema))
    return table(
        [
            {
                "library": name,
                "bytes": sizes["protobuf" if name == KEPT else name][0],
                "encode, µs": 1e6 * encode,
                "decode, µs": 1e6 * decode,
                "both, µs": 1e6 * (encode + decode),
            }
            for name, (encode, decode) in times.items()
        ],
        "Bytes and time of a shop's session, on this machine",
    )


def plot_times(ax: Axes, times: dict[str, tuple[float, float]]) -> None:
    """Draw the bytes of each library against its time for both ways."""
    value, schema = payloads()["a shop's session"]
    sizes = sizes_bytes(value, codecs(schema))
    points = {}
    for name, pair in times.items():
        x, y = 1e6 * sum(pair), sizes["protobuf" if name == KEPT else name][0]
        ax.plot([x], [y], "o", color=BLUE, markersize=7)
        points[name] = x, y
    ax.set(xlim=(0, 1.35 * max(1e6 * sum(pair) for pair in times.values())), ylim=(0, 680))
    name_points(ax, points, fontsize=10)
    label(ax, x="encode and decode, µs", y="bytes")


def long_text_ratio() -> float:
    """Bytes of a long text in MessagePack over those in JSON."""
    found = sizes_bytes(payloads()["a long text"][0], codecs())
    return found["MessagePack"][0] / found["json"][0]


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
    return f"The number 10{str(magnitude).translate(SUPERSCRIPTS)}: {said}"


def printable_share(data: bytes) -> float:
    """Share of bytes that stand for a printable character, as a person would see them."""
    return sum(32 <= byte < 127 for byte in data) / len(data)
