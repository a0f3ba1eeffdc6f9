"""The messages of HTTP and their grammar. Pure: no I/O, no clock, no application."""
