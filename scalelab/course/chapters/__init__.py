"""One folder a chapter: its experiments, its entries of the ledger, its quiz."""
