"""Arguments of the sizes of encoded numbers."""

from support import kinds as k

WHOLE = k.Kind(1.5, 2.0, True, "2", None, 1j, [1])
WIDE = [2**64, -(2**63) - 1]

TABLE = {
    "models.encoded_size.decimal_bytes": {"value": WHOLE(7)},
    "models.encoded_size.msgpack_integer_bytes": {"value": WHOLE(7, *WIDE)},
    "models.encoded_size.varint_bytes": {"value": WHOLE(7, *WIDE)},
}
