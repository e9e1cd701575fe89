"""`model.plain.keras`: a trained model that opens in plain Keras."""
