"""What Redis and separate worker processes are in the server profile, inside one process."""
