"""A replicated store: log, primary, replicas, failover, and what its clients are promised."""
