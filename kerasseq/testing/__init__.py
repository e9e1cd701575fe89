"""The kit for authors of plugins: checks that every component has to pass.

    from kerasseq.testing import parametrize_with_checks
    from my_poolers.top_k import TopK

    @parametrize_with_checks([TopK(name="top_k"), TopK(name="top_k", k=1)])
    def test_keeps_the_rules(spec, check):
        check(spec)

Each check is a function of a Spec instance, named after its rule. It raises `CheckFailed`, an `AssertionError` that
names the rule and the shapes or the text that broke it, or `NotChecked`, which pytest counts as skipped: there is no
other backend to compare with, a component has no form in ONNX. `checks_for(spec)` gives the checks without pytest.
For tests of your own, `rules_in_graph(rules)` runs a preprocessor's rules on texts as a deployed model does.

Networks are checked on the backend of KERASSEQ_BACKEND or KERAS_BACKEND, else torch, and compared with the other one in
a process beside this one.
"""

from __future__ import annotations

from kerasseq.testing.faults import CheckFailed, NotChecked
from kerasseq.testing.in_graph import rules_in_graph
from kerasseq.testing.suite import checks_for, parametrize_with_checks

__all__ = ["CheckFailed", "NotChecked", "checks_for", "parametrize_with_checks", "rules_in_graph"]
