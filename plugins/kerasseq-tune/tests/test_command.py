"""The verb, with a real worker: a budget in, a run directory out."""

import json

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """A finished study of a table that its trials nearly all can learn."""
    from kerasseq.run_directory import RunDirectory

    folder = tmp_path_factory.mktemp("tuned")
    rows = [
        "text,target",
        *(f"a {('good', 'bad')[row % 2]} day {row % 7},{('yes', 'no')[row % 2]}" for row in range(80)),
    ]
    (folder / "days.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    config = folder / "days.toml"
    config.write_text(
        "name = 'days'\n[dataset]\nname = 'table'\ntrain = 'days.csv'\n[encoder]\nname = 'simple_rnn'\nunits = 4\n"
        "bidirectional = false\n[embedding]\ndimension = 4\n[task]\nname = 'classification'\n[training]\nepochs = 1\n"
        "[evaluation]\nresamples = 100\n[tune]\n'encoder.units' = { low = 2, high = 8 }\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(
        main, ["tune", str(config), "--trials", "3", "--seeds", "2", "--out", str(folder / "runs"), "--json"]
    )
    assert result.exit_code == 0, result.output
    return RunDirectory(folder / "runs/days/0001"), json.loads(result.stdout), config


def test_a_study_ends_in_a_run_directory_like_any_other(tuned):
    run, told, _ = tuned
    for path in (run.model, run.onnx, run.metrics, run.report, run.predictions, run.history):
        assert path.exists(), path
    assert told["run"] == str(run.path)
    assert told["trials"] == 3
    answer = CliRunner().invoke(main, ["predict", str(run.path), "a good day"])
    assert answer.exit_code == 0, answer.output


def test_the_test_side_was_measured_once_for_the_chosen_model_alone(tuned):
    run, _, _ = tuned
    study = (run.path / "tune/trials.csv").read_text(encoding="utf-8")
    assert "validation" not in study.splitlines()[0]
    assert len(study.splitlines()) == 4
    assert not list((run.path / "tune").rglob("metrics.json"))


def test_the_page_shows_the_choice_the_trials_and_the_front(tuned):
    run, told, _ = tuned
    page = (run.path / "tuning.html").read_text(encoding="utf-8")
    for heading in ("The choice", "Trials", "Configs", "Score and size"):
        assert f"<h2>{heading}</h2>" in page
    assert "as written" in page
    assert told["tuning"] == str(run.path / "tuning.html")
    assert "<script" not in page


def test_compare_reads_what_a_study_gave(tuned, tmp_path):
    run, _, _ = tuned
    result = CliRunner().invoke(main, ["compare", str(run.path), "--out", str(tmp_path / "c")])
    assert result.exit_code == 0, result.output
    assert "days" in result.output


def test_a_study_that_has_ended_does_not_go_on(tuned):
    run, _, _ = tuned
    result = CliRunner().invoke(main, ["tune", "--resume", str(run.path)])
    assert result.exit_code == 1
    assert "must be a study that was interrupted, got one that has ended" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--size", "big"], "--size: must be a number above 0 and a unit"),
        (["--latency", "2 hours"], "--latency: must be a number above 0 and a unit"),
        (["--set", "split.validation=0"], "must have rows of validation to judge trials by"),
        (["--minutes", "0"], "--minutes"),
        (["--resume", "nowhere"], "give a CONFIG, or --resume RUN, not both"),
    ],
)
def test_what_is_wrong_with_a_command_line_is_said_before_anything_is_read(tuned, tmp_path, arguments, said):
    _, _, config = tuned
    result = CliRunner().invoke(main, ["tune", str(config), *arguments, "--out", str(tmp_path / "runs")])
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_is_no_study_is_named(tmp_path):
    result = CliRunner().invoke(main, ["tune", "--resume", str(tmp_path)])
    assert result.exit_code == 1
    assert f"{tmp_path / 'tune' / 'plan.json'}: must be the plan of a study" in result.stderr


def test_a_study_goes_on_as_it_was_begun(tuned, tmp_path):
    import shutil

    run, _, _ = tuned
    shutil.copytree(run.path / "tune", tmp_path / "tune")
    result = CliRunner().invoke(main, ["tune", "--resume", str(tmp_path), "--size", "5MB"])
    assert result.exit_code == 2
    assert "--size: a study goes on as it was begun" in result.stderr


def test_a_bound_that_is_not_given_again_stays(tuned, tmp_path, monkeypatch):
    import shutil

    from kerasseq_tune.plan import Budget, Plan
    from kerasseq_tune.study import Study

    def interrupted(self):
        raise KeyboardInterrupt

    run, _, _ = tuned
    shutil.copytree(run.path / "tune", tmp_path / "tune")
    monkeypatch.setattr(Study, "run", interrupted)
    for given, budget in ((["--minutes", "5"], Budget(5, 3)), (["--trials", "8"], Budget(5, 8)), ([], Budget(5, 8))):
        CliRunner().invoke(main, ["tune", "--resume", str(tmp_path), *given])
        assert Plan.load(tmp_path / "tune" / "plan.json").budget == budget
