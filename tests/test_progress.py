"""What is seen of a training, in a terminal, in a file and in a notebook."""

import sys
from types import SimpleNamespace

import pytest

from kerasseq.progress import TrainingProgress, told

pytestmark = pytest.mark.usefixtures("own_log")


def row(epoch):
    return {"epoch": epoch, "loss": 1.5, "learning_rate": 1e-3, "gradient_norm": 2.0, "validation_f1[x]": 0.25}


def test_an_epoch_is_a_line_where_there_is_no_terminal(capsys):
    with TrainingProgress(3) as progress:
        progress.update(1, 1.7, 100)
        progress.epoch(row(1), 2.0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "epoch   1/3  loss 1.5000  validation_f1[x] 0.2500  lr 0.001  2.0 s\n"


@pytest.mark.parametrize(("first", "total"), [(1, 8), (3, 4)])
def test_a_continued_run_expects_only_the_epochs_that_are_left(first, total):
    progress = TrainingProgress(4)
    for _ in range(2):
        progress.update(first, 1.0, 10)
    progress.epoch(row(first), 1.0)
    [task] = progress.bar.tasks
    assert (task.completed, task.total) == (2, total)


def test_speed_counts_tokens_per_second_after_the_first_update(monkeypatch):
    clock = iter([0.0, 10.0, 10.0, 12.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    progress = TrainingProgress(1)
    monkeypatch.setattr(progress.bar, "update", lambda task, **fields: seen.append(fields["speed"]))
    seen = []
    progress.update(1, 1.0, 500)
    progress.update(1, 1.0, 600)
    assert seen == [0.0, 300.0]


def test_a_notebook_has_one_output_that_is_written_anew(monkeypatch):
    class Handle:
        def update(self, data, raw):
            shown.append(data["text/plain"])

    def display(data, raw, display_id):
        shown.append(data["text/plain"])
        return Handle()

    shown = []
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setattr("kerasseq.progress.WAIT", 0.0)
    progress = TrainingProgress(2)
    progress.console.is_jupyter = True
    with progress:
        progress.update(1, 1.7, 100)
        progress.epoch(row(1), 2.0)
        progress.update(2, 1.2, 100)
    first = "epoch   1/2  loss 1.5000  validation_f1[x] 0.2500  lr 0.001  2.0 s"
    assert shown[0] == ""
    assert shown[1].startswith("epoch 1/2 ")
    assert "loss 1.7000" in shown[1]
    assert shown[-2].splitlines()[0] == first
    assert shown[-2].splitlines()[1].startswith("epoch 2/2 ")
    assert shown[-1] == first  # the bar goes


def test_whoever_is_given_is_told_and_nobody_else(capsys):
    listener = object()
    for asked, wanted in ((None, None), (False, None), (listener, listener)):
        with told(asked, 1) as found:
            assert found is wanted
    with told(True, 3) as found:
        found.epoch(row(2), 1.0)
    assert capsys.readouterr().err.startswith("epoch   2/3")
