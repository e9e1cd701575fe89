import json
import os
import re
import subprocess
import sys

import pytest

from kerasseq.registry.components import KINDS, find

TOP = """
from typing import Annotated
from pydantic import Field
from kerasseq.spec import PoolerSpec

class Top(PoolerSpec):
    '''The largest steps.'''

    k: Annotated[int, Field(ge=1, le=9)]
    '''How many.'''
    share: float = 0.5
    '''How much of each.'''
"""


def test_every_component_is_a_line_and_nothing_is_imported(install, kerasseq):
    install(
        "sad-pack",
        {"pooler": ["mean = sad_module:Mean", "top = sad_module:Top"]},
        {"sad_module.py": "raise SystemExit"},
    )
    result = kerasseq("plugins")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["kind", "name", "distribution", "version", "state"]
    assert len(lines) - 1 == sum(len(find(kind)) for kind in KINDS)
    assert ["pooler", "mean", "kerasseq", "0.1.0", "ok"] in lines
    assert ["pooler", "sad-pack/mean", "sad-pack", "1.0", "ok"] in lines
    assert ["pooler", "top", "sad-pack", "1.0", "ok"] in lines
    assert "sad_module" not in sys.modules


def test_one_kind_as_json(kerasseq, monkeypatch):
    monkeypatch.setenv("KERASSEQ_PLUGINS", "")
    rows = [r for r in json.loads(kerasseq("plugins", "--kind", "encoder", "--json").stdout) if r["state"] == "ok"]
    assert [row["name"] for row in rows] == ["gru", "lstm", "none", "simple_rnn"]
    assert rows[1] == {
        "kind": "encoder",
        "name": "lstm",
        "distribution": "kerasseq",
        "version": rows[0]["version"],
        "target": "kerasseq.encoders.recurrent:LSTM",
        "state": "ok",
        "reason": "",
    }


def test_what_cannot_be_used_says_why(install, kerasseq, monkeypatch):
    install("old-pack", {"pooler": ["top = old:Top"]}, requires=["kerasseq>=99"])
    assert "incompatible: needs kerasseq>=99" in kerasseq("plugins").stdout
    monkeypatch.setenv("KERASSEQ_PLUGINS", "other")
    assert 'disabled: KERASSEQ_PLUGINS="other" leaves it out' in kerasseq("plugins", "--kind", "pooler").stdout


def test_an_unknown_kind_is_refused(kerasseq):
    result = kerasseq("plugins", "--kind", "poolers")
    assert result.exit_code == 2
    assert 'unknown kind "poolers"; did you mean "pooler"?' in result.stderr
    assert 'unknown kind "poolr"; did you mean "pooler"?' in kerasseq("plugins", "show", "poolr", "mean").stderr
    assert "[dataset|preprocessor|" in kerasseq("plugins", "--help").stdout


def test_the_settings_of_the_list_are_refused_before_another_verb(kerasseq):
    result = kerasseq("plugins", "--json", "show", "pooler", "mean")
    assert result.exit_code == 2
    assert "--kind and --json are for the list; remove them before show" in result.stderr


def test_a_verb_that_is_misspelt_gets_the_nearest_one(kerasseq):
    assert 'unknown command "chek"; did you mean "check"' in kerasseq("plugins", "chek").stderr


def test_the_list_of_50_plugins_imports_none_of_them_and_nothing_heavy(install):
    for number in range(50):
        lines = [f"top_{number} = gone_{number}:Top", f"end_{number} = gone_{number}:End"]
        info = install(f"pack-{number}", {"pooler": lines}, requires=["kerasseq>=0.0.1", "numpy"])
    heavy = "numpy pyarrow pandas sklearn scipy matplotlib keras torch jax pydantic".split()
    code = (
        "import sys\nfrom kerasseq.commands.main import main\nmain(['plugins'], standalone_mode=False)\n"
        f"print('imported', [name for name in {heavy} if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(info.parent), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    assert sum(" pack-" in line and line.endswith(" ok") for line in done.stdout.splitlines()) == 100
    assert done.stdout.splitlines()[-1] == "imported []"


# === show ===


def test_show_says_what_it_is_every_setting_how_to_write_it_and_where_it_lives(kerasseq):
    result = kerasseq("plugins", "show", "encoder", "gru")
    assert result.exit_code == 0
    assert "Gated recurrent unit (Cho et al., 2014)." in result.stdout
    assert "layers: whole number, 1 to 8; default 2\n    Recurrent layers on top of each other" in result.stdout
    assert 'reset: "after", "before"; default "after"' in result.stdout
    assert '[encoder]\nname = "gru"\n' in result.stdout and "\nunits = 128\n" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("encoders/recurrent.py")


def test_show_of_a_plugin_writes_its_qualified_name_where_that_is_needed(install, kerasseq):
    install("my-pack", {"pooler": ["mean = my_pack:Top"]}, {"my_pack.py": TOP})
    said = kerasseq("plugins", "show", "pooler", "my-pack/mean").stdout
    assert "k: whole number, 1 to 9; required\n    How many.\nshare: number; default 0.5\n" in said
    assert '[pooler]\nname = "my-pack/mean"\nk = 0    # required\nshare = 0.5\n' in said
    assert "my-pack 1.0, my_pack:Top" in said


def test_show_of_what_has_no_settings_and_of_a_verb(kerasseq):
    assert 'It has no settings.\n\n[pooler]\nname = "mean"\n' in kerasseq("plugins", "show", "pooler", "mean").stdout
    assert 'command "run": Train, measure and report' in kerasseq("plugins", "show", "command", "run").stdout


def test_every_component_of_ours_can_be_shown(kerasseq):
    import tomllib

    for kind in KINDS[:-1]:
        for component in find(kind):
            if component.distribution == "kerasseq":
                said = kerasseq("plugins", "show", kind, component.name).stdout
                section = tomllib.loads(re.search(rf"^\[+{kind}\]+\n(?:.+\n)+", said, re.MULTILINE)[0])[kind]
                assert (section[0] if isinstance(section, list) else section)["name"] == component.name


def test_show_of_an_unknown_name_gives_the_nearest_one(kerasseq):
    result = kerasseq("plugins", "show", "pooler", "atention")
    assert (result.exit_code, result.stdout) == (2, "")
    assert 'unknown pooler "atention"; did you mean "attention"' in result.stderr


# === Bad neighbours ===

OF_ANOTHER_KIND = "from kerasseq.spec import EncoderSpec\nclass Top(EncoderSpec):\n    '''No pooler.'''\n"
BAD_DEFAULT = TOP.replace("k: Annotated[int, Field(ge=1, le=9)]", "k: Annotated[int, Field(ge=1, le=9)] = 0")
BAD = {
    "import error": (
        {"source": "import nothing_of_that_name"},
        ("ok", "failed  import: ", "No module named 'nothing_of_that_name'"),
        "is broken: ModuleNotFoundError: No module named 'nothing_of_that_name'; upgrade or reinstall bad-pack",
    ),
    "SystemExit": (
        {"source": "raise SystemExit(3)"},
        ("ok", "failed  import: ", "SystemExit: 3"),
        "is broken: SystemExit: 3; upgrade or reinstall bad-pack",
    ),
    "class of the wrong kind": (
        {"source": OF_ANOTHER_KIND},
        ("ok", "failed  class: ", "must be a subclass of PoolerSpec"),
        "is broken: must be a subclass of PoolerSpec, got <class 'bad_pack.Top'>; upgrade or reinstall bad-pack",
    ),
    "default that does not validate": (
        {"source": BAD_DEFAULT},
        ("ok", "failed  defaults: ", "k: must be at least 1, got 0"),
        "pooler.k: must be at least 1, got 0, the default of bad-pack 1.0; set it, or upgrade that",
    ),
    "another kerasseq": (
        {"source": TOP, "requires": ["kerasseq>=99"]},
        ("incompatible", "incompatible: ", "needs kerasseq>=99"),
        "cannot be used: needs kerasseq>=99, installed is 0.1.0; install another version of bad-pack, or of kerasseq",
    ),
    "registered twice": (
        {"source": TOP, "lines": ["bad = bad_pack:Top", "bad = bad_pack:Other"]},
        ("duplicate", "duplicate: ", "registered as bad_pack:Top and as bad_pack:Other"),
        "cannot be used: registered as bad_pack:Top and as bad_pack:Other; uninstall bad-pack until none is left",
    ),
    "installed twice": (
        {"source": TOP, "versions": ["1.0", "2.0"]},
        ("duplicate", "duplicate: ", "it is installed as 1.0 and as 2.0 in "),
        "; uninstall bad-pack until none is left, then install it again",
    ),
    "no metadata": (
        {"source": TOP, "metadata": False},
        ("orphan", "orphan: ", "its distribution has no metadata in "),
        "bad_pack-1.0.dist-info; install it again, or remove what is left of it",
    ),
    "entry points cut off": (
        {"source": TOP, "lines": ["other = bad_pack:Top", "bad"]},
        ("damaged", "damaged: ", "its entry_points.txt is damaged in line 3"),
        "cannot be used: its entry_points.txt is damaged in line 3; install bad-pack again",
    ),
    "entry points no text": (
        {"source": TOP, "lines": ["bad = bad_pack:Top", "o\udcff = bad_pack:Top"]},
        ("damaged", "damaged: ", "its entry_points.txt is no UTF-8"),
        "cannot be used: its entry_points.txt is no UTF-8; install bad-pack again",
    ),
    "disabled": (
        {"source": TOP, "allowed": "other"},
        ("disabled", "disabled: ", 'KERASSEQ_PLUGINS="other" leaves it out'),
        'KERASSEQ_PLUGINS="other" leaves it out; "other" is no installed plugin; name bad-pack there, or unset it',
    ),
}


@pytest.fixture(params=BAD)
def bad(request, install, monkeypatch):
    """A distribution that is wrong in one way; gives what is to be said about it."""
    how, *said = BAD[request.param]
    for version in how.get("versions", ["1.0"]):
        info = install(
            "bad-pack",
            {"pooler": how.get("lines", ["bad = bad_pack:Top"])},
            {"bad_pack.py": how["source"]},
            requires=how.get("requires", ()),
            version=version,
            metadata=how.get("metadata", True),
        )
    monkeypatch.setenv("PYTHONPATH", str(info.parent))
    if "allowed" in how:
        monkeypatch.setenv("KERASSEQ_PLUGINS", how["allowed"])
    return said


def test_the_list_stands_whatever_is_wrong_with_one(bad, kerasseq):
    [state, *_], _ = bad
    result = kerasseq("plugins", "--kind", "pooler", "--json")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert rows["mean"]["state"] == "ok"
    assert rows["bad"]["state"] == state


def test_check_says_what_is_wrong(bad, kerasseq):
    [state, step, said], _ = bad
    result = kerasseq("plugins", "check", "bad")
    assert result.exit_code == (0 if state == "disabled" else 1)
    [line] = [line for line in result.stdout.splitlines() if line.startswith(f"  {step}")]
    assert said in line


def test_a_run_that_does_not_name_it_is_untouched(bad, kerasseq, config):
    assert kerasseq("config", "check", config).exit_code == 0


def test_a_run_that_names_it_ends_before_training_with_one_line(bad, kerasseq, config, tmp_path):
    _, said = bad
    config.write_text(config.read_text() + "[pooler]\nname = 'bad'\n", encoding="utf-8")
    result = kerasseq("run", config)
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert said in line
    assert ("bad-pack" in line or "bad_pack" in line) and "pooler" in line
    assert not (tmp_path / "runs").exists()


def test_in_a_new_process_a_damaged_neighbour_is_named_and_the_list_of_plugins_stands(install, config):
    site = install("cut-off", {"pooler": ["top"]}).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}

    def call(*words):
        command = [sys.executable, "-m", "kerasseq", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    checked, listed = call("config", "check", "small.toml"), call("plugins", "--kind", "pooler")
    assert (checked.returncode, checked.stdout) == (1, "")
    [line] = checked.stderr.splitlines()
    assert line.startswith(f"{site / 'cut_off-1.0.dist-info' / 'entry_points.txt'}: must be what cut-off 1.0 was ")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "cut-off" in listed.stdout and "its entry_points.txt is damaged in line 2" in listed.stdout


# === check ===


@pytest.fixture
def check(install, kerasseq, monkeypatch):
    """`check(name, kind, line, source)`: what is said of a distribution with one module, and the folder it is in."""

    def said(name, kind, line, source):
        info = install(name, {kind: [line]}, {f"{name}_pack.py": source})
        monkeypatch.setenv("PYTHONPATH", str(info.parent))
        return kerasseq("plugins", "check", name), info.parent

    return said


def test_check_runs_the_kit_and_names_the_rule_that_is_broken(install, kerasseq, monkeypatch):
    module = "from kerasseq.preprocessors.numbers import Digits\nclass Right(Digits):\n    '''Digits.'''\n"
    module += "class Wrong(Digits):\n    '''Digits.'''\n\n    k: int = 3\n"
    lines = ["right = some_pack:Right", "wrong = some_pack:Wrong"]
    info = install("some-pack", {"preprocessor": lines}, {"some_pack.py": module})
    monkeypatch.setenv("PYTHONPATH", str(info.parent))
    result = kerasseq("plugins", "check", "some-pack/right")
    assert result.exit_code == 0, result.stdout
    assert "  ok      check_idempotent\n" in result.stdout
    result = kerasseq("plugins", "check", "some-pack")
    assert result.exit_code == 1
    assert "  failed  check_documented: every setting must have a docstring below it, k has none" in result.stdout
    assert result.stdout.count("failed  ") == 1
    assert result.stdout.endswith("2 components, 1 failed\n")


def test_check_outlives_a_component_that_ends_its_process(check):
    module = "from kerasseq.preprocessors.numbers import Digits\nclass Sudden(Digits):\n    '''Digits.'''\n"
    module += "    def build(self):\n        import os\n        os._exit(7)\n"
    result, _ = check("sudden", "preprocessor", "sudden = sudden_pack:Sudden", module)
    assert result.exit_code == 1
    assert "  failed  process: it died with exit code 7" in result.stdout


@pytest.mark.parametrize(
    ("source", "line"),
    [("\nfrom nowhere import at_all\n", 2), ("x = 1\n\nx = = 2\n", 3), ("def f():\n    1 / 0\nf()\n", 2)],
)
def test_check_says_which_line_cannot_be_imported(check, source, line):
    result, folder = check("lines", "pooler", "top = lines_pack:Top", source)
    [said] = [each for each in result.stdout.splitlines() if "failed  import" in each]
    assert said.endswith(f" ({folder / 'lines_pack.py'}:{line})")


def test_check_of_what_needs_settings_checks_what_it_can(check):
    result, _ = check("needy", "pooler", "top = needy_pack:Top", TOP)
    assert result.exit_code == 0, result.stdout
    assert "  skipped defaults: k must be set; its own tests check the rest" in result.stdout
    assert "  ok      check_light_import" in result.stdout


def test_check_of_a_verb_looks_at_its_class(check):
    result, _ = check("verbs", "command", "greet = verbs_pack:greet", "greet = print")
    assert "  failed  class: must be a click command, got <built-in function print>" in result.stdout


def test_check_of_an_unknown_name_and_of_nothing(kerasseq, monkeypatch):
    result = kerasseq("plugins", "check", "kerasec")
    assert result.exit_code == 2
    assert 'no distribution and no component is called "kerasec"; did you mean "kerasseq"' in result.stderr
    monkeypatch.setattr("kerasseq.commands.plugin_check.find", lambda kind: ())
    assert "no plugins are installed; kerasseq plugins new" in kerasseq("plugins", "check").stdout


# === show without a kind ===


def test_show_finds_the_kind_that_alone_has_the_name(kerasseq):
    alone = kerasseq("plugins", "show", "simple_rnn").stdout
    assert alone == kerasseq("plugins", "show", "encoder", "simple_rnn").stdout
    assert kerasseq("plugins", "show", "kerasseq/simple_rnn").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["subword"], "kerasseq plugins show tokenizer subword, or kerasseq plugins show embedding subword"),
        (["encoder"], "plugins show encoder: must have a NAME, one of gru, lstm, none, simple_rnn"),
        (["lstn"], 'unknown component "lstn"; did you mean "lstm"?'),
        (["mamba"], 'unknown component "mamba"; kerasseq plugins lists them all'),
        (["encoder", "gru", "x"], "give a kind and a name, got 3 words"),
        ([], "Missing argument '[KIND] NAME"),
    ],
)
def test_show_of_a_name_that_says_no_component_says_what_to_type(kerasseq, words, said):
    result = kerasseq("plugins", "show", *words)
    assert result.exit_code == 2 and said in result.stderr


def test_check_of_what_needs_a_file_says_which_and_checks_what_it_can(check):
    source = TOP.replace("    k: Annotated[int, Field(ge=1, le=9)]\n    '''How many.'''\n", "")
    source += "    def problems(self):\n        yield 'path', 'must be a file, got none'\n"
    result, _ = check("filed", "pooler", "top = filed_pack:Top", source)
    assert result.exit_code == 0, result.stdout
    assert "  skipped defaults: path must be a file, got none; its own tests check the rest" in result.stdout
    assert "  ok      check_strict" in result.stdout


def test_check_takes_the_backend_before_a_component_can_import_keras(check, monkeypatch):
    source = "import os\nfrom kerasseq.preprocessors.numbers import Digits\nclass Asking(Digits):\n    '''Digits.'''\n"
    source += (
        "    def build(self):\n        if os.environ.get('KERAS_BACKEND') != 'torch':\n            raise OSError\n"
    )
    source += "        return super().build()\n"
    monkeypatch.setenv("KERASSEQ_BACKEND", "torch")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    result, _ = check("asking", "preprocessor", "asking = asking_pack:Asking", source)
    assert result.exit_code == 0, result.stdout
