"""The chapter on separate models for writes and reads."""
