"""A first config for sentences of tokens, each with its tag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kerasseq.config.alike import inline, merges
from kerasseq.config.written import SHARES, beside, few, files_of, first_lines, joined, script_steps
from kerasseq.console import count

__all__ = ["TokenLook", "new_tokens"]


@dataclass(frozen=True)
class TokenLook:
    """What files of sentences look like.

    Attributes:
        settings: Keys of `[dataset]` beside the files, each with its value and the reason for it.
        sentences: Sound ones, of all files.
        bad: How many others there are.
        tags: Tag -> how often it stands in the file to learn from, the most frequent first.
        spans: Whether tags write spans, as B-PER and O do.
        beside: Tags that training may lack and another side may have.
        arabic: Share of Arabic letters among all letters, 0 to 1.
        longest: Most tokens of a sentence.
    """

    settings: Mapping[str, tuple[str | int, str]]
    sentences: int
    bad: int
    tags: Mapping[str, int]
    spans: bool
    beside: tuple[str, ...]
    arabic: float
    longest: int


def new_tokens(seen: TokenLook, files: Mapping[str, str], name: str, file: str) -> str:
    """Write the TOML.

    Args:
        seen: What the files look like.
        files: Side -> path, as the TOML should say it.
        name: Of the experiment.
        file: What the TOML will be called, for the commands in its comments.
    """
    what = f"Tagging of {{}}: {count(seen.sentences, 'sentence')} of at most {count(seen.longest, 'token')}"
    blocks = [
        first_lines(what, files["train"], name, file),
        files_of("tokens", files, seen.settings, seen.bad, seen.sentences, "sentence"),
        *script_steps(seen.arabic, unicode=False),
        EMBEDDING,
        ENCODER,
        _task(seen),
        [] if len(files) > 1 else SHARES,
        TRAINING,
    ]
    return joined(blocks)


EMBEDDING = """[embedding]
name = "learned"      # or pretrained: the vectors of a file
dimension = 100
dropout = 0.3
characters = "convolution"    # the letters of a word tell its tag where training has not seen the word""".split("\n")

ENCODER = """[encoder]
name = "lstm"         # or gru, simple_rnn
units = 128
layers = 1
bidirectional = true  # a tag follows from the words on both sides""".split("\n")

TRAINING = """[training]
batch_size = 32       # sentences
learning_rate = 0.003""".split("\n")


def _task(seen: TokenLook) -> Iterator[str]:
    yield "[task]"
    yield 'name = "tagging"'
    yield f"# {count(len(seen.tags), 'tag')}: {few(seen.tags)}"
    if spelt := merges(seen.tags):
        yield f"# merge = {inline(spelt)}    # these read alike; if each is one tag, take the line in"
    if seen.spans:
        yield 'head = "crf"          # tags write spans: the tags of a row are chosen together; or softmax'
    else:
        yield 'head = "softmax"      # a tag for each token by itself; or crf, which chooses those of a row together'
    yield from beside(seen.beside)
