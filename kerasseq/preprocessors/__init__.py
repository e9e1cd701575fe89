"""`[[preprocessor]]`: text to text, before the tokenizer."""
