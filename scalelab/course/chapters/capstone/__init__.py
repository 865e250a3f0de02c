"""Black Friday week: the lab that closes the path."""
