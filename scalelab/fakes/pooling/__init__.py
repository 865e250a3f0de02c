"""Connection pools on a virtual clock, and the database behind them."""
