"""What the kit asks of components; the encoder is checked with the task, in which alone it stands."""

import pytest
from kerasseq_gpt2.encoder import Gpt2
from kerasseq_gpt2.task import Gpt2LanguageModel
from kerasseq_gpt2.tokenizer import Bytes

from kerasseq.testing import parametrize_with_checks
from kerasseq.testing.checking import steps


@parametrize_with_checks([Gpt2LanguageModel(), Gpt2(), Bytes()])
def test_keeps_the_rules(spec, check):
    check(spec)


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("tokenizer", "folder must be a folder with vocab.json and merges.txt, got none; or set preset; its own tests"),
        ("encoder", 'it stands in task "gpt2" alone, which is checked with it'),
    ],
)
def test_what_the_command_cannot_check_it_says(kind, left):
    found = list(steps(kind, "kerasseq-gpt2/gpt2"))
    assert {step.result for step in found} == {"ok", "skipped"}
    [skipped] = [step.said for step in found if step.result == "skipped"]
    assert skipped.startswith(left)
