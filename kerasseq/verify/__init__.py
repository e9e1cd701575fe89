"""The proof that the same weights give the same answers on each backend; each runs in a process of its own."""
