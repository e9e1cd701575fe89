"""Who is told of a run while it happens: programs that keep and compare runs."""
