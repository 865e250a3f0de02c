"""All that belongs to the chapter on replication."""
