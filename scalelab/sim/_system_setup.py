"""Empty books for the event simulation of a system, as arrays or as lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from scalelab.sim import _system_books as b

NEVER = -1e18


def empty_books(rules: b.Rules, draws: b.Draws, shards: int, warm_s: Any) -> b.Books:
    """Return the books of a system at rest.

    `warm_s` says until when the cache holds each key, most popular first, or is empty.
    """
    requests = len(draws.arrive_s)
    attempts = requests * (1 + rules.retries) + 1
    commits = int(np.sum(draws.writes)) * (1 + rules.retries) + 1
    lines = rules.first_pool + rules.servers
    pending = 4 * attempts + commits * rules.replicas + 2 * len(draws.fault_kind) + 16
    books = b.Books(
        rules._replace(first_replay=attempts),
        draws,
        b.Requests(_whole(requests), np.full(requests, np.nan), *_flags(3, requests)),
        b.Attempts(
            *(_whole(attempts) for _ in range(4)),
            *_flags(3, attempts),
            np.zeros(attempts),
            _whole(attempts + rules.nodes),
        ),
        b.Lines(
            *(np.full(lines, b.NOBODY), np.full(lines, b.NOBODY), _whole(lines), _whole(lines)),
            *(np.zeros(lines) for _ in range(3)),
        ),
        b.Servers(
            np.full(rules.servers, rules.pool),
            _whole(rules.servers),
            np.full(rules.servers, NEVER),
            *_flags(1, rules.servers),
        ),
        _nodes(rules.nodes, shards, commits),
        _cache(rules.keys, warm_s),
        b.Heap(np.zeros(pending), _whole(pending)),
        _whole(6),
        np.array([b.MOST_TOKENS, NEVER, 0.0, 0.0]),
        np.zeros((int(rules.horizon_s) + 1) * b.COLUMNS),
    )
    books.whole[b.CACHED] = len(warm_s)
    return books


def _whole(size: int) -> Any:
    return np.zeros(size, np.int64)


def _flags(count: int, size: int) -> list[Any]:
    return [np.zeros(size, np.bool_) for _ in range(count)]


def _nodes(nodes: int, shards: int, commits: int) -> b.Nodes:
    wrote, applying = _flags(2, nodes)
    received, applied, queries = _whole(nodes), _whole(nodes), _whole(nodes)
    commit_s = np.zeros(shards * commits)
    slow = np.ones(nodes)
    return b.Nodes(queries, wrote, slow, received, applied, applying, _whole(shards), commit_s)


def _cache(keys: int, warm_s: Any) -> b.Cache:
    there, old = _flags(2, keys)
    warm = len(warm_s)
    there[:warm] = True
    expires_s = np.full(keys, NEVER)
    expires_s[:warm] = warm_s
    ring = np.concatenate([[keys], np.arange(warm)])  # the sentinel, then the newest and on
    before, after = np.full(keys + 1, b.NOBODY), np.full(keys + 1, b.NOBODY)
    after[ring], before[ring] = np.roll(ring, -1), np.roll(ring, 1)
    filling_s = np.full(keys, NEVER)
    return b.Cache(there, old, expires_s, filling_s, _whole(keys), _whole(keys), before, after)
