"""From a question to passages. Knows no Django."""
