"""Measures the same pipeline that customers get."""
