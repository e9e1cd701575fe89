import json
import shutil

import keras
import pytest

from kerasseq.run_directory import RunDirectory


@pytest.fixture
def run(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "run")
    return RunDirectory(tmp_path / "run")


def test_a_run_is_measured_again_as_before(kerasseq, run, finished):
    run.metrics.unlink()
    result = kerasseq("evaluate", run.path)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "12 test rows, 95 % intervals by bootstrap"
    assert result.stdout.splitlines()[-1] == f"report: {run.report}"
    assert result.stderr.startswith(f"backend {keras.backend.backend()}, device ")
    assert run.metrics.read_bytes() == RunDirectory(finished).metrics.read_bytes()


def test_other_data_is_measured_and_no_report_is_named(kerasseq, run, tmp_path):
    (tmp_path / "new.tsv").write_text("mood\ttext\ngood\tخدمة\nbad\tرديئة\nso-so\tbad\n", encoding="utf-8")
    before = {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file()}
    result = kerasseq("evaluate", run.path, "--data", "new.tsv")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("3 test rows, ")
    assert "report" not in result.stdout
    assert {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file()} == before


def test_columns_and_the_way_of_another_file_are_said_by_options(kerasseq, run, tmp_path):
    rows = [("mood", "words"), ("good", "خدمة"), ("bad", "رديئة"), ("so-so", "bad")]
    usual = tmp_path / "usual.csv"
    usual.write_text("".join(f"{mood},{text}\n" for mood, text in [("mood", "text"), *rows[1:]]), encoding="utf-8")
    wanted = kerasseq("evaluate", run.path, "--data", usual, "--json").stdout
    (tmp_path / "other.csv").write_bytes("".join(f"{mood};{text}\n" for mood, text in rows[1:]).encode("cp1256"))
    columns = ["--text", "column_2", "--target", "column_1"]
    ways = ["--encoding", "cp1256", "--delimiter", ";", "--no-header"]
    result = kerasseq("evaluate", run.path, "--data", "other.csv", *columns, *ways, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["scores"] == json.loads(wanted)["scores"]
    assert "read as" not in result.stderr


def test_options_of_a_file_need_one_and_name_the_column_that_is_missing(kerasseq, run, tmp_path):
    result = kerasseq("evaluate", run.path, "--target", "mood", "--no-header")
    assert (result.exit_code, "--target, --header: is of --data FILE" in result.stderr) == (2, True)
    (tmp_path / "new.csv").write_text("words,feeling\na,good\n", encoding="utf-8")
    result = kerasseq("evaluate", run.path, "--data", "new.csv", "--text", "words")
    assert result.exit_code == 2
    assert 'must have a column "mood", got words, feeling; --target COLUMN names another one' in result.stderr


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("text,feeling\na,good\n", 2, 'a column "mood"'),
        ("text,mood\na,good\nb,great\n", 1, "new.csv:3: mood: must be one of bad, good, so-so, got 'great'"),
        ("text,mood\n,good\n", 1, "new.csv:2: text: must not be empty"),
        (None, 2, "new.csv: must be a file"),
    ],
)
def test_what_is_wrong_with_the_data_is_a_line_and_an_exit_code(kerasseq, run, tmp_path, content, code, said):
    if content is not None:
        (tmp_path / "new.csv").write_text(content)
    result = kerasseq("evaluate", run.path, "--data", "new.csv")
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == "" and "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["model", "tokenizer", "task", "experiment", "environment"])
@pytest.mark.parametrize("missing", [True, False])
def test_a_damaged_run_is_a_line_and_an_exit_code(kerasseq, run, name, missing):
    path = getattr(run, name)
    path.unlink() if missing else path.write_bytes(b"\x00damage")
    result = kerasseq("evaluate", run.path)
    assert result.exit_code == (2 if name == "experiment" and not missing else 1)
    assert path.name in result.stderr
    assert result.stdout == "" and "Traceback" not in result.stderr


def test_data_that_is_gone_is_said_by_its_setting(kerasseq, run):
    text = run.experiment.read_text(encoding="utf-8")
    run.experiment.write_text(text.replace("rows.csv", "gone.csv"), encoding="utf-8")
    result = kerasseq("evaluate", run.path)
    assert result.exit_code == 2
    assert "dataset.train: must be a file" in result.stderr


def test_data_that_has_moved_is_said_by_its_new_place(kerasseq, run, tmp_path):
    text = run.experiment.read_text(encoding="utf-8")
    place = next(line for line in text.splitlines() if line.startswith("train = ")).partition(" = ")[2]
    run.experiment.write_text(text.replace(place, '"/gone/rows.csv"'), encoding="utf-8")
    gone = kerasseq("evaluate", run.path)
    assert (gone.exit_code, "named by its new place: --set dataset.train=/ITS/PATH" in gone.stderr) == (2, True)
    before = run.metrics.read_bytes()
    moved = kerasseq("evaluate", run.path, "--set", f"dataset.train={place}")
    assert (moved.exit_code, run.metrics.read_bytes()) == (0, before), moved.output
    for words in (["--set", "training.epochs=1"], ["--data", "x.csv", "--set", f"dataset.train={place}"]):
        wrong = kerasseq("evaluate", run.path, *words)
        assert wrong.exit_code == 2 and "--set: says where the run's own data has moved" in wrong.stderr


@pytest.fixture
def without_vectors(tiny, tmp_path):
    """A finished run whose file of vectors is gone, and where that was."""
    from kerasseq.config.read import read_experiment
    from kerasseq.experiment import run

    path = tmp_path / "vectors.txt"
    path.write_text("good 0.1 0.2 0.3\nخدمة 0.4 0.5 0.6\n", encoding="utf-8")
    said = [f'embedding={{name="pretrained", path="{path}", file_words=2}}', "training.epochs=1"]
    directory = run(read_experiment(tiny(tmp_path), said), tmp_path / "runs").directory
    path.unlink()
    return directory, path


def test_a_finished_run_needs_its_file_of_vectors_no_more(kerasseq, without_vectors, same_process):
    run, path = without_vectors
    before = run.metrics.read_bytes()
    commands = (
        ("evaluate", run.path),
        ("evaluate", run.path, "--set", "embedding.path=/elsewhere/vectors.txt"),
        ("predict", run.path, "good"),
        ("predict", run.path, "good", "--backend", keras.backend.backend(), "--explain"),
        ("export", run.path, "--to", "onnx", "--out", "again.onnx"),
        ("verify", run.path, "--backends", keras.backend.backend()),
        ("compare", run.path, "--out", "compared"),
        ("diagnose", run.path, "--rows", 8),
    )
    said = {" ".join(map(str, words)): kerasseq(*words) for words in commands}
    assert {name: result.exit_code for name, result in said.items()} == dict.fromkeys(said, 0), said
    assert run.metrics.read_bytes() == before
    rule = f"not measured: the network before training: it began with {path}, which is gone"
    assert f"{rule}; --set embedding.path=/ITS/PATH" in list(said.values())[-1].stdout
    told = json.loads(run.diagnosis.read_text(encoding="utf-8"))
    assert list(told["stages"]) == ["after"]
    path.write_text("good 0.1 0.2 0.3\nخدمة 0.4 0.5 0.6\n", encoding="utf-8")
    assert kerasseq("diagnose", run.path, "--rows", 8, "-q").exit_code == 0
    assert list(json.loads(run.diagnosis.read_text(encoding="utf-8"))["stages"]) == ["before", "after"]


def test_a_wrong_backend_is_a_wrong_command_line(kerasseq, run):
    assert kerasseq("evaluate", run.path, "--backend", "theano").exit_code == 2
