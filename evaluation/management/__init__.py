"""Evaluation from the command line."""
