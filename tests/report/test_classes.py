"""The confusion matrix and the scores of each class."""

import numpy as np

from kerasseq.metrics import classification_scores, confusion
from kerasseq.report.classes import class_table, confusion_table


def test_every_count_stands_in_its_cell(classification):
    table = confusion_table(classification)
    counts = confusion(classification.truth, classification.prediction, 3)
    cells = [part.split("<small>")[0].rsplit(">", 1)[1] for part in table.split("<td")[1:]]
    assert [int(cell) for cell in cells] == counts.ravel().tolist()
    assert table.count("shade right") == 3


def test_labels_are_isolated_and_escaped(classification, changed):
    table = confusion_table(changed(classification, labels=("سلبي", "<b>", "c")))
    assert table.count('<bdi dir="auto" lang="ar">سلبي</bdi>') == 2
    assert "<b>" not in table


def test_a_class_without_test_rows_has_no_share(classification, changed):
    table = confusion_table(changed(classification, truth=np.zeros(60, int)))
    assert table.count("<small>–</small>") == 6


def _many(data, changed, classes=40, rows=60):
    truth = np.arange(rows) % classes
    probabilities = np.full((rows, classes), 0.1)
    probabilities[np.arange(rows), np.where(truth < 3, 5, truth)] = 1.0
    labels = tuple(f"class-{k}" for k in range(classes))
    scores = classification_scores(truth, probabilities, labels, resamples=5)
    fields = {"truth": truth, "prediction": probabilities.argmax(axis=1), "labels": labels}
    return changed(data, probabilities=probabilities, scores=scores, attention=(), **fields)


def test_many_classes_give_the_most_frequent_confusions_instead_of_a_matrix(classification, changed):
    table = confusion_table(_many(classification, changed))
    assert table.count("<tr>") == 1 + 3
    assert "class-0" in table
    assert "<td>2</td><td>100 %</td>" in table


def test_every_class_has_its_scores_and_its_rows(classification):
    table = class_table(classification)
    assert table.count('scope="row"') == 3
    assert f"<td>{int((classification.truth == 0).sum())}</td>" in table


def test_without_scores_of_classes_there_is_no_table(classification, changed):
    assert class_table(changed(classification, scores=classification.scores[:1])) == ""
