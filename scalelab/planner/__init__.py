"""The pieces composed: load and prices in, fleets and plans out."""
