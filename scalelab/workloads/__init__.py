"""Samplers of arrivals and service times: a generator in, arrays out."""
