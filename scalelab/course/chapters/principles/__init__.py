"""All that belongs to the chapter on the principles and the mindset."""
