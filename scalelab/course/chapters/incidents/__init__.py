"""Incidents: one shop, ten ways in which it goes down, and what its dashboard shows then."""
