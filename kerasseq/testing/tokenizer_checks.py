"""What holds for tokenizers: ids, decoding, truncation, saving, hostile texts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasseq.errors import KerasseqError
from kerasseq.spec import TokenizerSpec
from kerasseq.testing.faults import CheckFailed, shown, told
from kerasseq.testing.process import ask
from kerasseq.testing.texts import HOSTILE_TEXTS, PLAIN, WRITABLE
from kerasseq.tokenizers.tokenizer import SEPARATOR, SPECIALS, Tokenizer, load

__all__ = [
    "check_decode",
    "check_deterministic",
    "check_hostile_ids",
    "check_ids",
    "check_pieces",
    "check_save_and_load",
    "check_truncation",
    "check_untrained_texts",
]

TRAINING = PLAIN * 4
NEW = ("an unheard-of zebra 7", "كلمة غريبة", "[SEP] [UNK] [PAD] good", "")


def trained(spec: TokenizerSpec, texts: Sequence[str] = TRAINING) -> Tokenizer:
    """What the Spec builds, trained."""
    built = spec.build()
    if not isinstance(built, Tokenizer):
        raise CheckFailed(f"build must return a Tokenizer, got {type(built).__qualname__}")
    built.train(texts)
    return built


def check_ids(spec: TokenizerSpec) -> None:
    """The vocabulary begins with the specials; a text's ids are 1, or 3 and more, all of the vocabulary."""
    tokenizer = trained(spec)
    vocabulary = tokenizer.vocabulary
    if vocabulary[:3] != SPECIALS:
        raise CheckFailed(f"the vocabulary must begin with {SPECIALS}, got {vocabulary[:3]}")
    for text in (*PLAIN, *NEW):
        ids = _ids(tokenizer, text)
        wrong = [i for i in ids if not (i == 1 or 3 <= i < len(vocabulary))]
        if wrong:
            rule = f"ids must be 1, for unknown, or 3 to {len(vocabulary) - 1}"
            raise CheckFailed(f"{rule}; 0 is padding and 2 the separator: {shown(text)} gave {ids[:12]}")
    if _ids(tokenizer, ""):
        raise CheckFailed(f"an empty text must have no ids, got {_ids(tokenizer, '')}")


def check_pieces(spec: TokenizerSpec) -> None:
    """`split` gives one token for each id: the report shows them beside their weights."""
    tokenizer = trained(spec)
    for text in (*PLAIN, *NEW):
        pieces, ids = tokenizer.split(text), _ids(tokenizer, text)
        if len(pieces) != len(ids):
            raise CheckFailed(
                f"split must give a token for each id: {shown(text)} gave {len(pieces)} for {len(ids)} ids"
            )


def check_decode(spec: TokenizerSpec) -> None:
    """What was decoded has the same ids again; a lossless tokenizer gives every text back."""
    tokenizer = trained(spec)
    for text in (*PLAIN, *(WRITABLE if spec.lossless else ())):
        ids = _ids(tokenizer, text)
        said = tokenizer.decode([*ids, 0, 0])
        if spec.lossless and said != text:
            raise CheckFailed(f"lossless says that decoding gives the text back: {shown(text)} came back {shown(said)}")
        if 1 not in ids and _ids(tokenizer, said) != ids:
            raise CheckFailed(
                f"what was decoded must have the same ids again: {shown(text)} gave {ids[:12]}, its decoded "
                f"{shown(said)} gave {_ids(tokenizer, said)[:12]}"
            )


def check_truncation(spec: TokenizerSpec) -> None:
    """No text has more than `max_length` ids, no pair with its separator; what lost some is counted."""
    tokenizer = trained(spec)
    length = tokenizer.max_length
    long = " ".join(PLAIN * (length // 8 + 2))
    for what, encoded, cut in (
        ("a text", tokenizer.encode([long, PLAIN[0][:3]]), len(_ids(tokenizer, long)) > length),
        ("a pair", tokenizer.encode_pair([long], [long]), 2 * len(_ids(tokenizer, long)) + 1 > length),
    ):
        most = int(encoded.ids.lengths.max())
        if most > length or (cut and not encoded.truncated):
            raise CheckFailed(
                f"{what} must have at most {length} ids and be counted when it loses some, got {most} ids, "
                f"{encoded.truncated} counted, for {shown(long)}"
            )
    if SEPARATOR not in tokenizer.encode_pair(["x"], ["x"]).ids.flat.tolist():
        raise CheckFailed(
            f"a pair must have the separator, id {SEPARATOR}, between its texts, got none for 'x' and 'x'"
        )


def check_deterministic(spec: TokenizerSpec) -> None:
    """The same texts give the same vocabulary, in another process too."""
    wanted, got = trained(spec).vocabulary, trained(spec).vocabulary
    _same_vocabulary(wanted, got, "trained twice")
    with tempfile.TemporaryDirectory(prefix="kerasseq-") as name:
        folder = Path(name)
        (folder / "texts.json").write_text(json.dumps(TRAINING), encoding="utf-8")
        ask("torch", "tokenizer", spec, folder)
        learned = tuple(json.loads((folder / "vocabulary.json").read_text(encoding="utf-8")))
    _same_vocabulary(wanted, learned, "trained in another process")


def _same_vocabulary(wanted: Sequence[str], got: Sequence[str], how: str) -> None:
    if tuple(wanted) != tuple(got):
        place = next(
            (i for i, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), min(len(wanted), len(got))
        )
        raise CheckFailed(
            f"the same texts must give the same vocabulary; {how}, {len(got)} tokens stand for {len(wanted)}, "
            f"the first that differs is number {place}; a set has another order in each process"
        )


def check_save_and_load(spec: TokenizerSpec) -> None:
    """`tokenizer.json` gives the same tokenizer, opened as a run opens it."""
    tokenizer = trained(spec)
    kind = type(tokenizer)
    with tempfile.TemporaryDirectory(prefix="kerasseq-") as name:
        path = Path(name) / "tokenizer.json"
        try:
            tokenizer.save(path)
            again = load(path, {kind.kind: kind})
        except (KerasseqError, TypeError, ValueError, AttributeError) as cause:
            rule = "tokenizer.json must be read by the class whose kind stands in it"
            raise CheckFailed(f"{rule}, got {told(cause)}; {kind.__qualname__} has kind {kind.kind!r}") from cause
    long = " ".join(PLAIN * 20)
    for text in (*PLAIN, *NEW, long):
        one, other = tokenizer.encode([text]).ids.flat.tolist(), again.encode([text]).ids.flat.tolist()
        if one != other:
            raise CheckFailed(
                f"a loaded tokenizer must give the same ids: {shown(text)} gave {one[:12]}, then {other[:12]}"
            )
    if again.vocabulary != tokenizer.vocabulary:
        raise CheckFailed(f"a loaded tokenizer must have the vocabulary, got {again.vocabulary[:5]} and so on")


def check_untrained_texts(spec: TokenizerSpec) -> None:
    """Trained on nothing, or on empty texts, it still encodes."""
    for texts in ((), ("", " ")):
        try:
            tokenizer = trained(spec, texts)
            ids = _ids(tokenizer, PLAIN[0])
        except Exception as cause:
            raise CheckFailed(f"trained on {list(texts)}, a tokenizer must encode, got {told(cause)}") from cause
        if [i for i in ids if not (i == 1 or 3 <= i < len(tokenizer.vocabulary))]:
            raise CheckFailed(f"trained on {list(texts)}, ids must be unknown or in the vocabulary, got {ids[:12]}")


def check_hostile_ids(spec: TokenizerSpec) -> None:
    """Whatever Unicode can hold is encoded, alone as in a batch."""
    tokenizer = trained(spec)
    together: Any = list(tokenizer.sequences(PLAIN))
    for text in HOSTILE_TEXTS:
        try:
            batch = list(tokenizer.sequences([*PLAIN, text]))
            alone = _ids(tokenizer, text)
            tokenizer.decode(alone)
        except Exception as cause:
            raise CheckFailed(f"every text must have ids, {shown(text)} raised {told(cause)}") from cause
        if list(batch[-1]) != alone or [list(row) for row in batch[:-1]] != [list(row) for row in together]:
            raise CheckFailed(f"neighbours must not change the ids of a text, {shown(text)} beside others does")


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    [ids] = tokenizer.sequences([text])
    return [int(i) for i in ids]
