"""The chapter on the limits of a larger database server."""
