"""The chapter on caching layers: what they save, how large, how fresh, and how they fail."""
