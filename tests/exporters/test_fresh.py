import io
import sys

import numpy as np
import pytest

from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.fresh import opened
from kerasseq.exporters.fresh_worker import Failed, receive, send
from kerasseq.pipelines.text_in_graph import padded


def test_arrays_come_out_as_they_went_in():
    stream = io.BytesIO()
    arrays = {"a": np.arange(6).reshape(2, 3), "none": np.zeros((0, 4), np.float32), "one": np.array(2.5)}
    send(stream, arrays)
    send(stream, {}, "no such token")
    stream.seek(0)
    for name, array in receive(stream).items():
        assert array.dtype == arrays[name].dtype and array.shape == arrays[name].shape
        np.testing.assert_array_equal(array, arrays[name])
    with pytest.raises(Failed, match="no such token"):
        receive(stream)
    with pytest.raises(EOFError):
        receive(stream)


def test_a_message_that_is_cut_off_is_an_end():
    stream = io.BytesIO()
    send(stream, {"a": np.arange(6)})
    with pytest.raises(EOFError):
        receive(io.BytesIO(stream.getvalue()[:-1]))


def test_a_file_that_does_not_open_is_refused_with_what_was_said(tmp_path):
    path = tmp_path / "model.pt2"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(Refused, match=r"model\.pt2: must open in a new process, got: .+; nothing was written"):
        opened("torch", path, "model.pt2", ["keras"]).__enter__()


def test_a_process_that_dies_is_refused_with_its_last_words(tmp_path, monkeypatch):
    worker = tmp_path / "worker.py"
    worker.write_text("import sys; print('the disk is gone', file=sys.stderr); sys.exit(7)", encoding="utf-8")
    monkeypatch.setattr(sys.modules["kerasseq.exporters.fresh"].fresh_worker, "__file__", str(worker))
    with pytest.raises(Refused, match="the process ended with exit code 7: the disk is gone"):
        opened("torch", tmp_path / "a", "model.pt2", []).__enter__()


def test_ids_are_padded_to_the_longest_or_further(finished):
    from kerasseq.corpus.text import Texts
    from kerasseq.loading import load

    pipeline = load(finished).task.pipeline
    [short] = padded(pipeline, Texts(["good", "good food was", ""])).values()
    [long] = padded(pipeline, Texts(["good", "good food was", ""]), least=9).values()
    assert short.shape == (3, 3) and long.shape == (3, 9) and short.dtype == np.int64
    assert (long[:, :3] == short).all() and not long[:, 3:].any() and not short[2].any()
    assert padded(pipeline, Texts([]))["tokens"].shape == (0, 1)
