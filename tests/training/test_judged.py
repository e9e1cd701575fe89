"""What the rows of validation say of a trained model, beside a linear branch and without one."""

import numpy as np
import pytest

from kerasseq.config.read import read_text
from kerasseq.experiment import build, train
from kerasseq.run_directory import RunDirectory
from kerasseq.training.judged import beside, judged

CONFIG = """
[dataset]
name = "table"
train = "{path}"

[encoder]
name = "simple_rnn"
units = 4
bidirectional = false

[embedding]
dimension = 4

[task]
name = "classification"

[training]
epochs = 2
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """`trained(more)`: what a training of 60 rows leaves."""
    folder = tmp_path_factory.mktemp("judged")
    rows = [
        "text,target",
        *(f"a {('good', 'bad')[row % 2]} day {row % 7},{('yes', 'no')[row % 2]}" for row in range(60)),
    ]
    (folder / "days.csv").write_text("\n".join(rows), encoding="utf-8")

    def make(*overrides):
        experiment = read_text(CONFIG.format(path=folder / "days.csv"), "a.toml", overrides=overrides)
        model, prepared = build(experiment)
        directory = RunDirectory.create(folder, "run")
        return model, prepared, train(model, prepared, directory), directory

    return make


def test_a_network_alone_is_judged_by_the_epoch_that_was_kept(trained):
    model, prepared, history, directory = trained()
    found = judged(model, prepared.examples["validation"], history, directory)
    assert found["accuracy"] == history.rows[history.best_epoch - 1]["validation_accuracy"]


def test_beside_a_branch_the_answer_of_both_is_judged_by_what_the_branch_said_unseen(trained):
    model, prepared, history, directory = trained("wide.name=ngrams")
    validation = prepared.examples["validation"]
    branch = model.task.pipeline.wide
    found = judged(model, validation, history, directory)
    alone = history.rows[history.best_epoch - 1]
    assert set(found) == {name.removeprefix("validation_") for name in alone if name.startswith("validation_")} - {
        "loss"
    }
    held_out = branch.held_out[-len(validation) :].argmax(axis=1)
    assert found["accuracy"] >= (held_out == validation.targets).mean() - 1e-9


def test_with_folds_the_rows_that_each_fold_left_out_judge(trained):
    import json

    model, prepared, history, directory = trained("training.folds=2")
    found = judged(model, prepared.examples["validation"], history, directory)
    assert found == json.loads(directory.folds.read_text(encoding="utf-8"))["answer"]


def test_where_a_branch_had_seen_a_row_the_network_answers_alone():
    own = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = beside({"logits": own, "attention": [1]}, np.array([[4.0, 0.0], [np.nan, np.nan]]), (0.5, 0.25))
    assert found["logits"].tolist() == [[1.5, 1.0], [3.0, 4.0]]
    assert found["attention"] == [1]
