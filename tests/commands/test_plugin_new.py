import ast
import os
import subprocess
import sys
import tomllib

import pytest

from kerasseq.registry.components import KINDS, group_of


def run_tests(folder):
    """pytest as the new distribution configures it, beside the kerasseq that runs here."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_distribution_is_whole(kind, kerasseq, tmp_path):
    result = kerasseq("plugins", "new", "kerasseq-top-k", "--kind", kind)
    assert result.exit_code == 0, result.stderr
    folder = tmp_path / "kerasseq-top-k"
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    target = project["project"]["entry-points"][group_of(kind)]["top_k"]
    module, _, name = target.partition(":")
    tree = ast.parse((folder / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assert project["project"]["dependencies"] == ["kerasseq>=0.1"]
    names = {path.name for path in folder.iterdir()}
    assert names == {"pyproject.toml", "README.md", "LICENSE.txt", "tox.ini", "kerasseq_top_k", "tests"}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "LICENSE.txt":
            text = path.read_text(encoding="utf-8")
            assert "${" not in text and "\n\n\n\n" not in text, path
            assert path.suffix not in (".py", ".md") or max(map(len, text.splitlines()), default=0) <= 120, path


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in KINDS
        if kind in ("preprocessor", "tokenizer", "dataset", "wide", "search", "tracker", "command")
    ],
)
def test_the_tests_of_a_new_distribution_pass_as_they_are(kind, kerasseq, tmp_path):
    kerasseq("plugins", "new", f"my-own-{kind}", "--kind", kind)
    done = run_tests(tmp_path / f"my-own-{kind}")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedding", "encoder", "pooler", "decoder", "task", "exporter"])
def test_the_tests_of_a_new_network_pass_as_they_are(kind, kerasseq, tmp_path):
    kerasseq("plugins", "new", f"my-own-{kind}", "--kind", kind)
    done = run_tests(tmp_path / f"my-own-{kind}")
    assert done.returncode == 0, done.stdout


def test_nothing_is_overwritten(kerasseq, tmp_path):
    (tmp_path / "mine").mkdir()
    result = kerasseq("plugins", "new", "mine", "--kind", "pooler")
    assert result.exit_code == 2
    assert "mine is already there; choose another name" in result.stderr
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("1st", "NAME must be letters, digits, dots, dashes and underscores"),
        ("../up", "NAME must be letters, digits, dots, dashes and underscores"),
        ("kerasseq-2", "NAME must be letters, digits, dots, dashes and underscores"),
        ("torch", "NAME must be no package that is installed already, got torch; my-torch would be one"),
        ("json", "NAME must be none that Python or kerasseq has, got json; my-json would be one"),
        ("kerasseq", "NAME must be none that Python or kerasseq has"),
        ("class", "NAME must be none that Python or kerasseq has"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name, said, kerasseq, tmp_path):
    result = kerasseq("plugins", "new", name, "--kind", "pooler")
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_kerasseq_has_is_told_how_to_be_written(kerasseq, tmp_path):
    result = kerasseq("plugins", "new", "Kerasseq.Mean", "--kind", "pooler")
    assert result.exit_code == 0
    assert 'the name mean is taken; this one is written "kerasseq-mean/mean" in a config' in result.stderr
    readme = (tmp_path / "Kerasseq.Mean" / "README.md").read_text(encoding="utf-8")
    assert 'name = "kerasseq-mean/mean"' in readme and "plugins show pooler kerasseq-mean/mean" in readme


def test_a_folder_that_is_not_there_is_refused(kerasseq):
    result = kerasseq("plugins", "new", "mine", "--kind", "pooler", "--out", "nowhere")
    assert (result.exit_code, "--out must be an existing folder, got nowhere" in result.stderr) == (2, True)


def test_a_verb_that_kerasseq_has_is_called_by_its_whole_name(kerasseq, tmp_path):
    result = kerasseq("plugins", "new", "kerasseq-run", "--kind", "command")
    assert "the name run is taken; this one is called kerasseq-run/run" in result.stderr
    assert "kerasseq kerasseq-run/run --help" in (tmp_path / "kerasseq-run" / "README.md").read_text(encoding="utf-8")


def test_the_words_that_stand_for_names_may_be_in_a_name(kerasseq, tmp_path):
    kerasseq("plugins", "new", "kerasseq-component-package", "--kind", "pooler")
    package = tmp_path / "kerasseq-component-package" / "kerasseq_component_package"
    assert {file.name for file in package.iterdir()} == {
        "__init__.py", "component_package.py", "component_package_layer.py"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "target"),
    [
        ("kerasseq-replace", "preprocessor", "ReplaceSpec"),
        ("kerasseq-rules", "preprocessor", "RulesSpec"),
        ("kerasseq-none", "encoder", "NoneSpec"),
        ("kerasseq-not-implemented", "pooler", "NotImplementedSpec"),
        ("kerasseq-pattern", "tokenizer", "PatternSpec"),
        ("kerasseq-path", "dataset", "PathSpec"),
        ("kerasseq-click", "command", "click_verb"),
        ("kerasseq-len", "command", "len_verb"),
        ("kerasseq-others", "pooler", "Others"),
    ],
)
def test_a_new_class_takes_no_name_that_its_module_needs(name, kind, target, kerasseq, tmp_path):
    assert kerasseq("plugins", "new", name, "--kind", kind).exit_code == 0
    project = tomllib.loads((tmp_path / name / "pyproject.toml").read_text(encoding="utf-8"))
    [place] = project["project"]["entry-points"][group_of(kind)].values()
    assert place.partition(":")[2] == target
    for file in (tmp_path / name).rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        bound = [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        bound += [a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom | ast.Import) for a in n.names]
        assert len(bound) == len(set(bound)), file


@pytest.mark.parametrize(("name", "kind"), [("kerasseq-replace", "preprocessor"), ("kerasseq-click", "command")])
def test_the_tests_of_a_distribution_with_such_a_name_pass(name, kind, kerasseq, tmp_path):
    kerasseq("plugins", "new", name, "--kind", kind)
    done = run_tests(tmp_path / name)
    assert done.returncode == 0, done.stdout
