"""Holds documents against each other: the same text twice, and statements that disagree."""
