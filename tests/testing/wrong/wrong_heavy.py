"""A Spec whose module imports Keras."""

import keras

from kerasseq.spec import PoolerSpec


class Heavy(PoolerSpec):
    """Slow to list."""

    def build(self, directions):
        from wrong_layers import RightMean

        return RightMean(name=keras.__name__)
