"""English for kerasseq: stems, lemmas, spoken forms, dates, quantities, sentences."""
