"""From a question to a reply that may be delivered. Start with pipeline.py."""
