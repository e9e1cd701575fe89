import json
import subprocess
import sys

from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.registry.components import choose, find


def test_the_verb_comes_from_the_installed_distribution():
    found = [component for component in find("command") if component.name == "bench"]
    assert [component.distribution for component in found] == ["kerasseq-bench"]
    assert choose("command", "bench").state == "ok"


def test_the_list_of_verbs_shows_bench():
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    assert any(line.split()[:1] == ["bench"] for line in shown.output.splitlines())


def test_help_imports_no_framework():
    code = (
        "import json, sys\n"
        "from kerasseq.commands.main import main\n"
        "for arguments in (['--help'], ['bench', '--help'], ['bench', 'layers', '--help']):\n"
        "    main(arguments, standalone_mode=False)\n"
        "print(json.dumps([m for m in sys.modules if '.' not in m]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stderr.strip().splitlines()[-1])
    assert not {"keras", "torch", "jax", "tensorflow", "numpy", "matplotlib"}.intersection(imported)


def test_an_unknown_subcommand_is_told_the_nearest_one():
    said = CliRunner().invoke(main, ["bench", "layer"])
    assert said.exit_code == 2
    assert "layers" in said.output
