"""The chapter on the progressive scaling path, and all that is its own."""
