"""An event log, its subscribers, an outbox, and read models."""
