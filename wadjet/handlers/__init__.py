"""A function on one side, HTTP on the other."""
