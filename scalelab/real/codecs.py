"""Real serialization formats on real objects: their bytes, and the time that they take."""

from __future__ import annotations

import gzip
import json
import pickle
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v
from scalelab.extras import how_to_get, is_there, require

HOW_TO_GET_FORMATS = f"{how_to_get('formats')} brings orjson, msgpack, protobuf and PyJWT."
KINDS = ("int64", "double", "string", "bool", "message")


@dataclass(frozen=True, kw_only=True)
class Codec:
    """One way to turn an object into bytes and back.

    Parameters
    ----------
    name : str
        As people call it.
    encode : callable
        Takes an object, returns bytes.
    decode : callable
        Takes bytes, returns an object.
    """

    name: str
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a message of Protocol Buffers.

    Parameters
    ----------
    name : str
        As in the object.
    number : int
        Its number on the wire, >= 1, which must never be given to another field.
    kind : str
        ``"int64"``, ``"double"``, ``"string"``, ``"bool"`` or ``"message"``.
    repeated : bool
        Whether it holds several values.
    message : tuple of Field
        Fields of a nested message.
    """

    name: str
    number: int
    kind: str
    repeated: bool = False
    message: tuple[Field, ...] = ()


def json_text(value: Any, *, indent: int | None = None) -> bytes:
    """Return JSON without blanks, or indented for people."""
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(value, separators=separators, indent=indent, ensure_ascii=False).encode()


def codecs(schema: tuple[Field, ...] = ()) -> dict[str, Codec]:
    """Return every format that is installed here; Protocol Buffers for objects of a schema.

    Parameters
    ----------
    schema : tuple of Field
        What the objects look like; without it there is no codec of Protocol Buffers.

    Returns
    -------
    dict
        Name to codec: json and pickle always, orjson, MessagePack and protobuf where installed.
        Each goes from a dictionary to bytes and back to a dictionary.
    """
    found = [Codec(name="json", encode=json_text, decode=json.loads)]
    if is_there("orjson"):
        import orjson

        found.append(Codec(name="orjson", encode=orjson.dumps, decode=orjson.loads))
    if is_there("msgpack"):
        import msgpack

        found.append(Codec(name="MessagePack", encode=msgpack.packb, decode=msgpack.unpackb))
    if schema and is_there("google.protobuf"):
        message, read = message_class("Session", schema), _reader(schema)
        found.append(
            Codec(
                name="protobuf",
                encode=lambda value: message(**value).SerializeToString(),
                decode=lambda data: read(message.FromString(data)),
            )
        )
    found.append(Codec(name="pickle", encode=_pickled, decode=pickle.loads))
    return {codec.name: codec for codec in found}


def _reader(fields: tuple[Field, ...]) -> Callable[[Any], dict[str, Any]]:
    """Return what reads every field of a message into a dictionary, as the other formats do."""
    plan = [(field.name, _reading(field)) for field in fields]

    def read(message: Any) -> dict[str, Any]:
        return {name: reading(getattr(message, name)) for name, reading in plan}

    return read


def _reading(field: Field) -> Callable[[Any], Any]:
    one = _reader(field.message) if field.kind == "message" else None
    if field.repeated:
        return list if one is None else lambda values: [one(value) for value in values]
    return _same if one is None else one


def _same(value: Any) -> Any:
    return value


def _pickled(value: Any) -> bytes:
    return pickle.dumps(value, protocol=5)


def message_class(name: str, fields: tuple[Field, ...]) -> Any:
    """Make a class of Protocol Buffers without a compiler: the schema is data.

    Parameters
    ----------
    name : str
        Of the message.
    fields : tuple of Field
        Its fields; numbers and names differ.

    Returns
    -------
    type
        A message class: call it with keyword arguments, then ``SerializeToString()``.

    Raises
    ------
    MissingExtraError
        protobuf is not installed.
    """
    descriptor_pb2, descriptor_pool, message_factory = (
        require(f"google.protobuf.{name}", "formats")
        for name in ("descriptor_pb2", "descriptor_pool", "message_factory")
    )
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{name.lower()}.proto", package="scalelab", syntax="proto3"
    )
    _add_message(file.message_type.add(), name, fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"scalelab.{name}"))


def _add_message(into: Any, name: str, fields: tuple[Field, ...]) -> None:
    into.name = name
    for values in ([f.name for f in fields], [f.number for f in fields]):
        if len(set(values)) < len(values):
            v.refuse("message_class", "fields", "have names and numbers of their own", values)
    for field in fields:
        v.choice("message_class", f"kind of {field.name}", field.kind, KINDS)
        made = into.field.add(name=field.name, number=field.number)
        made.label = made.LABEL_REPEATED if field.repeated else made.LABEL_OPTIONAL
        made.type = getattr(made, f"TYPE_{field.kind.upper()}")
        if field.kind == "message":
            nested = field.name.title().replace("_", "")
            made.type_name = nested
            _add_message(into.nested_type.add(), nested, field.message)


def sizes_bytes(value: Any, available: Mapping[str, Codec]) -> dict[str, tuple[int, int]]:
    """Bytes of an object in each format, plain and compressed by gzip.

    Parameters
    ----------
    value : object
        What all the formats can hold.
    available : mapping
        Codecs, as from `codecs`.

    Returns
    -------
    dict
        Name to a pair: bytes, and bytes after gzip at its usual level.
    """
    encoded = {name: codec.encode(value) for name, codec in available.items()}
    return {
        name: (len(data), len(gzip.compress(data, 6, mtime=0))) for name, data in encoded.items()
    }


def times_s(value: Any, available: Mapping[str, Codec], *, seconds: float = 0.02) -> dict[str, Any]:
    """Time that each format takes to encode and to decode an object, the best of five rounds.

    Parameters
    ----------
    value : object
        What all the formats can hold.
    available : mapping
        Codecs, as from `codecs`; they take turns.
    seconds : float
        How long one round of one codec takes, > 0.

    Returns
    -------
    dict
        Name to a pair of seconds: to encode, to decode.
    """
    limit = v.number("times_s", "seconds", seconds)
    best = {name: [float("inf"), float("inf")] for name in available}
    for _ in range(5):
        for name, codec in available.items():
            data = codec.encode(value)
            pair = (_each_s(codec.encode, value, limit), _each_s(codec.decode, data, limit))
            best[name] = [min(old, new) for old, new in zip(best[name], pair, strict=True)]
    return {name: tuple(pair) for name, pair in best.items()}


def _each_s(function: Callable[[Any], Any], argument: Any, seconds: float) -> float:
    """Seconds of one call, from as many as fit."""
    calls, start = 0, time.perf_counter()
    while True:
        for _ in range(20):
            function(argument)
        calls += 20
        passed = time.perf_counter() - start
        if passed > seconds:
            return passed / calls
