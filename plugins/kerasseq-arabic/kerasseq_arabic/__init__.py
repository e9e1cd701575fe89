"""Arabic for kerasseq: stems, lemmas, roots, dialect spelling, transliteration, AraBERT's preparation, Farasa."""
