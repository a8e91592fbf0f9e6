"""Pages of the web, fetched for operators' sources: only allowed hosts, only public addresses."""
