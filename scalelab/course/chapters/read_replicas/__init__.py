"""The chapter on read replicas: what they add, and how old their answers are."""
