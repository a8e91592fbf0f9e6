"""Language models: the protocol, the client for OpenAI-compatible endpoints, and a stub server."""
