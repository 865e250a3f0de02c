"""Models, simulators and fakes behind the scalelab course."""

__version__ = "0.1.0"
