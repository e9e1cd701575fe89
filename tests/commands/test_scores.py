import pytest
from rich.cells import cell_len

from kerasseq.commands.scores import show_outcome
from kerasseq.evaluation.measure import Outcome
from kerasseq.metrics import Score
from kerasseq.run_directory import RunDirectory

NOTE = "correlation with a constant"


def outcome(scores, baselines, confidence=0.95, rows=6):
    return Outcome(
        directory=RunDirectory("runs/x/0001"),
        scores=scores,
        baselines=baselines,
        main="mae",
        confidence=confidence,
        truth=range(rows),
        samples=None,
        where=[],
        answer=None,
        model=None,
    )


def test_scores_stand_beside_the_baselines_with_their_intervals(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    scores = [Score("mae", 1.25, 1.0, 1.5), Score("r2", 0.5, 0.4, 0.6)]
    baselines = {"mean": [Score("mae", 2.5, 2.0, 3.0)]}
    show_outcome(outcome(scores, baselines, rows=1200))
    assert capsys.readouterr().out.splitlines() == [
        "1,200 test rows, 95 % intervals by bootstrap",
        "test score  model                 mean",
        "mae         1.250 [1.000, 1.500]  2.500 [2.000, 3.000]",
        "r2          0.500 [0.400, 0.600]  –",
        "",
        "Mean absolute error is better than that of the best baseline (Training mean): 1.250 against 2.500;",
        "nothing could be tested.",
        f"report: {RunDirectory('runs/x/0001').report}",
    ]


@pytest.mark.parametrize(("confidence", "said"), [(0.9, "90 %"), (0.999, "99.9 %"), (0.57, "57 %")])
def test_the_intervals_are_named_by_their_confidence(capsys, confidence, said):
    show_outcome(outcome([Score("mae", 1.0, 1.0, 1.0)], {}, confidence))
    assert f"{said} intervals" in capsys.readouterr().out


def test_what_is_undefined_is_a_dash_and_one_footnote(capsys):
    scores = [Score("mae", 1.0, 0.9, 1.1), Score("pearson", 0.5, 0.4, 0.6)]
    constant = [Score("mae", 2.0, 1.9, 2.1), Score("pearson", None, None, None, NOTE)]
    show_outcome(outcome(scores, {"mean": constant, "other": constant}))
    text = capsys.readouterr().out
    assert text.splitlines()[3].split() == ["pearson", "0.500", "[0.400,", "0.600]", "–", "–"]
    assert text.count(NOTE) == 1
    assert f"– is undefined; pearson: {NOTE}\n" in text


@pytest.mark.parametrize("width", [61, 72, 80, 120])
def test_no_line_is_wider_than_the_terminal(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    scores = [Score("precision_macro", 0.5, 0.4, 0.6), Score("log_loss", 1.5, 1.4, 1.6)]
    show_outcome(outcome(scores, {"majority": scores, "tfidf_linear": scores}))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert len(lines[: lines.index("")]) == 4
    assert ("0.500 [0.400, 0.600] 0.500" in lines[2]) == (width == 80)


def test_classes_have_a_row_each_whatever_they_are_called(capsys):
    names = ["spam", "غير مرغوب", "[/bold]", "a]b"]
    per_class = [Score(f"{m}[{n}]", 0.25, 0.2, 0.3) for n in names for m in ("f1", "recall")]
    show_outcome(outcome([Score("mae", 1.0, 0.9, 1.1), *per_class], {}), written=False)
    lines = capsys.readouterr().out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("class"))
    assert lines[start].split() == ["class", "f1", "recall"]
    for line, name in zip(lines[start + 1 :], names, strict=True):
        assert line.startswith(name) and line.count("0.250 [0.200, 0.300]") == 2


def test_what_is_not_written_names_no_report(capsys):
    show_outcome(outcome([Score("mae", 1.0, 0.9, 1.1)], {}), written=False)
    assert "report" not in capsys.readouterr().out


@pytest.mark.parametrize("written", [True, False])
def test_of_many_classes_the_others_are_counted_where_a_file_has_them(capsys, written):
    scores = [Score(f"f1[c{i}]", 0.25, 0.2, 0.3) for i in range(300)]
    show_outcome(outcome([Score("mae", 1.0, 0.9, 1.1), *scores], {}), written)
    out = capsys.readouterr().out
    assert out.count("0.250 [0.200, 0.300]") == (40 if written else 300)
    more = f"and 260 more classes; {RunDirectory('runs/x/0001').metrics} has them all\n"
    assert (more in out) == written
