"""Writes that touch several rows, one module a noun."""
