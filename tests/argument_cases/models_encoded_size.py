"""Arguments of the sizes of encoded numbers."""

NOT_WHOLE = [1.5, 2.0, True, "2", None, 1j, [1]]
WIDE = [2**64, -(2**63) - 1]

TABLE = {
    "models.encoded_size.decimal_bytes": {"value": (7, NOT_WHOLE)},
    "models.encoded_size.msgpack_integer_bytes": {"value": (7, [*NOT_WHOLE, *WIDE])},
    "models.encoded_size.varint_bytes": {"value": (7, [*NOT_WHOLE, *WIDE])},
}
