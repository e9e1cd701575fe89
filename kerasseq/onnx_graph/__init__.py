"""What a graph of ONNX is made of: nodes, strings, masked steps, ids; what a `to_onnx` writes into."""
