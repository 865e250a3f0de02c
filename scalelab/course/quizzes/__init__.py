"""The banks of questions, one module a chapter."""
