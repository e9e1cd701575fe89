"""The tests of this plugin run on torch unless the environment names another backend; nothing is downloaded."""

import json
import os
from pathlib import Path

import pytest

# Keras fixes its backend at the first import
os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND", "torch"))
os.environ["HF_HUB_OFFLINE"] = "1"

# TensorFlow, which keras-hub imports, and triton, which torch imports, each hold LLVM; the second one ends the process
import torch._dynamo  # noqa: E402, F401

MERGES = ["t h", "th e", "Ġ the", "Ġ a", "c a", "ca t"]


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the 256 bytes, six merges, and what ends documents: 263 tokens."""
    from tokenizers.pre_tokenizers import ByteLevel

    folder = tmp_path_factory.mktemp("vocabulary")
    tokens = [*sorted(ByteLevel.alphabet()), *("".join(pair.split()) for pair in MERGES), "<|endoftext|>"]
    places = {token: place for place, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(places), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES, ""]), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    """A small random GPT-2 of transformers, and the folder that it was saved in."""
    return _made(tmp_path_factory.mktemp("reference"), 263)


@pytest.fixture(scope="session")
def real_reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    """The same with a table of GPT-2's own vocabulary."""
    return _made(tmp_path_factory.mktemp("real"), 50_257)


def _made(folder: Path, tokens: int) -> tuple[Path, object]:
    """Weights that are larger than they begin, so that differences are seen."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=tokens, n_positions=24, n_embd=16, n_layer=2, n_head=4)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.2)
    model.save_pretrained(folder)
    return folder, model


@pytest.fixture(scope="session")
def real_vocabulary() -> Path:
    """GPT-2's own."""
    folder = Path(__file__).parents[4] / "shared" / "data" / "gpt2_bpe"
    if not folder.is_dir():
        pytest.skip("needs the shared data")
    return folder
