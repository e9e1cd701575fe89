"""tensorflow-text in kerasseq: tokenizers, preprocessors, and a SavedModel that reads texts."""
