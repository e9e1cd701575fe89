"""Text to text, as rules that an exporter can follow."""
