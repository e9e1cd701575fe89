"""One vector per text."""
