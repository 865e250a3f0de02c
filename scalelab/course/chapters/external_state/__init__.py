"""The chapter on external state."""
