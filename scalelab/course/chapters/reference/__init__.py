"""The pages of the reference."""
