"""Our simulators against their peers, in one interleaved run: ``python -m benchmarks``."""
