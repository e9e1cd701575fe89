"""Is this data fit to train on? What `kerasseq dataset check` asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kerasseq.diagnosis.decoded import check_decoded
from kerasseq.diagnosis.facts import NOTHING, Already, Facts
from kerasseq.diagnosis.findings import Diagnosis, Finding
from kerasseq.diagnosis.sides import (
    check_conflicts,
    check_duplicates,
    check_groups,
    check_overlap,
    check_rows,
    check_weights,
)
from kerasseq.diagnosis.targets import check_classes, check_numbers
from kerasseq.diagnosis.texts import (
    check_characters,
    check_empty,
    check_lengths,
    check_scripts,
    check_unknown,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split
    from kerasseq.corpus.text import PairMode
    from kerasseq.preprocessors.rules import Preprocessor
    from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = ["Diagnosis", "Finding", "diagnose"]


def diagnose(
    table: pa.Table,
    split: Split,
    preprocess: Preprocessor,
    tokenizer: Tokenizer,
    target_kind: str,
    pair: PairMode | Literal["auto"] = "auto",
    already: Already = NOTHING,
) -> Diagnosis:
    """Look at rows, texts and targets, the way the model will see them.

    Args:
        table: Standard columns; see `DatasetSpec.build`.
        split: Its sides.
        preprocess: The chain of preprocessors.
        tokenizer: Trained on the training side; an untrained one is trained here.
        target_kind: `class`, `number` or `none`.
        pair: How the two texts of a pair are read; `auto` joins them where there are two.
        already: What the config does, which no hint asks for.
    """
    if pair == "auto":
        pair = "join" if "text_2" in table.column_names else "single"
    facts = Facts.of(table, split, preprocess, tokenizer, pair, already)
    findings = [*check_rows(facts)]
    if target_kind == "class":
        findings += check_classes(facts)
    elif target_kind == "number":
        findings += check_numbers(facts)
    findings += [*check_empty(facts), *check_lengths(facts), *check_unknown(facts)]
    findings += [*check_duplicates(facts), *check_overlap(facts), *check_conflicts(facts, target_kind)]
    findings += [*check_groups(facts), *check_weights(facts), *check_scripts(facts), *check_characters(facts)]
    findings += check_decoded(facts)
    return Diagnosis(tuple(findings))
