"""Answers to the lab on stateless servers, written from its page alone."""

import hashlib
import json
from fractions import Fraction

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def visits(servers, requests):
    """Follow the visits that are still whole, request by request."""
    cut, whole = Fraction(0), Fraction(1)
    for _ in range(requests):
        misses = whole * Fraction(servers - 1, servers)
        cut, whole = cut + misses, whole - misses
    return float(cut)


def _base64(data):
    """Six bits a letter; what is missing at the end is zero."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 6)
    return "".join(LETTERS[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))


def _bytes(part):
    bits = "".join(f"{LETTERS.index(letter):06b}" for letter in part)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8))


def _hmac(key, data):
    """RFC 2104, by hand."""
    key = hashlib.sha256(key).digest() if len(key) > 64 else key
    key = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(k ^ 0x36 for k in key) + data).digest()
    return hashlib.sha256(bytes(k ^ 0x5C for k in key) + inner).digest()


def sign(claims, key):
    parts = [b'{"alg":"HS256","typ":"JWT"}', json.dumps(claims, separators=(",", ":")).encode()]
    signed = ".".join(map(_base64, parts))
    return signed + "." + _base64(_hmac(key, signed.encode()))


def verify(token, key, now_s):
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3 or parts[2] != _base64(_hmac(key, ".".join(parts[:2]).encode())):
        return None
    try:
        claims = json.loads(_bytes(parts[1]))
    except ValueError:
        return None
    holds = isinstance(claims, dict) and "exp" in claims and not now_s >= claims["exp"]
    return claims if holds else None


def handler(session_id, item, memory, store):
    """Keep numbered items rather than a list."""
    kept = store.get(session_id) or {}
    kept[str(len(kept) + 1)] = item
    store.put(session_id, kept)
    return [kept[str(number)] for number in range(1, len(kept) + 1)]
