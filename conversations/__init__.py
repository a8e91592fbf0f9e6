"""The chat: customers ask, the documents or a person answer."""
