"""A run as a file of events, written by the tensorboard package alone."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.plugins.hparams import plugin_data_pb2 as sessions
from tensorboard.plugins.text import metadata as texts
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

from kerasseq.plugin import Results, Tracked, Tracker

__all__ = ["Events"]

PNG = b"\x89PNG\r\n\x1a\n"


class Events(Tracker):
    """Appends to one file a process; TensorBoard shows the files of a folder as one run.

    `EventFileWriter` would import TensorFlow where it is installed, so records are written by the writer below it.

    Args:
        folder: Where the runs are; empty for the run itself.
    """

    def __init__(self, folder: str = "") -> None:
        self.folder = folder
        self.file = Path(folder)
        self.step = 0

    def start(self, run: Tracked) -> str:
        """Name the settings; the folder is what finds the run again."""
        place = Path(self.folder) / run.name if self.folder else run.directory
        place.mkdir(parents=True, exist_ok=True)
        # A new file in a run that goes on, for the end of the old one may be cut off
        # Files are read in the order of their names, which two of one second must have too
        number = len(list(place.glob("events.out.tfevents.*")))
        made = f"{int(time.time()):010d}.{number:04d}.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}"
        self.file = place / f"events.out.tfevents.{made}"
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))
        if not run.resumed:
            begun = sessions.SessionStartInfo(start_time_secs=time.time(), group_name=run.name)
            for key, value in run.settings.items():
                _set(begun.hparams[key], value)
            self._summary([_session(hparams.SESSION_START_INFO_TAG, session_start_info=begun)])
        self._summary([_text("settings", _table(run.settings))])
        return ""

    def epoch(self, number: int, logs: Mapping[str, float]) -> None:
        """`train/loss`, `validation/loss` and so on, at the step of the epoch."""
        self.step = number
        self._summary(Summary.Value(tag=_tag(name), simple_value=value) for name, value in logs.items())

    def end(self, results: Results) -> None:
        """`test/accuracy` and `majority/accuracy`, at the last epoch; the card and pictures."""
        scores = {"test": results.metrics, **results.baselines}
        values = [
            Summary.Value(tag=f"{part}/{name}", simple_value=value)
            for part, found in scores.items()
            for name, value in found.items()
        ]
        for path in results.artifacts:
            if path.name == "MODEL_CARD.md":
                values.append(_text("card", path.read_text(encoding="utf-8")))
            elif path.suffix == ".png" and path.is_file():
                values += _picture(path)
        files = "\n".join(f"- `{path}`" for path in results.artifacts)
        self._summary([*values, _text("files", files)])
        self._ended("STATUS_SUCCESS")

    def stop(self, status: Literal["failed", "interrupted"], cause: str) -> None:
        """How it ended."""
        self._summary([_text("ended", f"{status} {cause}".rstrip())])
        self._ended("STATUS_FAILURE")

    def _ended(self, status: str) -> None:
        told = sessions.SessionEndInfo(status=status, end_time_secs=time.time())
        self._summary([_session(hparams.SESSION_END_INFO_TAG, session_end_info=told)])

    def _summary(self, values: Iterable[Any]) -> None:
        self._write(Event(wall_time=time.time(), step=self.step, summary=Summary(value=values)))

    def _write(self, event: Any) -> None:
        with self.file.open("ab") as file:
            RecordWriter(file).write(event.SerializeToString())


def _tag(name: str) -> str:
    """`validation_f1_macro` -> `validation/f1_macro`, `loss` -> `train/loss`."""
    validation = name.removeprefix("validation_")
    return f"validation/{validation}" if validation != name else f"train/{name}"


def _set(place: Any, value: Any) -> None:
    """A setting as the tab of hyperparameters can sort it."""
    if isinstance(value, bool):
        place.bool_value = value
    elif isinstance(value, int | float):
        place.number_value = value
    else:
        place.string_value = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _session(tag: str, **told: Any) -> Any:
    data = sessions.HParamsPluginData(version=hparams.PLUGIN_DATA_VERSION, **told)
    return Summary.Value(tag=tag, metadata=hparams.create_summary_metadata(data))


def _text(tag: str, markdown: str) -> Any:
    tensor = tensor_util.make_tensor_proto(np.array([markdown.encode()], dtype=object))
    return Summary.Value(tag=tag, metadata=texts.create_summary_metadata(tag, ""), tensor=tensor)


def _table(settings: Mapping[str, Any]) -> str:
    rows = [f"| {key} | `{json.dumps(value, ensure_ascii=False)}` |" for key, value in settings.items()]
    return "\n".join(["| setting | value |", "|---|---|", *rows])


def _picture(path: Path) -> list[Any]:
    """The picture, with the size that its head says."""
    data = path.read_bytes()
    if not data.startswith(PNG):
        return []
    width, height = (int.from_bytes(data[place : place + 4], "big") for place in (16, 20))
    image = Summary.Image(height=height, width=width, encoded_image_string=data)
    return [Summary.Value(tag=f"pictures/{path.stem}", image=image)]
