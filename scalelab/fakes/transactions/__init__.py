"""Transactions over several nodes: two-phase commit and sagas."""
