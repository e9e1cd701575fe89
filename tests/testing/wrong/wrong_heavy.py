"""A Spec whose module imports a framework."""

import torch

from kerasseq.spec import PoolerSpec


class Heavy(PoolerSpec):
    """Slow to list."""

    def build(self, directions):
        from wrong_layers import RightMean

        return RightMean(name=torch.__name__)
