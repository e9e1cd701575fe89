"""The tests of this plugin run on torch unless the environment names another backend."""

import os

# Keras fixes its backend at the first import
os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND", "torch"))
