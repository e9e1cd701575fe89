"""A linear model beside the network, stored in a run and written into an ONNX graph, answers as it did."""

# N rows, K numbers of an answer

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasseq.errors import RunError
from kerasseq.spec import WideSpec
from kerasseq.testing.branch import built, every_fit, fitted, said
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, NotChecked, told
from kerasseq.testing.onnx_checks import run_graph
from kerasseq.testing.texts import HOSTILE_TEXTS, PLAIN, WRITABLE
from kerasseq.wide.branch import Branch, Sought

__all__ = ["check_branch_onnx", "check_lost_files", "check_restored"]

TOLERANCE = 1e-4


def check_restored(spec: WideSpec) -> None:
    """What `save` wrote, `load` takes up: the same width and the same values, whatever Unicode it learned."""
    for what, _, branch in every_fit(spec):
        _restored(spec, branch, what, (*PLAIN, *WRITABLE))
    texts = (*PLAIN, *HOSTILE_TEXTS)
    sought = Sought(np.arange(len(texts)) % 2, 2)
    _restored(spec, fitted(spec, texts, sought, "hostile texts"), "hostile texts", texts)


def _restored(spec: WideSpec, branch: Branch, what: str, texts: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="kerasseq-") as name:
        again = built(spec)
        try:
            branch.save(Path(name))
            again.load(Path(name))
        except Exception as cause:
            raise CheckFailed(f"load must take up what save wrote, for {what} got {told(cause)}") from cause
    if (again.width, again.balanced) != (branch.width, branch.balanced):
        got = f"width {again.width}, balanced {again.balanced}"
        raise CheckFailed(
            f"a branch that was stored must be as it was, for {what} got {got} in place of width {branch.width}, "
            f"balanced {branch.balanced}"
        )
    rule = f"a branch that was stored must say the same, for {what} it does not"
    same(rule, said(spec, branch, texts), said(spec, again, texts))
    one, other = (json.dumps(dict(each.describe()), sort_keys=True, default=str) for each in (branch, again))
    if one != other:
        raise CheckFailed(f"a branch that was stored must describe the same, for {what} got {other} in place of {one}")


def check_lost_files(spec: WideSpec) -> None:
    """Of a run whose file is missing or cut off, `load` raises RunError."""
    _, _, branch = next(every_fit(spec))
    with tempfile.TemporaryDirectory(prefix="kerasseq-") as name:
        folder = Path(name)
        _refused(spec, folder, "an empty folder")
        branch.save(folder)
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            whole = file.read_bytes()
            file.write_bytes(whole[: len(whole) // 2])
            _refused(spec, folder, f"half of {file.name}")
            file.write_bytes(whole)


def _refused(spec: WideSpec, folder: Path, what: str) -> None:
    got = "took it up"
    try:
        built(spec).load(folder)
    except RunError:
        return
    except Exception as cause:
        got = f"raised {told(cause)}"
    raise CheckFailed(f"load must raise RunError where what it needs is missing or damaged, of {what} it {got}")


def check_branch_onnx(spec: WideSpec) -> None:
    """In an ONNX graph it says what it says in Python."""
    from kerasseq.onnx_graph.graph import Graph, Inexpressible
    from kerasseq.onnx_graph.strings import NUL_STANDS_FOR

    texts = [*PLAIN, *WRITABLE]
    for what, _, branch in every_fit(spec):
        graph = Graph()
        inputs = ["text", "text_2"] if spec.pairs else ["text"]
        columns = [graph.strings.without_nul(graph.input(name, "string", ["batch"])) for name in inputs]
        try:
            found = branch.to_onnx(graph, *columns)
        except Inexpressible as cause:
            raise NotChecked(f"not exported: {cause}") from cause
        if found is NotImplemented:
            raise NotChecked("not exported: it has no to_onnx, so a model with it has no model.onnx")
        graph.output("values", "float32", ["batch", branch.width], found)
        wanted = said(spec, branch, [t.replace("\0", NUL_STANDS_FOR) for t in texts])
        for some, rows in ((texts, wanted), (texts[:1], wanted[:1])):
            given = {"text": some, "text_2": [PLAIN[0]] * len(some)}
            feeds = {name: np.array(given[name], dtype=object) for name in inputs}
            [got] = run_graph(graph, ["values"], feeds)
            rule = f"in onnxruntime the values of {len(some)} texts must be as in Python, for {what} they differ"
            same(rule, rows, np.asarray(got), TOLERANCE)
