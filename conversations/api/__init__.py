"""The REST side of the chat: the same verbs as the socket."""
