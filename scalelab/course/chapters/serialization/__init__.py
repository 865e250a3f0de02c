"""The chapter on serialization."""
