"""Rules as a deployed model runs them, for what tests of a preprocessor compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kerasseq.preprocessors.rules import CharMap, Rule, Rules
from kerasseq.runtime.session import open_session

__all__ = ["rules_in_graph"]


def rules_in_graph(rules: Iterable[Rule]) -> Callable[[Sequence[str]], list[str]]:
    """Write rules as nodes of ONNX, and return a function that runs them on texts in onnxruntime.

    As in every deployed model a NUL is read as U+0001 first; a text must not hold half surrogates.

    Args:
        rules: In order; those of a preprocessor are `spec.build().rules`.

    Raises:
        Inexpressible: A rule has no form in ONNX.

    >>> from kerasseq.preprocessors.rules import CharMap
    >>> rules_in_graph([CharMap({"A": "a"})])(["AB", ""])
    ['aB', '']
    """
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.onnx_graph.strings import NUL_STANDS_FOR

    graph = Graph()
    text = graph.input("text", "string", ["batch"])
    text = graph.strings.rules(Rules([CharMap({"\0": NUL_STANDS_FOR}), *rules]).rules, text)
    graph.output("out", "string", ["batch"], text)
    session = open_session(graph.model({}).SerializeToString(), threads=1)

    def run(texts: Sequence[str]) -> list[str]:
        found: list[str] = session.run(None, {"text": np.array(texts, dtype=object)})[0].tolist()
        return found

    return run
