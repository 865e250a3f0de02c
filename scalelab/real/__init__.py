"""The verbs of the fakes on real servers, found on this machine and run under supervision."""
