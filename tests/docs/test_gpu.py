"""What docs/gpu.md shows is what happens, where there is no GPU; tests/gpu says the rest."""

import re
import shlex
from pathlib import Path

import pytest

import kerasseq
from kerasseq.backend.torch_kernels import PERSISTENT, on_device

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gpu.md").read_text(encoding="utf-8")


def test_the_command_of_the_page_is_one_and_its_log_says_what_computes(caplog: pytest.LogCaptureFixture) -> None:
    [block] = re.findall(r"```bash\n(.*?)```", PAGE, re.S)
    _, verb, config, option, setting = shlex.split(block)
    assert (verb, option) == ("run", "--set")
    with caplog.at_level("INFO", logger="kerasseq"):
        kerasseq.build(kerasseq.read_experiment(ROOT / config, [setting], backend="torch"))
    assert "device: cpu" in caplog.messages


def test_the_page_names_the_paths_and_where_one_ends() -> None:
    for kind, most in PERSISTENT.items():
        assert f"fused: on cuda, {on_device(kind, most)}" in PAGE
        assert f"fused: on cuda, {on_device(kind, most + 1)}" in PAGE
    said = re.search(r"up to (\d+) units, SimpleRNN up to (\d+)", PAGE)
    assert said is not None and tuple(map(int, said.groups())) == (PERSISTENT["lstm"], PERSISTENT["rnn_tanh"])


def test_the_environments_of_the_page_are_those_of_tox() -> None:
    tox = (ROOT / "tox.ini").read_text(encoding="utf-8")
    assert set(re.findall(r"tox -e (\S+?)[\s`]", PAGE)) == {"gpu", "gpu-jax"}
    assert "[testenv:gpu{,-jax}]" in tox
