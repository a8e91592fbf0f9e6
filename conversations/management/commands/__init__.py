"""Commands about answering."""
