r"""Operators on texts: rules as graph nodes.

A `Replace` is one RE2 replacement of onnxruntime-extensions. The maps are cut, look up, join: the cutting is done by
onnxruntime's own Tokenizer, which takes the leftmost match and of those the longest one; where Python would take
another, `cut` goes by replacement instead. Both end a text at a NUL, and the extensions a pattern too, so NUL is
written `\x00` in patterns, and texts lose it in the first step.
"""

# B batch, P pieces of a text

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.patterns import Pattern, literal, parse
from kerasseq.preprocessors.rules import CharMap, MapWords, Replace, Rule, SequenceMap, Squeeze
from kerasseq.preprocessors.words import CLOSE, OPEN, WORD
from kerasseq.tokenizers.tokenizer import SPECIALS, UNKNOWN

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["AFTER", "BEFORE", "NUL_STANDS_FOR", "Strings"]

NUL_STANDS_FOR = "\x01"
"""What a NUL in a text is read as; every named class holds both or neither."""

BEFORE, AFTER = "\ufdd2", "\ufdd3"
"""Two code points that Unicode keeps out of all text; they bracket tokens on their way."""

_OTHER = "\ufdd4"
"""What stands for either of them in a text."""

_SET = re.compile(r"\[\^?(?:[^\[\]\\]|\\.)+\][+]?", re.DOTALL)


class Strings:
    """Text operators of a `Graph`. A text is a string tensor `(B,)`, pieces are `(B, P)`, filled up with `""`."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def rule(self, rule: Rule, text: str) -> str:
        """Do to every text what the rule says."""
        if isinstance(rule, Replace):
            removed = _SET.fullmatch(rule.compiled.expanded) if not rule.replacement else None
            if removed:  # what is left, end to end, by a pattern that is not compiled at every call
                return self.join(self.pieces(text, parse(_others(removed.group()))))
            return self.replace(text, rule.compiled, rule.replacement)
        if isinstance(rule, Squeeze):
            for replacement in rule.replacements():
                text = self.rule(replacement, text)
            return text
        if isinstance(rule, MapWords):
            return self.map(text, {**rule.map, OPEN: "", CLOSE: ""}, parse(f"{WORD}|[^{{letter}}{{mark}}{{digit}}_]"))
        return self.map(text, rule.map, _cutter(rule))

    def rules(self, rules: Iterable[Rule], text: str) -> str:
        """Do all rules, in order. Neighbours that need some sign run only where a text shows it.

        onnxruntime-extensions compiles a pattern at every call, so what need not run is worth leaving out.
        """
        for needs, group in groupby(rules, key=lambda rule: bool(_sign(rule))):
            do = self._where_signed if needs else self._each
            text = do(list(group), text)
        return text

    def _where_signed(self, rules: list[Rule], text: str) -> str:
        """Rules of which each has a sign: where a text shows one of them, each where a text shows its own."""
        signs = list(dict.fromkeys(map(_sign, rules)))

        def each() -> str:
            if len(signs) == 1:
                return self._each(rules, text)
            done = text
            for _, group in groupby(rules, key=_sign):
                done = self._where_signed(list(group), done)
            return done

        return self.graph.where(self.found(text, parse("|".join(signs))), each, lambda: text)

    def _each(self, rules: list[Rule], text: str) -> str:
        for rule in rules:
            text = self.rule(rule, text)
        return text

    def found(self, text: str, pattern: Pattern) -> str:
        """Whether any text has a match, one truth value."""
        matches = self.graph.size(self.pieces(text, pattern), 1)
        return self.graph.node("Squeeze", self.graph.node("Greater", matches, self.graph.constant([0], np.int64)))

    def without_nul(self, text: str) -> str:
        """A NUL as U+0001, as Python reads it; operators of onnxruntime-extensions end a text there."""
        return self.rule(CharMap({"\0": NUL_STANDS_FOR}), text)

    def replace(self, text: str, pattern: Pattern, replacement: str) -> str:
        r"""Replace every match; `\1` to `\9` in the replacement name groups."""
        constant = self.graph.constant
        return self._texts(
            "StringRegexReplace",
            text,
            constant([checked(pattern)]),
            constant([replacement]),
        )

    def map(self, text: str, values: Mapping[str, str], cutter: Pattern) -> str:
        """Cut every text, look the pieces up, leave alone what is not found, and join."""
        if not values:
            return text
        pieces = self.pieces(text, cutter)
        places = self.look_up(pieces, {key: place for place, key in enumerate(values, start=1)}, 0)
        mapped = self.graph.node("Gather", self.graph.constant(["", *values.values()]), places)
        known = self.graph.node("Greater", places, self.graph.constant(np.int64(0)))
        return self.join(self.graph.node("Where", known, mapped, pieces))

    def pieces(self, text: str, cutter: Pattern) -> str:
        """Every leftmost match, the longest one, `(B, P)`; what no match covers is dropped."""
        pieces = self.graph.node(
            "Tokenizer", text, domain="com.microsoft", mark=0, mincharnum=1, pad_value="", tokenexp=checked(cutter)
        )
        return self.graph.typed(pieces, "string", 2)

    def cut(self, text: str, pattern: Pattern, ambiguous: Pattern | None = None) -> str:
        """Every match that Python's `re` finds, `(B, P)`; what no match covers is dropped.

        Args:
            text: Texts, `(B,)`.
            pattern: What a piece is.
            ambiguous: Matches somewhere in every text in which a longer match than the first of `re` may exist. Without
                it every text counts as such, and is cut the slow way.
        """
        if _SET.fullmatch(pattern.expanded):
            return self.pieces(text, pattern)
        if ambiguous is None:
            return self._cut_by_replacing(text, pattern)
        return self.graph.where(
            self.found(text, ambiguous),
            lambda: self._cut_by_replacing(text, pattern),
            lambda: self.pieces(text, pattern),
        )

    def _cut_by_replacing(self, text: str, pattern: Pattern) -> str:
        ours = {BEFORE: _OTHER, AFTER: _OTHER, "\0": NUL_STANDS_FOR}
        text = self.rule(CharMap(ours), text)
        bracketed = self._texts(
            "StringRegexReplace",
            text,
            self.graph.constant([f"(?:{checked(pattern)})"]),
            self.graph.constant([rf"{BEFORE}\0{AFTER}"]),
        )
        between = parse(f"{AFTER}[^{BEFORE}]*{BEFORE}|{{start}}[^{BEFORE}]*{BEFORE}|{AFTER}[^{BEFORE}]*{{end}}")
        text = self.replace(bracketed, between, BEFORE)
        text = self.replace(text, parse(f"{{start}}[^{BEFORE}]+{{end}}"), "")  # not one match
        return self.pieces(text, parse(f"[^{BEFORE}]+"))

    def look_up(self, pieces: str, table: Mapping[str, int], default: int) -> str:
        """The number of every piece, `(B, P)` int64; `default` for one that is not in the table."""
        return self.graph.node(
            "LabelEncoder",
            pieces,
            domain="ai.onnx.ml",
            keys_strings=list(table),
            values_int64s=list(table.values()),
            default_int64=default,
        )

    def ids(self, pieces: str, vocabulary: Sequence[str]) -> str:
        """The id of every token, `(B, P)` int64; 0 for `""`, 1 for one that is not in the vocabulary.

        A NUL in a piece is U+0001 in the vocabulary.
        """
        known = {token: number for number, token in enumerate(vocabulary) if number >= len(SPECIALS)}
        with_nul = {t.replace(NUL_STANDS_FOR, "\0"): n for t, n in known.items() if NUL_STANDS_FOR in t}
        return self.look_up(pieces, {"": 0, **with_nul, **known}, UNKNOWN)

    def join(self, pieces: str, between: str = "") -> str:
        """The pieces of every text end to end, `(B,)`."""
        constant = self.graph.constant
        return self._texts("StringJoin", pieces, constant([between]), constant([1], np.int64))

    def spaced(self, texts: Sequence[str]) -> str:
        """Texts `(B,)` each, row by row with a space between, `(B,)`."""
        if len(texts) == 1:
            return texts[0]
        axis = self.graph.constant([1], np.int64)
        columns = [self.graph.node("Unsqueeze", text, axis) for text in texts]
        space = self.graph.node("Expand", self.graph.constant([[" "]]), self.graph.node("Shape", columns[0]))
        between = [part for column in columns for part in (space, column)][1:]
        return self.join(self.graph.node("Concat", *between, axis=1))

    def _texts(self, op: str, *inputs: str) -> str:
        """An operator of onnxruntime-extensions that gives one text for each, `(B,)`."""
        return self.graph.typed(self.graph.node(op, *inputs, domain="ai.onnx.contrib"), "string", 1)


def checked(pattern: Pattern) -> str:
    """The pattern for RE2, which has compiled it once: an operator would leave texts unchanged without a word.

    Raises:
        Inexpressible: RE2 refuses the pattern, mostly for its size.
    """
    import re2

    from kerasseq.onnx_graph.graph import Inexpressible

    written = pattern.re2.replace("\0", r"\x00")
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(written, options)
    except re2.error as cause:
        said = cause.args[0].decode() if isinstance(cause.args[0], bytes) else str(cause)
        raise Inexpressible(f"RE2 must compile the pattern {pattern.source[:60]!r}, got: {said[:120]}") from cause
    return written


def _others(one: str) -> str:
    """A pattern of runs of what a pattern of one set does not match: `[^a]+` of `[a]`."""
    members = one.rstrip("+")
    return f"[{members[2:]}+" if members.startswith("[^") else f"[^{members[1:]}+"


def _sign(rule: Rule) -> str:
    """A pattern without a match of which a rule changes nothing; empty where it may change any text."""
    if not isinstance(rule, Replace):
        return ""
    return rule.sign or (f"[{_members(set(rule.only_with))}]" if rule.only_with else "")


def _cutter(rule: CharMap | SequenceMap) -> Pattern:
    """A pattern whose pieces are the keys and runs of what begins no key.

    Where every key begins with a character that stands in none further on, and ends with the first of some closing
    characters, one short pattern stands for all keys: another match of it holds no key. Of 20,000 entities of HTML no
    alternation could be made.
    """
    keys = list(rule.map)
    first, last = {key[0] for key in keys}, {key[-1] for key in keys if len(key) > 1}
    middle = {c for key in keys for c in key[1:-1]}
    others = f"[^{_members(first)}]+|[{_members(first)}]"
    longer = [key for key in keys if len(key) > 1]
    if not longer:
        return parse(others)
    if not (first & (middle | last)) and not (middle & last) and middle:
        return parse(f"[{_members(first)}][{_members(middle)}]*[{_members(last)}]|{others}")
    return parse("|".join([*map(literal, sorted(longer, key=len, reverse=True)), others]))


def _members(characters: Sequence[str] | set[str]) -> str:
    """Characters as the inside of a set, neighbours as ranges."""
    from kerasseq.patterns.classes import merged

    spans = merged(sorted(map(ord, characters)))
    return "".join(literal(chr(a)) + (f"-{literal(chr(b))}" if b > a else "") for a, b in spans)
