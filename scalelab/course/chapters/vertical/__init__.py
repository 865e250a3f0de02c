"""The chapter on vertical scaling."""
