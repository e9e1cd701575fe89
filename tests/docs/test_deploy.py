"""What docs/deploy.md shows is what happens."""

import re
import shlex
import shutil
from importlib.metadata import entry_points
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.config.read import read_text
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", TEXT, re.M)
PYTHON = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
SMALL = [
    "--set", "training.epochs=1", "--set", "training.batch_size=256", "--set", "encoder.units=2", "--set",
    "encoder.layers=1", "--set", "embedding.dimension=4", "--set", "tokenizer.max_length=8", "--set",
    "evaluation.resamples=100", "--set", "evaluation.baselines=false",
]  # fmt: skip
NGRAMS = ["--set", "wide.words=1", "--set", "wide.characters=0"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, work_here):
    """A folder in which every command of the page has run, in its order; the current one."""
    folder = tmp_path_factory.mktemp("deploy")
    shutil.copytree(ROOT / "configs", folder / "configs")
    (folder / "texts.txt").write_text("هاتف جديد\n\nسوق السمك\n", encoding="utf-8")
    (folder / "other.csv").write_text("text\nهاتف جديد بذكاء\nسوق السمك\nعدس\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        work_here(patch)
        patch.chdir(folder)
        patch.delenv("KERASSEQ_BACKEND", raising=False)
        patch.setenv("KERAS_BACKEND", keras.backend.backend())
        for command in COMMANDS:
            if not command.startswith("serve "):  # a plugin's, which has tests of its own
                _do(command)
        yield folder


def _do(command: str) -> None:
    arguments, _, source = command.partition(" < ")
    words = shlex.split(arguments)
    words += SMALL if words[0] == "run" else []
    words += NGRAMS if words[:2] == ["run", "configs/bilstm.toml"] and "wide=[]" not in words else []
    if "--backends" in words:
        words[words.index("--backends") + 1] = f"{keras.backend.backend()},onnx"
    piped = Path(source).read_text(encoding="utf-8") if source else None
    result = CliRunner().invoke(main, words, input=piped)
    assert result.exit_code == 0, f"{command}: {result.output}"


def metadata(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def operators(path: Path) -> set[tuple[str, str]]:
    """Domain and name of every operator, those of branches too."""

    def of(graph: onnx.GraphProto) -> set[tuple[str, str]]:
        found = {(node.domain, node.op_type) for node in graph.node}
        return found.union(*(of(a.g) for node in graph.node for a in node.attribute if a.type == a.GRAPH))

    return of(onnx.load(path).graph)


def section(heading: str) -> str:
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_commands_leave_the_files_that_the_page_names(folder):
    assert len(COMMANDS) > 10
    run = Path("runs/bilstm/0001")
    assert {p.name for p in run.glob("*.onnx")} == set(re.findall(r"model(?:\.\w+)?\.onnx", section("Make it smaller")))
    assert (run / "verify.json").exists() and Path("model.onnx").read_bytes() == (run / "model.onnx").read_bytes()


def test_the_python_of_the_page_answers_as_the_run_does(folder):
    names: dict[str, object] = {}
    for block in PYTHON:
        exec(compile(block, "docs/deploy.md", "exec"), names)
    texts = re.findall(r'"([^"]*)"', PYTHON[0].split("array(")[1])[:2]
    assert len(PYTHON[0].splitlines()) == 5
    assert names["scores"] == pytest.approx(load("runs/bilstm/0001/model.onnx").predict(texts)["prediction"], abs=1e-5)


def test_the_tables_name_every_input_output_and_key(folder, finished):
    import onnxruntime

    found = {"text_2"}
    for path in (Path("model.onnx"), RunDirectory(finished).onnx):
        session = load(path).session
        assert isinstance(session, onnxruntime.InferenceSession)
        found |= {tensor.name for tensor in (*session.get_inputs(), *session.get_outputs())}
    tables = section("What is in it")
    assert found == set(re.findall(r"^\| `(\w+)` \| \w+ `\(batch", tables, re.M))
    assert set(metadata(Path("model.onnx"))) == set(re.findall(r"`(kerasseq\.\w+)`(?=[^|]*\| )", tables))


def test_the_limits_name_every_operator_that_is_not_standard(folder, finished):
    run = Path("runs/bilstm/0001")
    files = [run / "model.onnx", run / "model.int8.onnx", run / "model.float16.onnx", RunDirectory(finished).onnx]
    strange = {op for path in files for op in operators(path) if op[0] not in ("", "ai.onnx.ml")}
    said = set()
    for domain, row in re.findall(r"^\| `([\w.]+)`.*? \| (`.*?) \|", section("Limits"), re.M):
        said |= {(domain, name) for name in re.findall(r"`(\w+)`", row)}
    # tests/exporters has one of subwords, tests/wide one that compares two texts
    others = {("ai.onnx.contrib", name) for name in ("HfJsonTokenizer", "StringToHashBucketFast")}
    assert said == strange | others
    opsets = {entry.domain: entry.version for entry in onnx.load(files[0]).opset_import}
    assert f"`ai.onnx` {opsets['']} and `ai.onnx.ml` {opsets['ai.onnx.ml']}" in TEXT


def test_the_table_names_every_task_of_ours():
    ours = {each.name for each in entry_points(group="kerasseq.tasks") if each.dist.name == "kerasseq"}
    [row] = re.findall(r"^\| `kerasseq\.task` \| (.*) \|$", section("What is in it"), re.M)
    assert ours == set(re.findall(r"`(\w+)`", row))


def test_the_file_for_javascript_needs_no_other_operators(folder):
    path = Path("runs/plain/0001/model.onnx")
    assert metadata(path)["kerasseq.needs"] == "[]"
    assert {domain for domain, _ in operators(path)} <= {"", "ai.onnx.ml", "com.microsoft"}
    assert metadata(Path("model.onnx"))["kerasseq.needs"] == '["onnxruntime-extensions"]'


def test_the_toml_of_the_page_asks_for_both_files(folder):
    [block] = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)
    config = Path("configs/bilstm.toml").read_text(encoding="utf-8") + block
    said = read_text(config, "deploy.md", folder).to_dict()["exporter"]
    assert [entry["precision"] for entry in said] == ["float32", "int8"]
    assert read_text("exporter = []\n" + config.replace(block, ""), "deploy.md", folder).exporter == ()


def test_every_option_of_the_page_exists():
    verbs = [main.get_command(None, verb) for verb in ("run", "export", "predict", "generate", "verify")]
    known = {option for verb in verbs for parameter in verb.params for option in parameter.opts}
    plugin = (ROOT / "plugins" / "kerasseq-serve" / "kerasseq_serve" / "settings.py").read_text(encoding="utf-8")
    known |= {f"--{name.replace('_', '-')}" for name in re.findall(r"^    (\w+): ", plugin, re.M)}
    assert set(re.findall(r"(?<=[ `])--[a-z][\w-]*", TEXT)) <= known


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, anchor = target.partition("#")
        page = (ROOT / "docs" / path).read_text(encoding="utf-8") if path else TEXT
        headings = re.findall(r"^##+ (.*)$", page, re.M)
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, target


def test_answers_of_the_smaller_files_are_close(folder):
    texts = Path("texts.txt").read_text(encoding="utf-8").splitlines()
    whole = load("model.onnx").predict(texts)["prediction"]
    for precision, tolerance in (("float16", 0.01), ("int8", 0.1)):
        small = load(f"runs/bilstm/0001/model.{precision}.onnx").predict(texts)["prediction"]
        np.testing.assert_allclose(small, whole, atol=tolerance)
