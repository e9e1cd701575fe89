"""From texts to ids by other means: the rules of `unicode`, `arabic`, `whitespace` and the word tokenizer, rewritten.

Each contender gets the same vocabulary and cuts texts at the same length. Where a tool cannot say a rule, its tokens
differ; the measurement counts on how many texts they agree.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "LENGTH",
    "Contender",
    "camel_tools",
    "lectures",
    "pieces",
    "pyarabic",
    "rivals",
    "tensorflow_text",
    "whitespace_pieces",
]

LENGTH = 64
"""Most ids of a text."""

INVISIBLE = "[\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
MARKS = "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]"
FOLDS = (
    (INVISIBLE, ""),
    (MARKS, ""),
    ("[آأإٱٲٳ]", "ا"),
    ("[ىیې]", "ي"),
    ("[کڪ]", "ك"),
    ("[ھہە]", "ه"),
)
"""What follows NFKC: pattern and replacement."""


@dataclass(frozen=True)
class Contender:
    """One way from texts to ids.

    Attributes:
        name: For the table.
        tokens: The tokens of each text, not cut; not measured.
        encode: The ids of each text, at most `LENGTH`, in whatever shape the tool gives them.
        forget: Drop what it remembers of texts it has read; not measured.
    """

    name: str
    tokens: Callable[[Sequence[str]], list[list[str]]]
    encode: Callable[[Sequence[str]], Any]
    forget: Callable[[], None] = lambda: None


def _apart(word: str, space: str) -> str:
    """What is a token of its own and no plain word: links, names, tags, numbers, emoji, marks."""
    mark = f"[^{word}{space}]"
    return "|".join(
        (
            r"(?:https?://)?t\.co/[A-Za-z0-9]+",
            f"https?://[^{space}]*[{word}/]",
            f"[@#][{word}]+",
            r"[0-9]+(?:[.,:/][0-9]+)+",
            f"[{word}]+['’][{word}]+",
            r"\.\.+|[:;=]-?[()]+|<3",
            "[\U0001f1e6-\U0001f1ff]{2}",
            f"{mark}(?:\ufe0f|[\U0001f3fb-\U0001f3ff]|\u200d{mark})*",
        )
    )


_APART = _apart(r"\w", r"\s")


def lectures(vocabulary: Sequence[str]) -> Contender:
    """The loop that students write: `re.sub`, `str.split`, a dictionary, padding."""
    folds = [(re.compile(pattern), to) for pattern, to in FOLDS]

    def normal(text: str) -> str:
        text = unicodedata.normalize("NFKC", text)
        for pattern, to in folds:
            text = pattern.sub(to, text)
        return text

    return _loop("re.sub, str.split, dict", normal, vocabulary)


def camel_tools(vocabulary: Sequence[str]) -> Contender:
    """The normalisers of camel-tools in that loop: NFKC, alef, alef maksura, harakat."""
    normalize = importlib.import_module("camel_tools.utils.normalize")
    dediac = importlib.import_module("camel_tools.utils.dediac").dediac_ar

    def normal(text: str) -> str:
        text = normalize.normalize_alef_ar(normalize.normalize_unicode(text))
        return str(dediac(normalize.normalize_alef_maksura_ar(text)))

    return _loop("camel-tools, str.split, dict", normal, vocabulary)


def pyarabic(vocabulary: Sequence[str]) -> Contender:
    """The normalisers of pyarabic in that loop: diacritics, tatweel, ligatures, alef. It is under the GPL."""
    araby = importlib.import_module("pyarabic.araby")

    def normal(text: str) -> str:
        text = araby.strip_tatweel(araby.strip_diacritics(text))
        return str(araby.normalize_alef(araby.normalize_ligature(text)))

    return _loop("pyarabic, str.split, dict", normal, vocabulary)


def _loop(name: str, normal: Callable[[str], str], vocabulary: Sequence[str]) -> Contender:
    import numpy as np

    apart = re.compile(f"({_APART})")
    squeeze = re.compile(r"\s+")
    index = {token: i for i, token in enumerate(vocabulary)}

    def split(text: str) -> list[str]:
        return apart.sub(r" \1 ", squeeze.sub(" ", normal(text)).strip()).split()

    def encode(texts: Sequence[str]) -> Any:
        rows = []
        for text in texts:
            ids = [index.get(token, 1) for token in split(text)][:LENGTH]
            rows.append(ids + [0] * (LENGTH - len(ids)))
        return np.array(rows)

    return Contender(name, lambda texts: [split(text) for text in texts], encode)


def _hugging_face(name: str, cut: Any, vocabulary: Sequence[str]) -> Contender:
    from tokenizers import Regex, Tokenizer, models, normalizers

    folds = [normalizers.Replace(Regex(pattern), to) for pattern, to in FOLDS]
    squeeze = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer = Tokenizer(models.WordLevel({token: i for i, token in enumerate(vocabulary)}, unk_token=vocabulary[1]))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), *folds, squeeze, normalizers.Strip()])
    tokenizer.pre_tokenizer = cut
    tokenizer.enable_truncation(LENGTH)

    def tokens(texts: Sequence[str]) -> list[list[str]]:
        return [
            [token for token, _ in cut.pre_tokenize_str(tokenizer.normalizer.normalize_str(text))] for text in texts
        ]

    def encode(texts: Sequence[str]) -> Any:
        return [row.ids for row in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    return Contender(name, tokens, encode)


def whitespace_pieces(vocabulary: Sequence[str]) -> Contender:
    """HF tokenizers with the cut that comes with it: runs of word characters, runs of marks."""
    from tokenizers import pre_tokenizers

    return _hugging_face("HF tokenizers, Whitespace", pre_tokenizers.Whitespace(), vocabulary)


def pieces(vocabulary: Sequence[str]) -> Contender:
    """HF tokenizers told to cut by the same rules as the others."""
    from tokenizers import Regex, pre_tokenizers

    pattern = Regex(_APART + r"|\w+")
    cut = pre_tokenizers.Split(pattern, behavior="removed", invert=True)
    return _hugging_face("HF tokenizers, Split by the same rules", cut, vocabulary)


def tensorflow_text(vocabulary: Sequence[str]) -> Contender:
    """tensorflow-text in one graph: NFKC, RE2 replacements, white space, a static table."""
    tf = importlib.import_module("tensorflow")
    tensorflow_text = importlib.import_module("tensorflow_text")
    space = r"\s\p{Z}\x{85}"  # \s and \w of RE2 know ASCII alone
    apart = _apart(r"\p{L}\p{M}\p{N}_", space)
    keys = tf.constant(list(vocabulary[2:]))
    values = tf.range(2, len(vocabulary), dtype=tf.int64)
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), 1)
    words = tensorflow_text.WhitespaceTokenizer()

    def split(texts: Any) -> Any:
        texts = tensorflow_text.normalize_utf8(texts, "NFKC")
        for pattern, to in (*FOLDS, (f"[{space}]+", " ")):
            texts = tf.strings.regex_replace(texts, pattern, to)
        return words.tokenize(tf.strings.regex_replace(tf.strings.strip(texts), f"({apart})", r" \1 "))

    signature = [tf.TensorSpec([None], tf.string)]
    cut = tf.function(split, input_signature=signature)
    look_up = tf.function(lambda texts: table.lookup(split(texts))[:, :LENGTH], input_signature=signature)

    def tokens(texts: Sequence[str]) -> list[list[str]]:
        return [[token.decode() for token in row] for row in cut(tf.constant(list(texts))).to_list()]

    return Contender("tensorflow-text", tokens, lambda texts: look_up(tf.constant(list(texts))))


def rivals(vocabulary: Sequence[str]) -> list[Contender]:
    """Every rival that is installed.

    Args:
        vocabulary: Token by id; 0 is padding, 1 stands for unknown tokens.
    """
    found = [lectures(vocabulary), whitespace_pieces(vocabulary), pieces(vocabulary)]
    optional = {"tensorflow_text": tensorflow_text, "camel_tools": camel_tools, "pyarabic": pyarabic}
    return found + [build(vocabulary) for name, build in optional.items() if importlib.util.find_spec(name) is not None]
