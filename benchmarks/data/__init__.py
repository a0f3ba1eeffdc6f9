"""What data costs: rows, pages made of rows, and sockets that are told something; ``python -m benchmarks.data``."""
