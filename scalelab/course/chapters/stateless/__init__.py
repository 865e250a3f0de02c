"""The chapter on stateless services."""
