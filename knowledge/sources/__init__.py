"""What is read of a web site: which pages, in which order, and what they say about themselves.

Pure: pages come from a fetcher, what is known of them from the caller; nothing is stored here.
"""
