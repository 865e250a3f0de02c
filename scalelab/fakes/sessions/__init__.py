"""Where the session of a user may lie: in a server, in a shared store, in a token."""
