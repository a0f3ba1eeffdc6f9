"""Primitives that compare, hash and sign, without requests."""
