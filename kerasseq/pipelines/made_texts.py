"""Texts made to find a difference between two forms of a model, or a text that breaks it."""

# N texts

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.corpus.text import PairMode, Texts
from kerasseq.tokenizers.tokenizer import SPECIALS, UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.preprocessors.rules import Preprocessor
    from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = ["HOSTILE", "LENGTHS", "LONG", "made_texts", "odd_texts", "random_texts"]

LENGTHS = (1, 4, 7, 50, 400)
LONG = 10_000

HOSTILE = (
    "",
    " \t\r\n\v\f\x85\xa0\u2003\u2028\u2029\u3000",
    "\x01\x07\x1b[0m\x1c\x1d\x7f",
    "a\x00b\x00\x00",
    "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\uffff\ufffe\U0010ffff",
    "\ufeff\u200b\u200c\u200d\u2060\xad\u034f\u202e\u2066x\u2069",
    "e\u0301\u0302\u0327 a\u030a \u0627\u064e\u0654 \u0648\u0654 \u1100\u1161\u11a8",
    "ﷺ ﷲ ﻻ ﬁ ½ ² ａＢ ℌ ㍿ ẞ ß İ ı ς Σ ǅ \U0001d54f",
    "👨‍👩‍👧‍👦 👍🏽 🇪🇬🇪 🏴\U000e0067\U000e0062\U000e007f ❤️ ☎︎ 1️⃣ \u200d\ufe0f",
    "[UNK] [SEP] [PAD] [url] [user] <unk> </s> <|endoftext|> [] [a]",
    "http://t.co/abcعربي https://x.y/(z).،؟ www.a.b a@b.co @@@x #_a_b_ #a_b_c_d_e_f_g_h_i_j_k_l_m",
    "<b>un<i>believ</i>able</b><br/>a < b <3 &amp;amp; &#39; &#x1F600; &nbsp; &foo; &#0; &#xD800; <!-- c --> <script>x",
    "don't DON'T won’t l'homme 'tis rock'n'roll -- well-known a--b ''a'' _x_ __",
    "3.5 ١٢٫٥ ۱۲ 12:30 2024/05/01 50% ٪ 3D covid19 1,000.5. .5 5. ½",
    "sooooo goooood!!!!!!! ؟؟؟؟ ...... ههههههه جميييييل ـــ",
    "\\1 \\0 \\g<0> $1 \\ ^ $ . * + ? ( ) [ ] { } |",
    "漢字かな交じり文 ไทย हिन्दी עברית Ελληνικά русский",
    "Z" + "\u0301" * 60,
)
"""Texts that have broken string handling somewhere."""

ODD = ("ᚠᚢᚦᚨᚱ ᚲᚷᚹ", "ꙮꙮꙮ ꔀꔁ", "\U0001f9ff\U0001faa4", "\ue000\ue001 \ue002")
"""Texts that hardly any vocabulary holds: runes, rare letters, pictures, characters of nobody."""

LONGEST = 1 << 17
"""Most characters of the long text."""


def made_texts(tokenizer: Tokenizer, gap: str, pair: PairMode, spelled: bool = False) -> Texts:
    """Texts of known tokens at every length, an unknown one, a very long one, and hostile ones.

    Args:
        tokenizer: Trained.
        gap: What stands between two tokens.
        pair: Whether a second text stands beside each.
        spelled: Whether the model reads the letters of tokens: unknown words of known letters are made, too.
    """
    import numpy as np

    random = np.random.default_rng(0)
    known = [token for token in tokenizer.vocabulary[3:] if token.strip()] or ["a"]
    if tokenizer.kind == "subword":
        known = [tokenizer.decode([n + 3]) for n in range(len(tokenizer.vocabulary) - 3)]

    def of_known(length: int) -> str:
        return gap.join(known[i] for i in random.integers(len(known), size=length))

    rows = [of_known(length) for length in LENGTHS for _ in range(3)]
    rows += ["\u2c60\ua7ff" * 4, of_known(LONG), *HOSTILE]
    if spelled:
        pairs = zip(known[:50], known[1:], strict=False)
        rows.append(gap.join(one[: len(one) // 2 + 1] + other[len(other) // 2 :] for one, other in pairs))
    if pair == "single":
        return Texts(rows)
    order = random.permutation(len(rows))
    return Texts([*rows, "", "a"], [*(rows[i] for i in order), "", ""])


def odd_texts(tokenizer: Tokenizer, preprocess: Preprocessor, texts: Any) -> list[str]:
    """An empty text, one of unknown tokens, and one of more tokens than the model reads."""

    def ids(text: str) -> NDArray[np.int32]:
        return tokenizer.encode(preprocess([text])).ids[0]

    return ["", _unknown(ids), _long(ids, texts, tokenizer.max_length)]


def random_texts(tokenizer: Tokenizer, rows: int, pair: PairMode) -> Texts:
    """Texts of random known tokens, up to 60 long."""
    import numpy as np

    random = np.random.default_rng(0)
    known = np.arange(len(SPECIALS), max(len(tokenizer.vocabulary), len(SPECIALS) + 1))

    def text() -> str:
        return tokenizer.decode(random.choice(known, random.integers(1, min(tokenizer.max_length, 60) + 1)).tolist())

    second = [text() for _ in range(rows)] if pair != "single" else ()
    return Texts([text() for _ in range(rows)], second)


def _unknown(ids: Any) -> str:
    """A text of tokens outside the vocabulary; of a tokenizer that knows everything, one that it has hardly met."""
    for odd in ODD:
        found = ids(odd)
        if len(found) and (found == UNKNOWN).all():
            return odd
    return ODD[0]


def _long(ids: Any, texts: Any, most: int) -> str:
    """A text of more tokens than the model reads, if so many fit into `LONGEST` characters."""
    long = " ".join(filter(None, texts)) or "a"
    while len(ids(long)) < most and len(long) < LONGEST:
        long = f"{long} {long}"
    return f"{long} {long}"
