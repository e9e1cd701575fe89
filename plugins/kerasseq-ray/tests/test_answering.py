"""What a worker does with a part."""

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from kerasseq_ray.answering import Asked, Part, answer_part

from kerasseq.files import is_temporary


def ask(tmp_path, model, part, columns=(("text",),)):
    asked = Asked(str(tmp_path / "texts"), str(tmp_path / "answers"), columns, "model.onnx")
    return answer_part(asked, model.read_bytes(), part)


def test_a_part_holds_its_rows_in_order_with_their_answers_behind_them(tmp_path, model, texts, made):
    part = Part("a.parquet", range(1, 4), 40, 160)
    told = ask(tmp_path, model, part)
    assert told["rows"] == 120 and told["memory"] > 2**20
    rows = pq.read_table(tmp_path / "answers" / part.output)
    assert rows.select(["id", "text", "pair"]).equals(made.table(0, 400).slice(40, 120))
    assert rows["prediction"].to_pylist()[:5] == ["few", "few", "many", "many", "many"]
    assert rows.schema.field("prediction").type == pa.string()
    assert rows.schema.field("score[few]").type == pa.float64()


def test_a_part_of_no_rows_has_the_columns_of_the_others(tmp_path, model, texts):
    empty, full = Part("empty.parquet", range(0), 0, 0), Part("a.parquet", range(1), 0, 40)
    assert ask(tmp_path, model, empty)["rows"] == 0
    ask(tmp_path, model, full)
    schemas = [pq.read_schema(tmp_path / "answers" / part.output) for part in (empty, full)]
    assert schemas[0].equals(schemas[1])


def test_several_columns_are_joined_and_numbers_read_as_texts(tmp_path, model, texts):
    part = Part("a.parquet", range(1), 0, 40)
    ask(tmp_path, model, part, (("text", "id"),))
    rows = pq.read_table(tmp_path / "answers" / part.output)
    assert rows["prediction"].to_pylist()[:3] == ["few", "many", "many"]
    assert rows["prediction"].to_pylist()[7] == "few"  # no text, an id


def test_pairs_are_read_from_two_columns(tmp_path, texts, made):
    part = Part("a.parquet", range(1), 0, 40)
    ask(tmp_path, made.counter(tmp_path / "pairs.onnx", pairs=True), part, (("text",), ("id",)))
    rows = pq.read_table(tmp_path / "answers" / part.output)
    assert rows["prediction"].to_pylist()[:3] == ["few", "many", "many"]


def test_rows_that_are_wrong_are_told_with_their_place_and_leave_nothing(tmp_path, model, texts):
    part = Part("a.parquet", range(2), 0, 81)
    told = ask(tmp_path, model, part)
    said = "a.parquet: rows 0 to 81: must have 81 rows as at the start, got 80; it was written over"
    assert told["fault"].endswith(said)
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    pq.write_table(pa.table({"text": bad}), texts / "bad.parquet")
    assert "bad.parquet: rows 0 to 1: " in ask(tmp_path, model, Part("bad.parquet", range(1), 0, 1))["fault"]
    assert not [path for path in (tmp_path / "answers").rglob("*") if path.is_file() or is_temporary(path)]


def test_a_worker_imports_neither_torch_nor_keras(tmp_path, model, texts):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from kerasseq_ray.answering import Asked, Part, answer_part\n"
        f"asked = Asked({str(texts)!r}, {str(tmp_path / 'answers')!r}, (('text',),), 'model.onnx')\n"
        f"assert 'rows' in answer_part(asked, Path({str(model)!r}).read_bytes(), Part('a.parquet', range(1), 0, 40))\n"
        "print(sorted({'torch', 'keras', 'jax', 'tensorflow', 'pydantic', 'ray'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
