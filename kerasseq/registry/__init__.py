"""Which components are installed: find them, load one, list all; and whether a distribution fits this kerasseq."""
