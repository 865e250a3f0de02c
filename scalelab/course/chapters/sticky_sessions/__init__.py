"""The chapter on sticky sessions."""
