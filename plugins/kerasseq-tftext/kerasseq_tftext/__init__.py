"""tensorflow-text in kerasseq: tokenizers, preprocessors, and a SavedModel that reads texts."""

import os

# TensorFlow reads it when it is first imported, and Keras imports it, on any backend, to save or open a model
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
