"""The confusion matrix and the scores of each class."""

import numpy as np

from kerasseq.metrics import confusion
from kerasseq.report.classes import class_table, confusion_table


def _confusions(tested, labels=None):
    return confusion_table(tested.truth, tested.predictions.answers, labels or tested.predictions.labels)


def _classes(tested):
    return class_table(tested.scores, tested.truth, tested.predictions.labels)


def test_every_count_stands_in_its_cell(moods):
    table = _confusions(moods)
    counts = confusion(moods.truth, moods.predictions.answers, 3)
    cells = [part.split("<small>")[0].rsplit(">", 1)[1] for part in table.split("<td")[1:]]
    assert [int(cell) for cell in cells] == counts.ravel().tolist()
    assert table.count("shade right") == 3


def test_labels_are_isolated_and_escaped(moods):
    table = _confusions(moods, ("سلبي", "<b>", "c"))
    assert table.count('<bdi dir="auto" lang="ar">سلبي</bdi>') == 2
    assert "<b>" not in table


def test_a_class_without_test_rows_has_no_share(moods, changed):
    table = _confusions(changed(moods, truth=np.zeros(60, int)))
    assert table.count("<small>–</small>") == 6


def test_many_classes_give_the_most_frequent_confusions_instead_of_a_matrix():
    truth = np.arange(60) % 40
    table = confusion_table(truth, np.where(truth < 3, 5, truth), tuple(f"class-{k}" for k in range(40)))
    assert table.count("<tr>") == 1 + 3
    assert "class-0" in table
    assert "<td>2</td><td>100 %</td>" in table


def test_every_class_has_its_scores_and_its_rows(moods):
    table = _classes(moods)
    assert table.count('scope="row"') == 3
    assert f"<td>{int((moods.truth == 0).sum())}</td>" in table
    score = next(score for score in moods.scores if score.name == "recall[محايد]")
    assert f"<td>{score.value:.3f}<small>{score.low:.3f} to {score.high:.3f}</small></td>" in table


def test_without_scores_of_classes_there_is_no_table(moods, changed):
    assert _classes(changed(moods, scores=moods.scores[:1])) == ""
