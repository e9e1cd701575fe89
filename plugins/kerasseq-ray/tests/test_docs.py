"""What docs/scale.md says can be typed; test_predict.py, test_train.py and test_tune.py do it."""

import re
import shlex
from pathlib import Path

import pytest
from kerasseq_ray.command import ray

ROOT = Path(__file__).resolve().parents[3]
PAGES = [(ROOT / name).read_text(encoding="utf-8") for name in ("docs/scale.md", "plugins/kerasseq-ray/README.md")]
COMMANDS = re.findall(r"^(?:\$|   ) kerasseq (\w+ .*--engine ray.*)$", "\n".join(PAGES), re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_page_is_one(line, monkeypatch):
    monkeypatch.chdir(ROOT)
    verb, *words = shlex.split(line)
    place = words.index("--engine")
    command = ray.get_command(None, verb)
    context = command.make_context(verb, [*words[:place], *words[place + 2 :]])
    assert context.params.get("run") or context.params.get("config") or context.params["resume"]


def test_the_page_has_commands_of_every_verb():
    assert {line.split()[0] for line in COMMANDS} == set(ray.list_commands(None))
