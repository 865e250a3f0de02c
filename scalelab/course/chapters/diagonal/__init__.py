"""The chapter on diagonal scaling."""
