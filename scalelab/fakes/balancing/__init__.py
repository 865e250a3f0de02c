"""Web servers, and the balancer before them."""
