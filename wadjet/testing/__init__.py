"""Drive an application from outside, without a server."""
