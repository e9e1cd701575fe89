"""GPT-2 (Radford et al., 2019) as a language model of kerasseq."""
