"""The chapter on workloads: what reads and writes ask of a database."""
