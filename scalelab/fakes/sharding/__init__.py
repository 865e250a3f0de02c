"""A sharded store: scattered queries, secondary indexes, and moving shards while they are used."""
