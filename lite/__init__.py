"""The labs in the browser: a JupyterLite site that serves itself and asks no other host."""
