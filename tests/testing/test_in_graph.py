import pytest

from kerasseq.onnx_graph.graph import Inexpressible
from kerasseq.preprocessors.rules import CharMap, Replace
from kerasseq.testing import rules_in_graph


def test_rules_are_done_in_order_to_each_text():
    run = rules_in_graph([CharMap({"A": "b"}), Replace("b+", "<b>", only_with="b"), CharMap({"<": "("})])
    assert run(["Ab c", "", "<ع>"]) == ["(b> c", "", "(ع>"]
    assert run(["none"]) == ["none"]


def test_a_nul_is_read_as_another_character():
    assert rules_in_graph([])(["a\0b"]) == ["a\x01b"]


def test_a_rule_that_a_graph_cannot_say_is_named():
    with pytest.raises(Inexpressible, match="RE2 must compile"):
        rules_in_graph([Replace("[{letter}{mark}]{1000}[{letter}]{1000}", "")])
