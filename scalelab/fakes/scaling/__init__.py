"""An autoscaler, and the load that it looks at."""
