"""Writes across rows, one module a noun."""
