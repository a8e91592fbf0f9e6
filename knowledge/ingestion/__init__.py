"""From bytes to chunks with vectors. Knows no Django."""
