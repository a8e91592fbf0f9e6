"""Log lines, traces, the ledger of LLM calls and incidents: what happened, and what it cost."""
