"""Everything outside the process, one folder a kind."""
