"""Histories of reads and writes, and what they say about a store's consistency."""
