"""Wadjet: return anything; what leaves is correct HTTP."""
