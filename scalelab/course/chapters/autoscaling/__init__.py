"""The chapter on auto-scaling."""
