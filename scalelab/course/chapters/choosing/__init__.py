"""The chapter on choosing how to scale."""
