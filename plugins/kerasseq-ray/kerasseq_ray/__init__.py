"""`kerasseq VERB --engine ray`: verbs of kerasseq on several machines, by Ray."""
