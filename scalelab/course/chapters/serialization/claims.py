"""Claims on the serialization of state, and on the practices that end the guide's part on state.

Sizes are those of the libraries' own bytes for the chapter's objects: the guide's three fields,
a shop's session, a list of prices. Times are measured where the ledger is computed.
"""

from __future__ import annotations

import json
import math
import pickle
from functools import cache

import numpy as np

from scalelab.course.chapters.serialization.experiments import (
    Curious,
    carts_lost,
    lint_session,
    lost_after,
    token_bytes,
)
from scalelab.course.chapters.serialization.formats import (
    KEPT,
    SESSION_SCHEMA,
    TINY,
    TINY_SCHEMA,
    cents_survive,
    float_list,
    long_text_ratio,
    measured_times_s,
    price_sizes,
    printable_share,
    session_object,
)
from scalelab.course.chapters.serialization.rollout import Rollout
from scalelab.course.ledger import Values, section
from scalelab.extras import require
from scalelab.real.codecs import (
    Codec,
    Field,
    codecs,
    json_text,
    message_class,
    sizes_bytes,
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
    kind="serialization",
    verdict="holds",
    finding="The guide's three fields take 49 bytes as JSON, 40 in MessagePack and 16 in Protocol "
    "Buffers; a shop's session takes 576, 421 and 214. It is the names: JSON and MessagePack "
    "repeat them in every object, Protocol Buffers sends a number.",
    source="json without blanks, msgpack and protobuf on the objects of the chapter.",
    named={
        "json": "the guide's fields, JSON | bytes",
        "json_pretty": "the guide's fields, JSON for people | bytes",
        "msgpack": "the guide's fields, MessagePack | bytes",
        "protobuf": "the guide's fields, Protocol Buffers | bytes",
        "session_json": "a shop's session, JSON | bytes",
        "session_msgpack": "a shop's session, MessagePack | bytes",
        "session_protobuf": "a shop's session, Protocol Buffers | bytes",
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
    found = best_times_s()
    return {name: found["json"][direction] / pair[direction] for name, pair in found.items()}


@cache
def best_times_s() -> dict[str, tuple[float, float]]:
    """Seconds to encode and to decode the session, by library: the best of many short rounds."""
    every_codec(SESSION_SCHEMA)  # or it says what is missing
    rounds = [measured_times_s(seconds=0.002) for _ in range(6)]
    names = rounds[0]
    best = {n: np.min([each[n] for each in rounds], axis=0).tolist() for n in names}
    return {name: (encode, decode) for name, (encode, decode) in best.items()}


def both_ways_s() -> dict[str, float]:
    """Seconds to encode and to decode the session, by library."""
    return {name: sum(pair) for name, pair in best_times_s().items()}


@claim(
    "ser-json-slower",
    says="JSON is slower to parse than a binary format.",
    kind="serialization",
    verdict="holds-under-assumptions",
    finding="True of the parser that comes with Python. Another parser of the same text, orjson, "
    "decodes faster than msgpack and encodes many times faster than the standard one. And once "
    "its fields are read into a dictionary, Protocol Buffers decodes about as slowly as Python's "
    "json, or more so. These are speeds of libraries, not of formats.",
    source="Measured here: json, orjson, msgpack and protobuf on a shop's session, dictionary to "
    "dictionary, best of thirty rounds.",
    named={
        "msgpack_decode": "msgpack decodes | × as fast as json",
        "protobuf_decode": "protobuf decodes to a dictionary | × as fast as json",
        "orjson_decode": "orjson decodes | × as fast as json",
        "orjson_encode": "orjson encodes | × as fast as json",
    },
)
def parsing() -> Values:
    decode, encode = speed(1), speed(0)
    return {
        "msgpack_decode": decode["MessagePack"],
        "protobuf_decode": decode["protobuf"],
        "orjson_decode": decode["orjson"],
        "orjson_encode": encode["orjson"],
    }


@claim(
    "ser-protobuf-compact-fast",
    says="Protocol Buffers is compact and fast.",
    kind="serialization",
    verdict="holds-under-assumptions",
    finding="Compact it is: 37 % of the JSON. It is fast when the message itself is what the "
    "program works with. A program that keeps dictionaries must build a message to encode and read "
    "its fields after decoding, and then both ways take several times as long.",
    source="Measured here: protobuf's compiled runtime with a message that is kept, and from "
    "dictionary to dictionary.",
    named={
        "bytes": "a shop's session | bytes",
        "share": "of the JSON | share",
        "from_dict": "both ways, dictionaries over a kept message | ×",
    },
)
def compact_and_fast() -> Values:
    found, times = session_sizes(), both_ways_s()
    return {
        "bytes": found["protobuf"][0],
        "share": found["protobuf"][0] / found["json"][0],
        "from_dict": times["protobuf"] / times[KEPT],
    }


@claim(
    "ser-protobuf-schema-validation",
    says="Protocol Buffers validates the schema.",
    kind="serialization",
    verdict="misleading",
    finding="It checks the types on the wire, and little else. The bytes of a session parse "
    "without an error as a message of two other fields: the comment then holds the session's id, "
    "because both have the number of the first field. What is unknown is kept, what is missing "
    "becomes zero or the empty text. Whether a quantity is positive is for you to check.",
    source="Parsing a session as another message with protobuf.",
    named={
        "unknown_preserved": "1 if every byte comes out again |",
        "missing_became": "a number that was never sent becomes |",
        "id_as_comment": "1 if the comment holds the session's id |",
    },
)
def validates() -> Values:
    other = message_class(
        "Other",
        (
            Field(name="comment", number=1, kind="string"),
            Field(name="never_sent", number=90, kind="int64"),
        ),
    )
    session = session_object()
    sent = message_class("Session", SESSION_SCHEMA)(**session).SerializeToString()
    parsed = other.FromString(sent)
    return {
        "unknown_preserved": float(len(parsed.SerializeToString()) == len(sent)),
        "missing_became": float(parsed.never_sent),
        "id_as_comment": float(parsed.comment == session["session_id"]),
    }


@claim(
    "ser-msgpack-smaller",
    says="MessagePack is smaller than JSON.",
    kind="serialization",
    verdict="holds-under-assumptions",
    finding="For objects with names and whole numbers, by a quarter: 421 against 576 bytes. For a "
    "thousand prices such as 42.17 it depends on a setting. The library for Python writes floats "
    "of 64 bits by default, nine bytes each, and is 1.55 times the JSON. Asked for 32 bits it "
    "takes five bytes each and is 0.86 times the JSON, and every cent survives. For long texts "
    "they are equal.",
    source="json and msgpack on three kinds of object; msgpack without and with short floats.",
    named={
        "session_bytes": "a shop's session, MessagePack and JSON | bytes",
        "session": "the same, of the JSON | ×",
        "floats": "prices as doubles, of the JSON | ×",
        "each_bytes": "a price as a double, and in 32 bits | bytes",
        "short_floats": "prices as 32-bit floats, of the JSON | ×",
        "cents": "1 if every cent survives in 32 bits |",
        "long_text": "a long text, of the JSON | ×",
    },
)
def smaller() -> Values:
    found = session_sizes()
    prices, short = sizes_bytes(float_list(), every_codec()), price_sizes()
    double = len(every_codec()["MessagePack"].encode(0.5))
    saved = (short["MessagePack"] - short["MessagePack, 32-bit floats"]) / len(float_list())
    return {
        "session_bytes": [found["MessagePack"][0], found["json"][0]],
        "session": found["MessagePack"][0] / found["json"][0],
        "floats": prices["MessagePack"][0] / prices["json"][0],
        "each_bytes": [double, double - saved],
        "short_floats": short["MessagePack, 32-bit floats"] / short["json"],
        "cents": float(cents_survive()),
        "long_text": long_text_ratio(),
    }


@claim(
    "ser-msgpack-faster",
    says="MessagePack is faster than JSON.",
    kind="serialization",
    verdict="holds-under-assumptions",
    finding="Several times as fast as Python's own json when encoding. Slower than orjson, "
    "which writes the same JSON. Compare libraries, not formats.",
    source="Measured here, best of thirty rounds.",
    named={
        "enc_vs_json": "msgpack encodes | × as fast as json",
        "orjson_vs_msgpack": "orjson encodes | × as fast as msgpack",
    },
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
    kind="serialization",
    verdict="holds-under-assumptions",
    finding="Its texts can: 71 % of the bytes of a session in MessagePack are printable, where "
    "bytes at random would be 37 %. So are 45 % in Protocol Buffers, which nobody calls readable. "
    "In both, the structure and the numbers cannot be read. Use a decoder.",
    source="Share of printable bytes; 95 of 256 at random.",
    named={
        "msgpack": "printable in MessagePack | share",
        "protobuf": "printable in Protocol Buffers | share",
        "at_random": "printable of bytes at random | share",
    },
)
def readable() -> Values:
    value, available = session_object(), every_codec(SESSION_SCHEMA)
    return {
        "msgpack": printable_share(available["MessagePack"].encode(value)),
        "protobuf": printable_share(available["protobuf"].encode(value)),
        "at_random": printable_share(bytes(range(256))),
    }


@claim(
    "ser-binary-wins",
    says="Binary formats are smaller and faster than text.",
    kind="serialization",
    verdict="holds-under-assumptions",
    finding="As a rule. But JSON after gzip is smaller than plain MessagePack, though not than "
    "Protocol Buffers. And from dictionary to dictionary the fastest library measured here, "
    "orjson, writes text; only a message of Protocol Buffers that the program keeps as it is can "
    "beat it. Compression and the choice of a library weigh as much as the format.",
    source="json, orjson, msgpack, protobuf and gzip on a shop's session.",
    named={
        "msgpack": "MessagePack | bytes",
        "json_gzip_over_msgpack": "JSON after gzip over MessagePack | ×",
        "json_gzip_over_protobuf": "JSON after gzip over Protocol Buffers | ×",
        "msgpack_over_orjson": "time both ways, msgpack over orjson | ×",
        "protobuf_over_orjson": "time both ways, protobuf over orjson | ×",
        "kept_over_orjson": "the same with a message that is kept | ×",
    },
)
def binary_wins() -> Values:
    found, times = session_sizes(), both_ways_s()
    return {
        "msgpack": found["MessagePack"][0],
        "json_gzip_over_msgpack": found["json"][1] / found["MessagePack"][0],
        "json_gzip_over_protobuf": found["json"][1] / found["protobuf"][0],
        "msgpack_over_orjson": times["MessagePack"] / times["orjson"],
        "protobuf_over_orjson": times["protobuf"] / times["orjson"],
        "kept_over_orjson": times[KEPT] / times["orjson"],
    }


@claim(
    "ser-size-vs-speed",
    says="A format trades size against speed.",
    kind="serialization",
    verdict="holds-under-assumptions",
    finding="From dictionary to dictionary, yes: the smallest, Protocol Buffers, takes several "
    "times as long as the fastest, orjson, which writes 2.7 times the bytes. In a program that "
    "keeps its messages, no: there the smallest is also among the fastest, and what one pays is a "
    "schema and bytes that nobody can read. Compression always trades size against time.",
    source="Measured here: encode and decode of a shop's session, best of thirty rounds.",
    named={
        "smallest_is_protobuf": "1 if protobuf is the smallest |",
        "fastest_is_orjson": "1 if orjson is the fastest, dictionary to dictionary |",
        "bytes_ratio": "bytes, orjson over protobuf | ×",
        "time_ratio": "time both ways, protobuf over orjson | ×",
        "kept_ratio": "the same with a message that is kept | ×",
    },
)
def trade_off() -> Values:
    found, times = session_sizes(), both_ways_s()
    smallest = min(found, key=lambda name: found[name][0])
    fastest = min(found, key=lambda name: times[name])
    return {
        "smallest_is_protobuf": float(smallest == "protobuf"),
        "fastest_is_orjson": float(fastest == "orjson"),
        "bytes_ratio": found["orjson"][0] / found["protobuf"][0],
        "time_ratio": times["protobuf"] / times["orjson"],
        "kept_ratio": times[KEPT] / times["orjson"],
    }


@claim(
    "ser-schema-evolution",
    says="Adding and removing fields needs a plan for compatibility.",
    kind="serialization",
    verdict="holds",
    finding="While a deployment runs, old programs read what new ones wrote. An old program that "
    "rebuilds a JSON object from the fields it knows drops the others: with half of the servers "
    "still old, 97 % of the sessions with five requests lose a new field. If it changes the object "
    "that it has read, none does. Protocol Buffers passes "
    "unknown fields on by itself.",
    source="One minus the probability that no request meets an old server; simulated with json.",
    named={
        "lost_1": "lose the field after one request | share",
        "lost_5": "lose the field after five requests | share",
        "kept": "lost if the object is changed and not rebuilt | share",
    },
)
def evolution() -> Values:
    kept = Rollout(("old",), ("s",), keeps=True)
    for _ in range(5):
        kept.request("s", "old")
    return {"lost_1": lost_after(1, 0.5), "lost_5": lost_after(5, 0.5), "kept": float(kept.lost)}


@claim(
    "ser-deserialization-safety",
    says="Validate what you deserialize, against injection.",
    kind="qualitative",
    verdict="holds",
    finding="And do not deserialize with something that can call functions. A pickle from a "
    "stranger runs his code while it is read, before any validation. JSON, MessagePack and "
    "Protocol Buffers give data and nothing else; whether the data make sense is then for you to "
    "check.",
    source="A harmless function, called by a pickle.",
    named={
        "pickle_ran_code": "1 if the pickle ran the sender's code |",
        "json_ran_code": "1 if the JSON did |",
    },
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
    kind="consistency",
    verdict="misleading",
    finding="They also carry it after you have changed your mind. A token that lives for 30 "
    "minutes is accepted for 15 more minutes on average after its user was locked out, 30 at the "
    "worst. A list of revoked tokens cures that, and brings back a look-up for each request. Use "
    "short tokens and a refresh, and say how long a lock-out takes.",
    source="Mean of a uniform variable; RFC 7519.",
    named={
        "mean_min": "accepted after the lock-out, mean | min",
        "max_min": "accepted after the lock-out, at most | min",
    },
)
def self_contained() -> Values:
    return {"mean_min": TOKEN_LIFE_MIN / 2, "max_min": float(TOKEN_LIFE_MIN)}


@claim(
    "ser-localstorage",
    says="Keep a minimum of state in the browser's localStorage.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="For what the page looks like, yes: 4,096 bytes of it in a cookie would be sent with "
    "each request, 32.8 Mbit/s at 1,000 requests a second, and localStorage sends nothing by "
    "itself. Not for what proves who somebody is: every script "
    "on the page can read it, a foreign one too. A cookie marked HttpOnly is sent by the browser "
    "and read by no script.",
    source="OWASP HTML5 Security Cheat Sheet, Local Storage; RFC 6265, sec. 4.1.2.6; "
    "multiplication.",
    named={
        "each": "state of the page | bytes",
        "mbit_per_s": "in a cookie, at 1,000 requests a second | Mbit/s",
        "stored": "in localStorage, sent by itself | Mbit/s",
    },
)
def local_storage() -> Values:
    return {"each": 4_096.0, "mbit_per_s": 4_096 * 8 * 1_000 / 1e6, "stored": 0.0}


@claim(
    "ser-stateless-maximum",
    says="Stateless first gives the most scalability and the most simplicity.",
    kind="queueing",
    verdict="misleading",
    finding="It moves the work. The chapter's token has 548 bytes; at 1,000 requests per second "
    "that is 4.1 Mbit/s more than a session id of 32 bytes, where headers are not compressed. Or "
    "the server looks up what the token does not say, 1,000 times a second. And each token is "
    "verified, and none can be taken back.",
    source="PyJWT; multiplication.",
    named={
        "token": "the chapter's token | bytes",
        "id": "a session id | bytes",
        "more_mbit_per_s": "more headers at 1,000 requests a second | Mbit/s",
    },
)
def stateless_first() -> Values:
    size = token_bytes()
    return {
        "token": size,
        "more_mbit_per_s": (size - 32) * 8 * 1_000 / 1e6,
        "id": 32,
    }


@claim(
    "ser-sessions-as-cache",
    says="Treat sessions as a cache and not as the source of truth.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="Good advice if something else holds the truth. In the guide's own example nothing "
    "does: its session has the only copy of the shopping cart. Of users who come back after two "
    "hours on average, 77.9 % find that a lifetime of 30 minutes is over, and the cart with it. "
    "Keep the cart in the database and a pointer to it in the session, and none is lost.",
    source="exp(−30/120), exponential times; simulated on a store with lifetimes.",
    named={
        "away_h": "away on average | h",
        "life_min": "lifetime | min",
        "lost_in_session": "carts lost, in the session | share",
        "simulated": "the same, simulated | share",
        "lost_in_database": "carts lost, without a lifetime | share",
    },
)
def sessions_as_cache() -> Values:
    return {
        "away_h": 2.0,
        "life_min": float(TOKEN_LIFE_MIN),
        "lost_in_session": math.exp(-TOKEN_LIFE_MIN / 120),
        "simulated": carts_lost(np.random.default_rng(3)),
        "lost_in_database": carts_lost(np.random.default_rng(3), ttl_s=1e9),
    }


@claim(
    "proc-serialization-considerations",
    says="Weigh size against speed, the evolution of the schema, and security.",
    kind="procedure",
    verdict="holds",
    finding="Measured on your own object these are three small experiments: bytes and microseconds "
    "for each library, an old program reading what a new one wrote, and a stranger's bytes. The "
    "second and the third decide more often than the first.",
    source="The experiments of the chapter.",
    named={
        "formats": "libraries measured | libraries",
    },
)
def considerations() -> Values:
    return {"formats": float(len(every_codec(SESSION_SCHEMA)))}


@claim(
    "proc-state-best-practices",
    says="Keep sessions small, let them expire, protect them, watch the store, plan for its "
    "failure, and degrade gracefully.",
    kind="procedure",
    verdict="holds",
    finding="The first three can be checked by a program. A lint of the stored object finds what "
    "is too large, what never expires and what is personal: none of it in the chapter's session, "
    "four faults in a careless one. The other three take an alarm and an exercise: stop the store "
    "and look at what the page says.",
    source="A lint of two sessions.",
    named={
        "faults_of_the_shop": "faults of the shop's session |",
        "faults_of_the_careless": "faults of a careless one |",
    },
)
def practices() -> Values:
    careless = {"user": "x", "password": "y", "card_number": "4111", "history": ["page"] * 800}
    return {
        "faults_of_the_shop": float(len(lint_session(session_object()))),
        "faults_of_the_careless": float(len(lint_session(careless))),
    }
