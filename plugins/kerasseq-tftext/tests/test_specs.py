"""What a TOML and the registry see."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kerasseq_tftext.whitespace import Whitespace
from kerasseq_tftext.wordpiece_tokenizer import WordpieceTokenizer

from kerasseq.config.read import read_text
from kerasseq.plugin import ConfigError
from kerasseq.registry.components import choose, find, load

OURS = "kerasseq-tftext"


def test_every_component_is_found_and_loads() -> None:
    found = {
        (c.kind, c.name)
        for kind in ("preprocessor", "tokenizer", "exporter")
        for c in find(kind)
        if c.distribution == OURS
    }
    assert found == {
        ("preprocessor", "normalize_utf8"),
        ("preprocessor", "sentences"),
        ("tokenizer", "unicode_script"),
        ("tokenizer", "whitespace"),
        ("tokenizer", "wordpiece"),
        ("tokenizer", "sentencepiece"),
        ("exporter", "saved_model"),
    }
    for kind, name in found:
        _, spec = load(kind, f"{OURS}/{name}")
        assert choose(kind, spec.model_fields["name"].default).distribution == OURS


def test_the_bare_name_whitespace_stays_that_of_kerasseq() -> None:
    assert choose("tokenizer", "whitespace").distribution == "kerasseq"
    assert load("tokenizer", f"{OURS}/whitespace")[1] is Whitespace
    text = '[dataset]\nname = "bundled"\n[tokenizer]\nname = "{}"\n[task]\nname = "classification"\n'
    qualified, bare = (read_text(text.format(name), "x.toml") for name in (f"{OURS}/whitespace", "whitespace"))
    assert isinstance(qualified.tokenizer, Whitespace) and not isinstance(bare.tokenizer, Whitespace)


def test_a_spec_imports_no_framework() -> None:
    modules = "unicode_script whitespace wordpiece sentencepiece normalize_utf8 sentences saved_model".split()
    code = "import sys\n" + "".join(f"import kerasseq_tftext.{m} as m; m\n" for m in modules)
    code += "print([m for m in ('keras', 'torch', 'jax', 'tensorflow') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert done.stdout == "[]\n", done.stderr


def test_tensorflow_is_silent_beside_torch_and_another_process_learns_the_same() -> None:
    texts = ["playing played player plays", "going gone goes", "الطعام لذيذ والطعام بارد"] * 4
    code = f"""
import json
from kerasseq_tftext.wordpiece_tokenizer import WordpieceTokenizer
tokenizer = WordpieceTokenizer(vocabulary_size=50)
tokenizer.train({texts!r})
tokenizer.encode(["going"])
import keras, torch
y = torch.nn.LSTM(3, 4)(torch.ones(2, 1, 3))[0].sum()
y.backward()
print(json.dumps([keras.backend.backend(), torch.is_tensor(keras.ops.ones(2)), tokenizer.vocabulary]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7", "HOME": str(Path.home())},
    )
    assert (done.returncode, done.stderr) == (0, "")
    here = WordpieceTokenizer(vocabulary_size=50)
    here.train(texts)
    assert json.loads(done.stdout) == ["torch", True, list(here.vocabulary)]


def test_a_missing_model_is_a_problem_of_the_config(tmp_path: Path) -> None:
    sections = ['[dataset]\nname = "bundled"', '[tokenizer]\nname = "sentencepiece"\nmodel = "no.model"']
    text = "\n".join([*sections, '[task]\nname = "classification"\n'])
    with pytest.raises(ConfigError, match=r"x.toml:5:\d+: tokenizer.model: must be a file"):
        read_text(text, "x.toml", tmp_path)
