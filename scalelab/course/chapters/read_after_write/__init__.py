"""The chapter on reading your own writes."""
