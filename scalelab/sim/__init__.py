"""Array kernels: arrays in, arrays or one row per request out; compiled when numba is there."""
