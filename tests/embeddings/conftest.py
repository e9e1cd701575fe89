"""Vector files of every format, written from one small table."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

WORDS = ("the", "cat", "Sat", "قطة", "rome")
VECTORS = np.random.default_rng(0).normal(size=(len(WORDS), 3)).astype("float32").round(4)


def _text(header: bool) -> bytes:
    lines = [f"{len(WORDS)} 3"] if header else []
    lines += [" ".join([word, *map(str, row.tolist())]) for word, row in zip(WORDS, VECTORS, strict=True)]
    return ("\n".join(lines) + "\n").encode()


def _binary(newlines: bool = True) -> bytes:
    records = [w.encode() + b" " + struct.pack("<3f", *row) for w, row in zip(WORDS, VECTORS, strict=True)]
    return f"{len(WORDS)} 3\n".encode() + (b"\n" if newlines else b"").join(records)


@pytest.fixture
def table() -> dict[str, np.ndarray]:
    """The words and vectors that every file of `vector_file` holds."""
    return dict(zip(WORDS, VECTORS, strict=True))


@pytest.fixture
def vector_file(tmp_path: Path) -> Callable[[str], Path]:
    """`vector_file("glove")`: the path of a file of that format."""
    contents = {
        "glove": ("v.txt", _text(header=False)),
        "word2vec": ("v.w2v", _text(header=True)),
        "fasttext": ("v.vec", _text(header=True).replace(b"\n", b" \n").replace(b" \n", b"\n", 1)),
        "word2vec_bin": ("v.bin", _binary()),
        "word2vec_bin without newlines": ("v.bin", _binary(newlines=False)),
    }

    def write(kind: str) -> Path:
        if kind == "npz":
            np.savez(tmp_path / "v.npz", words=np.array(WORDS), vectors=VECTORS)
            return tmp_path / "v.npz"
        name, data = contents[kind]
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write
