"""The documents: ingestion, retrieval, and who may read what."""
