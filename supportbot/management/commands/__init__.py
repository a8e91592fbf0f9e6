"""Commands that need all layers."""
