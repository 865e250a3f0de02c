"""The entries of the ledger, one module a chapter."""
