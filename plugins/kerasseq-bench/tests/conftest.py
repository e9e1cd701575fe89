"""The tests of this plugin run on torch, whatever other tests run on."""

import os

os.environ["KERAS_BACKEND"] = "torch"  # Keras fixes its backend at the first import
