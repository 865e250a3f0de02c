"""Caches on a virtual clock: eviction, expiry, and the patterns of a cache before a store."""
