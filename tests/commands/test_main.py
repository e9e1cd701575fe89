import os
import signal
import subprocess
import sys
from importlib import metadata

import pytest
from click.testing import CliRunner

from kerasseq import __version__
from kerasseq.commands.main import main
from kerasseq.registry.components import find

VERB = """
import time

import click
from kerasseq.errors import DataError, UsageError
from kerasseq.registry.components import find


@click.command()
@click.argument("what")
def verb(what):
    \"\"\"Fail in a chosen way.\"\"\"
    if what == "data":
        raise DataError("a.csv:3: text: must not be empty")
    if what == "usage":
        raise UsageError("x: must be y")
    if what == "bug":
        raise ZeroDivisionError("one line\\nand another")
    if what == "bare":
        raise NotImplementedError
    if what == "full":
        error = OSError(28, "No space left on device", "runs/x/a.npz")
        error.add_note("room is needed")
        raise error
    if what == "pipe":
        raise OSError(28, "No space left on device")
    if what == "worker":
        raise BrokenPipeError(32, "Broken pipe")
    if what == "lost":

        class Dropping:
            def __del__(self):
                raise KeyboardInterrupt

        Dropping()
        for _ in range(1000):
            time.sleep(0.01)
    if what == "interrupt":
        stop = KeyboardInterrupt()
        stop.add_note("runs/x/0001 holds the best of 3 epochs")
        raise stop
    if what == "stop":
        raise KeyboardInterrupt
    click.echo(f"did {what}")
"""


@pytest.fixture
def verb(install, kerasseq):
    install("verb-pack", {"command": ["verb = verb_pack:verb"]}, {"verb_pack.py": VERB})
    return lambda *arguments: kerasseq("verb", *arguments)


def test_the_script_of_the_distribution_is_the_tested_entry_function():
    [script] = [e for e in metadata.entry_points(group="console_scripts") if e.name == "kerasseq"]
    assert script.load() is main


def test_help_lists_our_verbs_each_with_a_line_then_those_of_others(kerasseq, verb):
    result = kerasseq("--help")
    assert result.exit_code == 0
    verbs = [line.split()[0] for line in result.stdout.split("Commands:")[1].strip().splitlines()]
    ours = "compare config dataset diagnose distill evaluate export generate help plugins predict run train".split()
    ours += ["verify", "version"]
    assert verbs[: len(ours)] == ours and "verb" in verbs[len(ours) :]
    assert "broken" not in result.stdout
    assert "..." not in result.stdout.split("config  ")[1].split("evaluate")[0]
    assert kerasseq("-h").stdout == result.stdout


def test_no_verb_shows_the_help_and_is_a_wrong_command_line(kerasseq):
    result = kerasseq()
    assert result.exit_code == 2
    assert "Commands:" in result.output


def test_the_version_is_printed(kerasseq):
    assert kerasseq("--version").stdout == f"kerasseq {__version__}\n"


def test_a_verb_of_a_plugin_that_is_not_installed_says_what_to_install(kerasseq, monkeypatch):
    ours = tuple(c for c in find("command") if c.distribution == "kerasseq")
    monkeypatch.setattr("kerasseq.registry.components.find", lambda kind: ours)
    monkeypatch.setattr("kerasseq.commands.main.find", lambda kind: ours)
    result = kerasseq("serve", "runs/mine")
    assert result.exit_code == 2
    assert (
        'unknown command "serve"; pip install ./plugins/kerasseq-serve, in the repository of kerasseq' in result.stderr
    )
    assert "pip install" not in kerasseq("config", "serve").stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(["plugin"], "plugins"), (["confg", "check"], "config"), (["config", "chek"], "check"), (["RUN"], "run")],
)
def test_a_mistyped_verb_gets_the_nearest_one(kerasseq, typed, meant):
    result = kerasseq(*typed)
    assert result.exit_code == 2
    wrong = typed[-1] if typed[0] == "config" else typed[0]
    assert f'unknown command "{wrong}"; did you mean "{meant}"?' in result.stderr


@pytest.mark.parametrize(
    ("what", "code", "message"),
    [
        ("data", 1, "a.csv:3: text: must not be empty\n"),
        ("usage", 2, "x: must be y\n"),
        ("bug", 1, "ZeroDivisionError: one line\nfrom verb-pack 1.0; add --traceback for details\n"),
        ("bare", 1, "NotImplementedError\nfrom verb-pack 1.0; add --traceback for details\n"),
        (
            "full",
            1,
            "runs/x/a.npz: cannot be read or written: no space left on device\nroom is needed\nfrom verb-pack 1.0\n",
        ),
        ("pipe", 1, "standard output: cannot be read or written: no space left on device\nfrom verb-pack 1.0\n"),
        ("worker", 1, "standard output: cannot be read or written: broken pipe\nfrom verb-pack 1.0\n"),
        ("interrupt", 130, "interrupted; runs/x/0001 holds the best of 3 epochs\n"),
        ("stop", 130, "interrupted; every file that was written is whole, none is half written\n"),
    ],
)
def test_an_error_is_a_line_on_stderr_and_an_exit_code(verb, what, code, message):
    result = verb(what)
    assert (result.exit_code, result.stderr, result.stdout) == (code, message, "")


@pytest.mark.parametrize(
    ("raised", "said"), [("SystemExit(0)", "SystemExit: 0"), ("SystemExit('bye')", "SystemExit: bye")]
)
def test_a_component_that_ends_the_process_is_an_error_that_names_its_distribution(
    install, kerasseq, config, raised, said
):
    source = "from kerasseq.spec import PreprocessorSpec\n\n\nclass Quit(PreprocessorSpec):\n"
    source += f"    def build(self):\n        raise {raised}\n"
    install("quits", {"preprocessor": ["quit = quit_pack:Quit"]}, {"quit_pack.py": source})
    config.write_text(config.read_text() + "[[preprocessor]]\nname = 'quit'\n", encoding="utf-8")
    result = kerasseq("dataset", "check", config)
    assert result.exit_code == 1
    assert result.stderr.endswith(f"{said}\nfrom quits 1.0; add --traceback for details\n")


@pytest.mark.parametrize("code", [0, 3])
def test_a_verb_of_a_plugin_may_end_the_process(install, kerasseq, code):
    source = f"import sys\n\nimport click\n\n\n@click.command()\ndef verb():\n    sys.exit({code})\n"
    install("ends", {"command": ["verb = ends_pack:verb"]}, {"ends_pack.py": source})
    result = kerasseq("verb")
    assert (result.exit_code, result.output) == (code, "")


def test_an_interruption_in_a_destructor_is_not_lost(verb):
    result = verb("lost")
    assert (result.exit_code, result.output) == (
        130,
        "interrupted; every file that was written is whole, none is half written\n",
    )


def test_a_verb_that_works_says_nothing_on_stderr(verb):
    result = verb("well")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "did well\n", "")


@pytest.mark.parametrize(
    "arguments", [["--traceback", "verb", "bug"], ["verb", "bug", "--traceback"], ["verb", "--traceback", "bug"]]
)
def test_the_traceback_comes_on_request_before_or_after_the_verb(kerasseq, verb, arguments):
    result = kerasseq(*arguments)
    assert result.exit_code == 1
    assert "Traceback (most recent call last)" in result.stderr
    assert "verb_pack.py" in result.stderr


def test_the_traceback_comes_by_environment_too_and_exit_codes_stay(verb, monkeypatch):
    monkeypatch.setenv("KERASSEQ_TRACEBACK", "1")
    result = verb("usage")
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert result.stderr.endswith("x: must be y\n")


def test_after_two_dashes_traceback_is_an_argument(kerasseq, verb):
    assert kerasseq("verb", "--", "--traceback").stdout == "did --traceback\n"


@pytest.mark.parametrize("source", ["import no_such_module", "raise SystemExit(5)", "verb = 3"])
def test_a_broken_verb_is_a_line_of_the_help_and_an_error_when_it_is_called(install, kerasseq, source):
    install("sad-pack", {"command": ["verb = sad_pack:verb"]}, {"sad_pack.py": source})
    result = kerasseq("--help")
    assert result.exit_code == 0
    assert "(broken) command" in " ".join(result.stdout.split())
    assert "Train, measure and report one experiment." in result.stdout
    called = kerasseq("verb", "--some", "thing")
    assert called.exit_code == 2
    assert called.stderr.startswith('command "verb" of sad-pack 1.0 (sad_pack:verb) is broken: ')
    assert called.stderr.count("\n") == 1


def test_a_verb_cannot_shadow_ours_and_has_its_qualified_name(install, kerasseq):
    install("shadow-verb", {"command": ["plugins = verb_two:verb"]}, {"verb_two.py": VERB})
    assert "  shadow-verb/plugins " in kerasseq("--help").stdout
    assert kerasseq("plugins").stdout.startswith("kind")
    assert kerasseq("shadow-verb/plugins", "well").stdout == "did well\n"


def test_a_verb_that_is_switched_off_is_not_listed_and_says_why(install, kerasseq, monkeypatch):
    install("off-pack", {"command": ["verb = off_pack:verb"]}, {"off_pack.py": VERB})
    monkeypatch.setenv("KERASSEQ_PLUGINS", "")
    assert "verb " not in kerasseq("--help").stdout.split("Commands:")[1]
    result = kerasseq("verb", "well")
    assert result.exit_code == 2
    assert 'KERASSEQ_PLUGINS="" leaves it out' in result.stderr


def test_a_reader_that_goes_away_is_no_error():
    code = "from kerasseq.commands.main import main; main(['config', 'schema'])"
    first = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first.stdout.close()
    assert b"Traceback" not in first.stderr.read()
    first.stderr.close()
    first.wait(timeout=60)


@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_a_process_with_its_code_and_one_line(install, sent, code):
    source = "import click, time\n\n\n@click.command()\ndef verb():\n"
    source += "    print('here', flush=True)\n    time.sleep(60)\n"
    site = install("slow-pack", {"command": ["verb = slow_pack:verb"]}, {"slow_pack.py": source}).parent
    # a shell may have started the tests with signals ignored, which stay so
    call = f"import signal as s; s.signal(s.{sent}, s.{'default_int_handler' if sent == 'SIGINT' else 'SIG_DFL'}); "
    call += f"import sys; sys.path.insert(0, {str(site)!r}); from kerasseq.commands.main import main; main(['verb'])"
    process = subprocess.Popen([sys.executable, "-c", call], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "here\n"
    os.kill(process.pid, getattr(signal, sent))
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert stderr == "interrupted; every file that was written is whole, none is half written\n"


def test_a_signal_that_is_ignored_stays_so_and_handlers_come_back(verb):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert verb("well").exit_code == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_entry_function_returns_the_exit_code_to_the_shell():
    for arguments, code in ([["plugins"], 0], [["config", "check", "gone.toml"], 2]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == code
    assert CliRunner().invoke(main, ["config", "check", "gone.toml"]).exit_code == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            ["run", "a.toml", "--epochs", "3"],
            "no such option: --epochs; a setting is given as --set training.epochs=VALUE",
        ),
        (["train", "a.toml", "--batch-size=3"], "--set training.batch_size=VALUE"),
        (["dataset", "check", "a.toml", "--seed", "1"], "--set seed=VALUE"),
    ],
)
def test_a_setting_that_is_written_as_an_option_is_told_how_it_is_given(kerasseq, typed, said):
    result = kerasseq(*typed)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "--set" not in kerasseq("run", "--nonsense").stderr
    assert "VALUE" not in kerasseq("plugins", "--epochs").stderr
