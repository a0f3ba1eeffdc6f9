"""Pairs of hooks around many handlers, fused at startup."""
