"""What is wrong with the data, before a model is trained on it."""
