"""The chapter on resharding: its experiments, claims, questions, scenes and servers."""
