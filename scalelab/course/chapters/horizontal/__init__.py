"""The chapter on horizontal scaling."""
