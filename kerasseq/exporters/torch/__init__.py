"""`model.pt2`: a trained model as a program of torch, ids in, answer out."""
