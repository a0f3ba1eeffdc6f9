"""The speed of Wadjet beside the bare server and beside other frameworks. Run it as ``python -m benchmarks``."""
