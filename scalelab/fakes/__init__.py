"""Objects with the verbs of the real components, on a virtual clock."""
