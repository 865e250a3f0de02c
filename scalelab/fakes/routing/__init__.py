"""Routers: which node serves a key."""
