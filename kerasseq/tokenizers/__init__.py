"""`[tokenizer]`: text to ids."""
