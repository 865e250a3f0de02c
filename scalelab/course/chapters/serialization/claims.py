"""Claims on the serialization of state, and on the practices that end the guide's part on state.

Sizes are those of the libraries' own bytes for the chapter's objects: the guide's three fields,
a shop's session, a list of prices. Times are measured where the ledger is computed.
"""

from __future__ import annotations

import json
import pickle

import numpy as np

from scalelab.course.chapters.serialization.experiments import (
    SESSION_SCHEMA,
    TINY,
    TINY_SCHEMA,
    Curious,
    float_list,
    lint_session,
    lost_after,
    printable_share,
    session_object,
    token_bytes,
)
from scalelab.course.ledger import Values, section
from scalelab.extras import require
from scalelab.real.codecs import (
    Codec,
    Field,
    codecs,
    json_text,
    message_class,
    sizes_bytes,
    times_s,
)

claim = section("State Serialization and Transfer", "serialization")

TOKEN_LIFE_MIN = 30  # the guide's own lifetime of a session


def every_codec(schema: tuple[Field, ...] = ()) -> dict[str, Codec]:
    """Return all formats, of which the book's sentences speak; or say what is missing."""
    for module in ("orjson", "msgpack", "google.protobuf"):
        require(module, "formats")
    return codecs(schema)


def session_sizes() -> dict[str, tuple[int, int]]:
    """Bytes of the shop's session in each format, plain and after gzip."""
    return sizes_bytes(session_object(), every_codec(SESSION_SCHEMA))


@claim(
    "ser-json-larger",
    says="JSON takes more bytes than a binary format.",
    verdict="holds",
    finding="The guide's three fields take 49 bytes as JSON, 40 in MessagePack and 16 in Protocol "
    "Buffers; a shop's session takes 576, 421 and 214. It is the names: JSON and MessagePack "
    "repeat them in every object, Protocol Buffers sends a number.",
    source="json, msgpack and protobuf on the objects of the chapter.",
    named={
        "json": "json | bytes",
        "json_pretty": "json_pretty | bytes",
        "msgpack": "msgpack | bytes",
        "protobuf": "protobuf | bytes",
        "session_json": "session_json | bytes",
        "session_msgpack": "session_msgpack | bytes",
        "session_protobuf": "session_protobuf | bytes",
    },
)
def sizes() -> Values:
    tiny, session = sizes_bytes(TINY, every_codec(TINY_SCHEMA)), session_sizes()
    return {
        "json": tiny["json"][0],
        "json_pretty": len(json_text(TINY, indent=2)),
        "msgpack": tiny["MessagePack"][0],
        "protobuf": tiny["protobuf"][0],
        "session_json": session["json"][0],
        "session_msgpack": session["MessagePack"][0],
        "session_protobuf": session["protobuf"][0],
    }


def speed(direction: int) -> dict[str, float]:
    """How many times as fast as json each format encodes (0) or decodes (1) the session."""
    found = times_s(session_object(), every_codec(SESSION_SCHEMA), seconds=0.005)
    return {name: found["json"][direction] / pair[direction] for name, pair in found.items()}


@claim(
    "ser-json-slower",
    says="JSON is slower to parse than a binary format.",
    verdict="holds-under-assumptions",
    finding="True of the parser that comes with Python. Another parser of the same text, orjson, "
    "decodes faster than MessagePack and encodes many times faster than the standard one. Speed "
    "is a property of the implementation, not of the format.",
    source="Measured here: json, orjson and msgpack on a shop's session, best of five rounds.",
    named={
        "msgpack_decode": "msgpack_decode | × json",
        "orjson_decode": "orjson_decode | × json",
        "orjson_encode": "orjson_encode | × json",
    },
)
def parsing() -> Values:
    decode, encode = speed(1), speed(0)
    return {
        "msgpack_decode": decode["MessagePack"],
        "orjson_decode": decode["orjson"],
        "orjson_encode": encode["orjson"],
    }


@claim(
    "ser-protobuf-compact-fast",
    says="Protocol Buffers is compact and fast.",
    verdict="holds-under-assumptions",
    finding="Compact it is: 37 % of the JSON. It is fast when the message itself is what the "
    "program works with. A program that keeps dictionaries must build a message first, and that "
    "takes most of the gain away.",
    source="Measured here: protobuf's compiled runtime on a ready message and from a dictionary.",
    named={"bytes": "bytes | bytes", "from_dict": "from_dict | × the time of a ready message"},
)
def compact_and_fast() -> Values:
    value = session_object()
    message = message_class("Session", SESSION_SCHEMA)
    ready = message(**value)
    available = every_codec(SESSION_SCHEMA)
    whole = times_s(value, {"protobuf": available["protobuf"]}, seconds=0.005)["protobuf"][0]
    import timeit

    alone = min(timeit.repeat(ready.SerializeToString, number=500, repeat=5)) / 500
    found = session_sizes()
    return {
        "bytes": found["protobuf"][0],
        "share": found["protobuf"][0] / found["json"][0],
        "from_dict": whole / alone,
    }


@claim(
    "ser-protobuf-schema-validation",
    says="Protocol Buffers validates the schema.",
    verdict="misleading",
    finding="It checks the types on the wire, and little else. The bytes of a session parse "
    "without an error as a message of two other fields: what is unknown is kept, what is missing "
    "becomes zero or the empty text. Whether a quantity is positive is for you to check.",
    source="Parsing a session as another message with protobuf.",
)
def validates() -> Values:
    other = message_class(
        "Other",
        (
            Field(name="comment", number=1, kind="string"),
            Field(name="never_sent", number=90, kind="int64"),
        ),
    )
    sent = message_class("Session", SESSION_SCHEMA)(**session_object()).SerializeToString()
    parsed = other.FromString(sent)
    return {
        "unknown_preserved": float(len(parsed.SerializeToString()) == len(sent)),
        "missing_became": float(parsed.never_sent),
    }


@claim(
    "ser-msgpack-smaller",
    says="MessagePack is smaller than JSON.",
    verdict="holds-under-assumptions",
    finding="For objects with names and whole numbers, by a quarter: 421 against 576 bytes. For a "
    "thousand prices such as 42.17 it is half as large again, since a fraction always takes nine "
    "bytes and the text of a short one takes five or six. For long texts they are equal.",
    source="json and msgpack on three kinds of object.",
    named={"session": "session | of JSON", "floats": "floats | of JSON"},
)
def smaller() -> Values:
    found = session_sizes()
    prices = sizes_bytes(float_list(), every_codec())
    return {
        "session": found["MessagePack"][0] / found["json"][0],
        "floats": prices["MessagePack"][0] / prices["json"][0],
    }


@claim(
    "ser-msgpack-faster",
    says="MessagePack is faster than JSON.",
    verdict="holds-under-assumptions",
    finding="Several times as fast as Python's own json when encoding. Slower than orjson, "
    "which writes the same JSON. Compare libraries, not formats.",
    source="Measured here, best of five rounds.",
    named={"enc_vs_json": "enc_vs_json | ×", "orjson_vs_msgpack": "orjson_vs_msgpack | ×"},
)
def faster() -> Values:
    encode = speed(0)
    return {
        "enc_vs_json": encode["MessagePack"],
        "orjson_vs_msgpack": encode["orjson"] / encode["MessagePack"],
    }


@claim(
    "ser-msgpack-readable",
    says="MessagePack can still be read, more or less.",
    verdict="holds-under-assumptions",
    finding="Its texts can: 71 % of the bytes of a session in MessagePack are printable. So are 45 "
    "% in Protocol Buffers, which nobody calls readable. In both, the structure and the numbers "
    "cannot be read. Use a decoder.",
    source="Share of printable bytes.",
)
def readable() -> Values:
    value, available = session_object(), every_codec(SESSION_SCHEMA)
    return {
        name: printable_share(available[codec].encode(value))
        for name, codec in (("msgpack", "MessagePack"), ("protobuf", "protobuf"))
    }


@claim(
    "ser-binary-wins",
    says="Binary formats are smaller and faster than text.",
    verdict="holds-under-assumptions",
    finding="As a rule. But JSON after gzip is smaller than plain MessagePack, though not than "
    "Protocol Buffers; and the fastest encoder measured here writes text. Compression and the "
    "choice of a library weigh as much as the format.",
    source="json, msgpack, protobuf and gzip on a shop's session.",
    named={"msgpack": "msgpack | bytes"},
)
def binary_wins() -> Values:
    found = session_sizes()
    return {
        "msgpack": found["MessagePack"][0],
        "json_gzip_over_msgpack": found["json"][1] / found["MessagePack"][0],
        "json_gzip_over_protobuf": found["json"][1] / found["protobuf"][0],
    }


@claim(
    "ser-size-vs-speed",
    says="A format trades size against speed.",
    verdict="misleading",
    finding="Not among these: Protocol Buffers is the smallest and, on ready messages, among the "
    "fastest. What is traded is size and speed together against being readable and against needing "
    "no schema. Compression does trade size against time.",
    source="The measurements of this section.",
)
def trade_off() -> Values:
    found = session_sizes()
    smallest = min(found, key=lambda name: found[name][0])
    decode = speed(1)
    return {
        "smallest_is_protobuf": float(smallest == "protobuf"),
        "it_decodes_faster_than_json": float(decode["protobuf"] > 1),
    }


@claim(
    "ser-schema-evolution",
    says="Adding and removing fields needs a plan for compatibility.",
    verdict="holds",
    finding="While a deployment runs, old programs read what new ones wrote. An old program that "
    "rebuilds a JSON object from the fields it knows drops the others: with half of the servers "
    "still old, 97 % of the sessions with five requests lose a new field. Protocol Buffers passes "
    "unknown fields on; JSON does so if the program changes the object instead of rebuilding it.",
    source="One minus the probability that no request meets an old server; simulated with json.",
    named={"lost_5": "lost_5 | share", "lost_1": "lost_1 | share"},
)
def evolution() -> Values:
    return {"lost_1": lost_after(1, 0.5), "lost_5": lost_after(5, 0.5)}


@claim(
    "ser-deserialization-safety",
    says="Validate what you deserialize, against injection.",
    verdict="holds",
    finding="And do not deserialize with something that can call functions. A pickle from a "
    "stranger runs his code while it is read, before any validation. JSON, MessagePack and "
    "Protocol Buffers give data and nothing else; whether the data make sense is then for you to "
    "check.",
    source="A harmless function, called by a pickle.",
)
def safety() -> Values:
    import os

    return {
        "pickle_ran_code": float(pickle.loads(pickle.dumps(Curious())) == os.getpid()),
        "json_ran_code": float(not isinstance(json.loads(json.dumps({"a": 1})), dict)),
    }


@claim(
    "ser-jwt-self-contained",
    says="Use signed tokens (JWT) for authentication: they carry all that is needed.",
    verdict="misleading",
    finding="They also carry it after you have changed your mind. A token that lives for 30 "
    "minutes is accepted for 15 more minutes on average after its user was locked out, 30 at the "
    "worst. A list of revoked tokens cures that, and brings back a look-up for each request. Use "
    "short tokens and a refresh, and say how long a lock-out takes.",
    source="Mean of a uniform variable; RFC 7519.",
    named={"mean_min": "mean_min | min", "max_min": "max_min | min"},
)
def self_contained() -> Values:
    return {"mean_min": TOKEN_LIFE_MIN / 2, "max_min": float(TOKEN_LIFE_MIN)}


@claim(
    "ser-localstorage",
    says="Keep a minimum of state in the browser's localStorage.",
    verdict="holds-under-assumptions",
    finding="For what the page looks like, yes. Not for what proves who somebody is: every script "
    "on the page can read it, a foreign one too. A cookie marked HttpOnly is sent by the browser "
    "and read by no script.",
    source="OWASP HTML5 Security Cheat Sheet, Local Storage; RFC 6265, sec. 4.1.2.6.",
)
def local_storage() -> Values:
    return {}


@claim(
    "ser-stateless-maximum",
    says="Stateless first gives the most scalability and the most simplicity.",
    verdict="misleading",
    finding="It moves the work. The chapter's token has 548 bytes; at 1,000 requests per second "
    "that is 4.4 Mbit/s of headers that a session id of 32 bytes would not send. Or the server "
    "looks up what the token does not say, 1,000 times a second. And each token is verified, and "
    "none can be taken back.",
    source="PyJWT; multiplication.",
    named={
        "token": "token | bytes",
        "mbit_per_s": "mbit_per_s | Mbit/s",
        "id_mbit_per_s": "id_mbit_per_s | Mbit/s",
    },
)
def stateless_first() -> Values:
    size = token_bytes()
    return {
        "token": size,
        "mbit_per_s": size * 8 * 1_000 / 1e6,
        "id_mbit_per_s": 32 * 8 * 1_000 / 1e6,
    }


@claim(
    "ser-sessions-as-cache",
    says="Treat sessions as a cache and not as the source of truth.",
    verdict="holds-under-assumptions",
    finding="Good advice if something else holds the truth. In the guide's own example nothing "
    "does: its session has the only copy of the shopping cart. A store that evicts the session, or "
    "loses it, loses the cart. Keep the cart in the database and a pointer to it in the session.",
    source="The guide's example session; an eviction of every fifth session.",
)
def sessions_as_cache() -> Values:
    rng = np.random.default_rng(3)
    store = {i: {"cart": [1, 2, 3]} for i in range(1_000)}
    carts = {i: [1, 2, 3] for i in range(1_000)}  # the other design: the database has them
    evicted = rng.choice(1_000, 200, replace=False).tolist()
    for i in evicted:
        del store[i]
    return {
        "lost_in_session": sum(i not in store for i in range(1_000)) / 1_000,
        "lost_in_database": sum(i not in carts for i in range(1_000)) / 1_000,
    }


@claim(
    "proc-serialization-considerations",
    says="Weigh size against speed, the evolution of the schema, and security.",
    verdict="holds",
    finding="Measured on your own object these are three small experiments: bytes and microseconds "
    "for each library, an old program reading what a new one wrote, and a stranger's bytes. The "
    "second and the third decide more often than the first.",
    source="The experiments of the chapter.",
)
def considerations() -> Values:
    return {"formats": float(len(every_codec(SESSION_SCHEMA)))}


@claim(
    "proc-state-best-practices",
    says="Keep sessions small, let them expire, protect them, watch the store, plan for its "
    "failure, and degrade gracefully.",
    verdict="holds",
    finding="All six can be checked by a program. A lint of the stored object finds what is too "
    "large, what never expires and what is personal: none of it in the chapter's session, four "
    "faults in a careless one. The other three are alarms and an exercise: stop the store and look "
    "at what the page says.",
    source="A lint of two sessions.",
)
def practices() -> Values:
    careless = {"user": "x", "password": "y", "card_number": "4111", "history": ["page"] * 800}
    return {
        "faults_of_the_shop": float(len(lint_session(session_object()))),
        "faults_of_the_careless": float(len(lint_session(careless))),
    }
