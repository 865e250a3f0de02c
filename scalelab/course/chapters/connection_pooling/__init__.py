"""The chapter on connection pooling."""
