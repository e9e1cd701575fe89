"""`[dataset] name = "tokens"`: your own sentences of tokens, each with its tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from kerasseq.datasets.file_settings import Encoding, SidedFiles
from kerasseq.datasets.token_layout import TokenLayout

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Tokens"]

Key = Annotated[str, Field(min_length=1, max_length=200)]


class Tokens(SidedFiles):
    """Sentences of your own files: columns as in the shared tasks of CoNLL, CoNLL-U, or lists in jsonl (also .gz)."""

    row_kind: ClassVar[str] = "tokens"

    name: str = "tokens"
    """The component."""
    format: Literal["auto", "conll", "conllu", "jsonl"] = "auto"
    """`conll`: a token and its tag a line, a blank line behind each sentence. `conllu`: Universal Dependencies.
    `jsonl`: an object a line, with a list of tokens and one of tags. `auto`: by the suffix .conllu or .jsonl, else
    `conll`."""
    token_column: int = 0
    """Of `conll`: the column of the tokens, counted from 0, or from -1 at the end."""
    tag_column: int = -1
    """Of `conll`: the column of the tags, likewise."""
    separator: Literal["auto", "tab", "space"] = "auto"
    """Of `conll`: what stands between columns: a tab, or one or more blanks; `auto` is a tab where rows hold one."""
    comment: Annotated[str, Field(max_length=20)] = ""
    """Of `conll`: lines that begin with this are left out; empty for none, for a token may begin with #."""
    part_of_speech: Literal["upos", "xpos"] = "upos"
    """Of `conllu`: which tags, the universal ones or the language's own."""
    token_key: Key = "tokens"
    """Of `jsonl`: the key of the list of tokens."""
    tag_key: Key = "tags"
    """Of `jsonl`: the key of the list of tags."""
    encoding: Encoding = "utf-8"
    """Of the files: `utf-8` (with or without a byte-order mark), `cp1256`, `latin-1`, `utf-16`, ..."""
    longest: Annotated[int, Field(ge=1)] = 1000
    """Tokens in a sentence at most; a longer one is wrong, mostly because the lines between sentences are missing."""
    on_bad_row: Literal["error", "skip"] = "error"
    """A sentence with a token without a tag, or a row without its columns: `error` lists them, `skip` leaves the
    sentence out, logs it and counts it."""

    @model_validator(mode="after")
    def _agree(self) -> Tokens:
        if self.token_column == self.tag_column:
            raise ValueError(f"token_column and tag_column must be different columns, got {self.tag_column} for both")
        if self.token_key == self.tag_key:
            raise ValueError(f'token_key and tag_key must be different keys, got "{self.tag_key}" for both')
        return self

    @property
    def layout(self) -> TokenLayout:
        """How the files are written."""
        return TokenLayout(
            self.format,
            self.token_column,
            self.tag_column,
            self.separator,
            self.comment,
            self.part_of_speech,
            self.token_key,
            self.tag_key,
            self.encoding,
            self.longest,
        )

    def at(self, path: Path | str, labelled: bool) -> Tokens:
        """In another file; by its suffix where that says how it is written, else as this one."""
        form = "auto" if Path(path).suffix in (".conllu", ".jsonl", ".ndjson") else self.format
        given = self.model_copy(update={"train": str(path), "validation": "", "test": "", "format": form})
        return given if labelled else _Untagged.model_construct(**given.model_dump() | {"on_bad_row": "error"})

    def file_problems(self, side: str, file: Path) -> Iterator[tuple[str, str]]:
        """Columns and keys that it lacks."""
        from kerasseq.datasets.token_files import layout_problems

        yield from layout_problems(file, self.layout)

    def build(self) -> pa.Table:
        """Read every file: `tokens` and `target` are lists of strings, the rest is as in the base class."""
        from kerasseq.datasets.token_files import read_token_files

        return read_token_files(self.files, self.layout, self.on_bad_row)

    def other_columns(self, rows: pa.Table) -> pa.Table:
        """Of jsonl the other keys."""
        from kerasseq.datasets.layout import Layout
        from kerasseq.datasets.others import in_table, other_columns

        files = [path for path in self.files.values() if self.layout.format_for(path) == "jsonl"]
        read = in_table(Layout("jsonl", self.encoding), (self.token_key, self.tag_key))
        return other_columns(rows, files, read) if len(files) == len(self.files) else rows.select([])


class _Untagged(Tokens):
    """Sentences to predict on: whatever stands where tags would be is not read."""

    @property
    def layout(self) -> TokenLayout:
        """How the files are written."""
        return replace(super().layout, tagged=False)
