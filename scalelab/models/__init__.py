"""Closed forms: pure functions, and frozen dataclasses where there are several results."""
