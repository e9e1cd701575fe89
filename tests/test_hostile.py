"""Files under ten megabytes that ask for much more: the most memory that a process takes which reads one."""

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzzing.kinds import prepare

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="counts kilobytes as Linux does"),
]

BOUND = 1500
"""Megabytes, those of what is imported among them: 1,000 with Keras and torch."""

MB = 1 << 20

READ = r"""
import re, sys
from pathlib import Path
from fuzzing.kinds import kinds
from fuzzing.worker import judged
[kind] = [kind for kind in kinds() if kind.name == sys.argv[1]]
try:
    print("read", str(kind.read(Path(sys.argv[2])))[:100])
except Exception as error:
    print(judged(kind, error) or "refused", str(error)[:200])
# of this process alone: what getrusage says begins with that of its parent
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def packed(*pieces):
    """Text by gzip; a piece is what is repeated, and how many megabytes of it."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9) as file:
        for text, size in pieces:
            if size:
                for _ in range(size):
                    file.write((text * (MB // len(text) + 1))[:MB].encode())
            else:
                file.write(text.encode())
    return buffer.getvalue()


def one_line():
    return packed(("text,mood\n", 0), ("a", 512), (",x\n", 0))


def one_text():
    return ("text,mood\n" + "a" * (9 * MB) + ",x\n").encode()


def many_columns():
    return (",".join(f"c{n}" for n in range(1_000_000)) + "\n" + "1," * 999_999 + "1\n").encode()


def many_lines():
    return packed(("text,mood\n", 0), ("a,b\n", 512))


def deep_line():
    return b'{"text": ' + b"[" * (9 * MB) + b"\n"


def deep_list():
    return b"[" * (9 * MB)


def same_words():
    return parquet_of([pa.array(["a" * MB]).dictionary_encode().take(pa.array([0] * 8000))])


def same_texts():
    return parquet_of([pa.array(["a" * MB] * 100)] * 40)


def parquet_of(groups):
    """Groups of rows with these texts."""
    buffer = io.BytesIO()
    schema = pa.schema([("text", groups[0].type), ("mood", pa.string())])
    with pq.ParquetWriter(buffer, schema, compression="zstd") as file:
        for texts in groups:
            file.write_table(pa.table([texts, ["x"] * len(texts)], schema=schema))
    return buffer.getvalue()


def vector_line():
    return packed(("a ", 0), ("1 ", 512))


def vector_counts():
    return b"999999999999999 999999\n" + b"a " + bytes(4096)


def zip_of(name, content, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        info = zipfile.ZipInfo(name)
        info.compress_type = method  # which it does not take from the archive
        with file.open(info, "w", force_zip64=True) as member:
            for piece in content:
                member.write(piece)
    return buffer.getvalue()


def huge_config():
    return keras_file(b'{"a": "' + b"a" * (900 * MB) + b'"}', lambda file: None)


def objects_config():
    return keras_file(b"[" + b"{}," * (5 * MB) + b"{}]", lambda file: None)


def huge_layer():
    evil = {"module": "keras.layers", "class_name": "Embedding", "config": {"input_dim": 60_000, "output_dim": 60_000}}
    return keras_file(json.dumps(evil).encode(), lambda file: None)


def huge_weights():
    return keras_file(b"{}", lambda file: file.create_dataset("x", (1 << 20, 1 << 14), "f4", chunks=(1, 1 << 14)))


def keras_file(config, fill):
    weights, buffer = io.BytesIO(), io.BytesIO()
    with h5py.File(weights, "w") as file:
        fill(file)
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", config, zipfile.ZIP_DEFLATED)
        archive.writestr("model.weights.h5", weights.getvalue())
    return buffer.getvalue()


def huge_array():
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (1 << 28,)})
    return zip_of("state.npy", [head.getvalue(), *[bytes(16 * MB)] * 128])


def wide_header():
    return zip_of("state.npy", [b"\x93NUMPY\x02\x00" + (1 << 30).to_bytes(4, "little"), *[b" " * (16 * MB)] * 32])


def many_rows():
    return zip_of("a.txt", [b"a\n" * (8 * MB)] * 40)


def nested_words():
    return json.dumps({"kind": "word", "format": 1, "vocabulary": ["a"] * 2_000_000}).encode()


HOSTILE = [
    ("t.csv.gz", one_line),
    ("t.csv.gz", many_lines),
    ("t.csv", one_text),
    ("t.csv", many_columns),
    ("t.csv, of config new", many_columns),
    ("t.jsonl", deep_line),
    ("t.json", deep_list),
    ("t.parquet", same_words),
    ("t.parquet", same_texts),
    ("vectors v.txt.gz", vector_line),
    ("vectors v.bin", vector_counts),
    ("early run: model.keras", huge_config),
    ("early run: model.keras", objects_config),
    ("early run: model.keras", huge_layer),
    ("early run: model.keras", huge_weights),
    ("early run: tokenizer.json", deep_list),
    ("early run: tokenizer.json", nested_words),
    ("checkpoint", huge_array),
    ("checkpoint", wide_header),
    ("d.zip", many_rows),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    prepare(folder)
    return folder


@pytest.mark.parametrize(("name", "make"), HOSTILE, ids=lambda value: getattr(value, "__name__", value))
def test_a_file_takes_no_more_memory_than_is_reasonable(folder, name, make):
    from fuzzing.kinds import kinds

    [kind] = [kind for kind in kinds() if kind.name == name]
    path = folder / kind.file
    whole, content = path.read_bytes(), make()
    assert len(content) < 10 * MB
    path.write_bytes(content)
    try:
        command = [sys.executable, "-c", READ, name, str(folder)]
        fuzz = str(Path(__file__).parent / "fuzz")
        done = subprocess.run(command, cwd=fuzz, capture_output=True, text=True, timeout=900)
    finally:
        path.write_bytes(whole)
    *said, megabytes = done.stdout.splitlines() or [done.stderr[-300:], "0"]
    print(name, make.__name__, megabytes, "MB", " ".join(said)[:160])
    assert done.returncode == 0, done.stderr[-2000:]
    assert said[0].startswith(("read", "refused"))
    assert int(megabytes) < BOUND
