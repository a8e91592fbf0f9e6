"""What operators see and do with documents."""
