"""Staff's REST endpoints for documents."""
