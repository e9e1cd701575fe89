"""`[[tracker]] name = "tensorboard"`: what a config names; the tracker is in `events`."""

from __future__ import annotations

from kerasseq.plugin import InputPath, Tracker, TrackerSpec
from kerasseq_trackers.extras import missing

__all__ = ["TensorBoard"]


class TensorBoard(TrackerSpec):
    """Scalars of each epoch and of the test, settings, card and pictures, as `tensorboard --logdir runs` shows them."""

    name: str = "tensorboard"
    """The component."""
    folder: InputPath = ""
    """Where runs are written, each into `<experiment>/<number>` there; a relative one starts at the folder of the
    config. Empty: into the run itself."""

    def build(self) -> Tracker:
        """Return the tracker.

        Raises:
            PluginError: tensorboard is not installed.
        """
        try:
            from kerasseq_trackers.events import Events
        except ImportError as cause:
            raise missing("tensorboard", cause) from cause
        return Events(self.folder)
