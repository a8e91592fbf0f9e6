"""What a site may be: addresses it is shown on, colours, languages. No database here."""
