"""The chapter on queries: what to mend before a server is bought."""
