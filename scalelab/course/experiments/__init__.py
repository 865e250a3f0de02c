"""The longer experiments of the chapters, one module a chapter; their cells call these."""
