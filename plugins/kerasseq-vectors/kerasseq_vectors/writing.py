"""Learned vectors as a file that `[embedding]` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kerasseq.plugin import DataError, UsageError, atomic

__all__ = ["check_name", "form_of", "write"]

FORMS = {
    ".npz": "npz",
    ".bin": "binary",
    ".vec": "text",
    ".txt": "text",
    ".vec.gz": "text",
    ".txt.gz": "text",
}


def form_of(path: Path) -> str:
    """How a file of this name is written.

    Raises:
        UsageError: The name says nothing that is known.
    """
    suffixes = path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:]
    form = FORMS.get("".join(suffixes).lower())
    if form is None:
        raise UsageError(f"--output: must end in {', '.join(FORMS)}, got {path.name}")
    return form


def check_name(path: Path) -> None:
    """Nothing, where a file can be written under this name.

    Raises:
        UsageError: Its ending says nothing that is known.
    """
    form_of(path)


def write(model: Any, path: Path) -> None:
    """Write all words and their vectors, whole or not at all.

    Args:
        model: What `learn` returned.
        path: Its ending says how: text and binary are those of word2vec, `npz` holds `words` and `vectors`; a `.bin` of
            fastText is its own, which holds the n-grams, too.

    Raises:
        DataError: A word holds white space, which text and binary files cannot say.
    """
    import numpy as np
    from gensim.models.fasttext import FastTextKeyedVectors, save_facebook_model

    form, table = form_of(path), model.wv
    spaced = next((word for word in table.index_to_key if word.split() != [word]), None)
    if form != "npz" and spaced is not None:
        raise DataError(f"{path}: must end in .npz, for a word holds white space, got {spaced!r}")
    with atomic(path) as temporary:
        if form == "binary" and isinstance(table, FastTextKeyedVectors):
            save_facebook_model(model, str(temporary))
        elif form == "npz":
            with temporary.open("wb") as file:  # a name would get another .npz behind it, but in small letters
                np.savez(file, words=np.array(table.index_to_key), vectors=table.vectors)
        else:
            table.save_word2vec_format(str(temporary), binary=form == "binary")
