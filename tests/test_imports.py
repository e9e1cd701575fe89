import json
import subprocess
import sys

import pytest

HEAVY = ("keras", "torch", "jax", "tensorflow")


def modules_after(code):
    """The top-level modules that a fresh Python has imported after `code`."""
    show = "; import sys, json; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.strip().splitlines()[-1]))


def command(*arguments):
    return f"from kerasseq.commands.main import main; main({list(arguments)!r}, standalone_mode=False)"


def test_loading_every_entry_point_of_kerasseq_imports_no_framework():
    code = (
        "from kerasseq.registry.components import KINDS, find, load_object\n"
        "loaded = [load_object(c) for k in KINDS for c in find(k) if c.distribution == 'kerasseq']\n"
        "assert len(loaded) > 40\n"
        "x = 0"
    )
    assert not modules_after(code).intersection(HEAVY)


def test_loading_every_spec_imports_no_table_or_learning_library():
    code = (
        "from kerasseq.registry.components import KINDS, find, load\n"
        "loaded = [load(k, c.name) for k in KINDS[:-1] for c in find(k) if c.distribution == 'kerasseq']\n"
        "x = 0"
    )
    assert not modules_after(code).intersection({"pyarrow", "sklearn", "tokenizers", "matplotlib"})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["plugins"],
        ["plugins", "--json"],
        ["config", "--help"],
        ["run", "--help"],
        ["compare", "--help"],
    ],
)
def test_help_and_listings_import_nothing_but_click_and_the_standard_library(arguments):
    imported = modules_after(command(*arguments))
    assert not imported.intersection({*HEAVY, "pydantic", "numpy", "pyarrow", "sklearn", "rich", "tokenizers"})


def test_completing_in_a_shell_imports_no_framework_and_no_table_library():
    code = (
        "from click.shell_completion import BashComplete\n"
        "from kerasseq.commands.main import main\n"
        "shell = BashComplete(main, {}, 'kerasseq', '_KERASSEQ_COMPLETE')\n"
        "assert shell.get_completions(['run', 'a.toml', '--set'], 'encoder.u')\n"
        "assert shell.get_completions(['plugins', 'show'], 'lst')\n"
        "x = 0"
    )
    assert not modules_after(code).intersection({*HEAVY, "pyarrow", "sklearn", "numpy"})


def test_checking_a_config_imports_no_framework_and_no_learning_library(tmp_path):
    rows = "text,score\n" + "".join(f"text {i},{i / 7}\n" for i in range(30))
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    config = tmp_path / "a.toml"
    config.write_text(
        '[dataset]\nname = "table"\ntrain = "rows.csv"\ntarget = "score"\n[task]\nname = "regression"\n',
        encoding="utf-8",
    )
    for verb in (["config", "check"], ["config", "fill"]):
        assert not modules_after(command(*verb, str(config))).intersection({*HEAVY, "pyarrow", "sklearn", "numpy"})
    assert not modules_after(command("config", "schema")).intersection({*HEAVY, "pyarrow", "sklearn", "numpy"})


def test_checking_data_imports_no_framework(tmp_path):
    rows = "text,target\n" + "".join(f"{'good' if i % 2 else 'bad'} text number {i},{i % 2}\n" for i in range(60))
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    config = tmp_path / "a.toml"
    config.write_text(
        '[dataset]\nname = "table"\ntrain = "rows.csv"\n[task]\nname = "classification"\n', encoding="utf-8"
    )
    assert not modules_after(command("dataset", "check", str(config))).intersection(HEAVY)


def test_the_estimators_wait_for_keras_and_the_package_for_scikit_learn():
    assert not modules_after("import kerasseq").intersection({*HEAVY, "sklearn", "numpy"})
    code = "import kerasseq.sklearn; kerasseq.sklearn.KerasSeqClassifier().get_params()"
    assert not modules_after(code).intersection({*HEAVY, "matplotlib"})
