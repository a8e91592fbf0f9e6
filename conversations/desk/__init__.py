"""The agents' desk: its queues, its view of a conversation, its acts, its page and its socket."""
