"""`model.onnx`: a trained model as one ONNX file, text in, answer out."""
