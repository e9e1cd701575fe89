"""`kerasseq tune`: the best model that is found within a budget of time, trials, size and latency."""
