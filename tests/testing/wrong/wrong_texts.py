"""Preprocessors and tokenizers that each break one rule."""

import re
from typing import ClassVar

from kerasseq.preprocessors.rules import Preprocessor, Replace, Rules
from kerasseq.spec import PreprocessorSpec, TokenizerSpec
from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.tokenizer import SPECIALS, Encoded


class Step(Preprocessor):
    def __call__(self, texts):
        return [text.replace("food", "meal") for text in texts]


class ChangesTheList(PreprocessorSpec):
    """Works in place."""

    def build(self):
        return _ChangesTheList()


class _ChangesTheList(Step):
    def __call__(self, texts):
        for row, text in enumerate(texts):
            texts[row] = text.replace("food", "meal")
        return list(texts)


class FirstIsSpecial(PreprocessorSpec):
    """Treats the first text of a batch in its own way."""

    def build(self):
        return _FirstIsSpecial()


class _FirstIsSpecial(Step):
    def __call__(self, texts):
        return [text.upper() if row == 0 else text for row, text in enumerate(texts)]


class HoldsALambda(PreprocessorSpec):
    """Cannot travel."""

    def build(self):
        return _HoldsALambda()


class _HoldsALambda(Step):
    def __init__(self):
        self.change = lambda text: text.strip()

    def __call__(self, texts):
        return [self.change(text) for text in texts]


class CannotReadSurrogates(PreprocessorSpec):
    """Ends where UTF-8 cannot write a text."""

    def build(self):
        return _CannotReadSurrogates()


class _CannotReadSurrogates(Step):
    def __call__(self, texts):
        return [text.encode().decode() for text in texts]


class LooksAgain(PreprocessorSpec):
    """Looks for an end from every beginning."""

    def build(self):
        return Rules([Replace("<[^>]*>", "")])


class NeverDone(PreprocessorSpec):
    """Claims what it does not do."""

    idempotent: ClassVar[bool] = True

    def build(self):
        return _NeverDone()


class _NeverDone(Step):
    def __call__(self, texts):
        return [text + "!" for text in texts]


class OtherInTheGraph(PreprocessorSpec):
    """Says in ONNX that it changes nothing."""

    def build(self):
        return Step()

    def to_onnx(self, built, graph, *inputs):
        return inputs[0]


# === Tokenizers ===


class Tokenizer(PatternTokenizer):
    kind = "wrong"


class Base(TokenizerSpec):
    """Words between spaces."""

    def build(self):
        kind = globals()[f"_{type(self).__name__}"]
        return kind("wrong", "[^{space}]+", max_length=8, truncation="tail", vocabulary_size=100)


class _RightWords(Tokenizer):
    pass


class RightWords(Base):
    """Breaks nothing."""


class _GivesTheSeparator(Tokenizer):
    def sequences(self, texts):
        for text in texts:
            yield [2 if token == "[SEP]" else self._table.get(token, 1) for token in self.split(text)]


class GivesTheSeparator(Base):
    """A text can spell the separator."""


class _SplitsOtherwise(Tokenizer):
    def train(self, texts):
        tokens = {token for text in texts for token in self.pattern.regex.findall(text)}
        self._learn((*SPECIALS, *sorted(tokens)))

    def split(self, text):
        return list(text)

    def sequences(self, texts):
        return [[self._table.get(token, 1) for token in self.pattern.regex.findall(text)] for text in texts]


class SplitsOtherwise(Base):
    """Shows other tokens than it counts."""


class _GluesWords(Tokenizer):
    def decode(self, ids):
        return "".join(self.vocabulary[i] for i in ids if i)


class GluesWords(Base):
    """Decodes to a text of other tokens."""


class ClaimsTooMuch(Base):
    """Says that nothing is lost."""

    lossless: ClassVar[bool] = True


_ClaimsTooMuch = _RightWords


class _NeverCuts(Tokenizer):
    def encode(self, texts):
        before, self.max_length = self.max_length, 10**6
        found = super().encode(texts)
        self.max_length = before
        return Encoded(found.ids, found.cut & False, found.unknown, found.tokens)


class NeverCuts(Base):
    """Gives a text as many ids as it has tokens."""


class _OrderOfASet(Tokenizer):
    def train(self, texts):
        tokens = {token for text in texts for token in self.split(text)}
        self._learn((*SPECIALS, *tokens))


class OrderOfASet(Base):
    """Learns in the order of a set."""


class _ForgetsTheTail(Tokenizer):
    @classmethod
    def from_json(cls, value):
        return super().from_json({**value, "truncation": "head"})


class ForgetsTheTail(Base):
    """Cuts at the other end once it was loaded."""


class OfAnotherKind(Base):
    """Writes a kind that no class has."""

    def build(self):
        return PatternTokenizer("stranger", "[^{space}]+", vocabulary_size=100)


class _NeedsTexts(Tokenizer):
    def train(self, texts):
        longest = max(len(self.split(text)) for text in texts)
        super().train(texts if longest else 1 / 0)


class NeedsTexts(Base):
    """Cannot be trained on nothing."""


class _CannotSplitSurrogates(Tokenizer):
    def split(self, text):
        return super().split(text.encode().decode())


class CannotSplitSurrogates(Base):
    """Ends where UTF-8 cannot write a text."""


class _SplitsAgain(_RightWords):
    def split(self, text):
        re.sub("a+b", "", text)
        return super().split(text)


class SplitsAgain(Base):
    """Looks for the end of a run from each of its characters."""


_OtherIdsInTheGraph = _RightWords


class OtherIdsInTheGraph(Base):
    """Knows no unknown tokens in ONNX."""

    def to_onnx(self, built, graph, *inputs):
        known = {token: number for number, token in enumerate(built.vocabulary) if number > 2}
        return graph.strings.look_up(graph.strings.cut(*inputs, built.pattern), {"": 0, **known}, 3)
