"""The chapter on write sharding: which piece gets what, and what was given up."""
