import ast
import logging
import re
import shutil
from pathlib import Path

import pytest

import kerasseq

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


@pytest.fixture
def session(tmp_path, monkeypatch, few_rows):
    """Run every block of the page in order, as a notebook would; gives its names."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging, "basicConfig", lambda: None)
    logger = logging.getLogger("kerasseq")
    level = logger.level
    names = {"__name__": "session"}
    for block in re.finditer(r"^```python\n(.*?)^```", TEXT, re.M | re.S):
        line = TEXT[: block.start()].count("\n") + 1
        exec(compile("\n" * line + block[1], "docs/python.md", "exec"), names)
    yield names
    logger.setLevel(level)


def test_the_page_does_what_it_says(session):
    np, keras = session["np"], session["keras"]
    assert [row["epoch"] for row in session["outcome"].history.rows] == [1, 2]
    assert session["longer"].history.rows[-1]["epoch"] == 3
    assert session["outcome"].directory.path.name == "0001"
    assert 0 <= session["model"].predict(["نص"])["prediction"][0] <= 10
    for text, row in zip(session["texts"], session["weighed"][0], strict=True):
        assert len(row) == len(text.split())
        assert sum(weight for _, weight in row) == pytest.approx(1, abs=1e-5)
    found = session["found"].linear
    said = found.factor * session["model"].task.pipeline.wide.values(["يتعلم النموذج من البيانات"])[0, 0]
    assert found.start + found.rest + sum(moved for _, moved in found.weighed) == pytest.approx(said, abs=1e-4)
    text = "يتعلم النموذج من البيانات"
    whole, *without = session["model"].predict(
        [text, *(" ".join(text.split()[:n] + text.split()[n + 1 :]) for n in range(4))]
    )["prediction"]
    assert [text[word.start : word.end] for word in session["hung"].words] == text.split()
    assert [word.weight for word in session["hung"].words] == pytest.approx(
        [whole - each for each in without], abs=1e-4
    )
    rows = session["stopped"].directory.history.read_text().splitlines()
    assert len(rows) == 2  # the callback stopped after the first epoch
    assert {name: tuple(v.shape) for name, v in session["outputs"].items()} == {"score": (1,), "attention": (1, 5)}
    for one, other in zip(session["plain"].weights, session["model"].model.weights, strict=True):
        np.testing.assert_array_equal(*(keras.ops.convert_to_numpy(w.value) for w in (one, other)))
    h, h10 = (keras.ops.convert_to_numpy(session[name]) for name in ("h", "h10"))
    np.testing.assert_allclose(h, h10, atol=1e-6)
    assert np.abs(h).max() > 0.01
    assert len(session["other"].truth) == 2
    assert len(session["elsewhere"].truth) == 40
    assert session["search"].best_params_["pooler"] in ("mean", "max")
    assert set(session["search"].predict(session["reviews"])) <= {"yes", "no"}
    assert [s.value for s in session["again"].scores] == [s.value for s in session["mine"].scores]


def test_the_page_uses_public_names_alone():
    used = set()
    for block in re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                used.add(str(node.module))
            elif isinstance(node, ast.Import):
                used |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "kerasseq":
                used.add(f"kerasseq.{node.attr}")
    ours = {name for name in used if name.partition(".")[0] == "kerasseq"}
    assert ours - {"kerasseq", "kerasseq.layers", "kerasseq.sklearn"} <= {
        f"kerasseq.{name}" for name in kerasseq.__all__
    }
    assert {"kerasseq.run", "kerasseq.load", "kerasseq.evaluate", "kerasseq.resume"} <= ours
