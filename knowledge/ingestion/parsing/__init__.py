"""One module a kind of file. Each turns bytes into Markdown with headings."""
