"""Tweets made up for measurements: Arabic-like words with everything that people put between them."""

from __future__ import annotations

import random
import string
from itertools import accumulate

__all__ = ["generate"]

_LETTERS = "اااااالللليييمممووونننرررتتتبببةععددسسففههككقحجشصطخضغثزذءئىأإآؤظ"
_HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
_EMOJI = ("😂", "😭", "❤️", "👍🏽", "🌹", "🇪🇬", "👩‍👩‍👧‍👦", "🔥", "💔", "🤔")
_MARKS = ("،", "؟", "!", "!!!!", "...", "؛", ":", ".", "..", "؟!")
_NAMES = string.ascii_letters + string.digits + "_"
_LEXICON = 20_000


def generate(count: int, seed: int = 0) -> list[str]:
    """Tweets with hashtags, links, mentions, harakat, elongation, tatweel and emoji; about 100 characters each.

    Word frequencies fall as in language (Zipf), so that a vocabulary of them leaves the rarest unknown.

    Args:
        count: How many, 0 or more.
        seed: The same seed gives the same tweets.
    """
    chance = random.Random(seed)
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 7))) for _ in range(_LEXICON)]
    shares = list(accumulate(1 / rank for rank in range(2, _LEXICON + 2)))
    return [_tweet(chance, words, shares) for _ in range(count)]


def _tweet(chance: random.Random, words: list[str], shares: list[float]) -> str:
    parts = [_written(chance, word) for word in chance.choices(words, cum_weights=shares, k=chance.randint(6, 24))]
    if chance.random() < 0.35:
        parts.insert(0, "@" + "".join(chance.choices(_NAMES, k=chance.randint(5, 14))))
    if chance.random() < 0.4:
        tag = "#" + "_".join(chance.choices(words, cum_weights=shares, k=chance.randint(1, 3)))
        parts.insert(chance.randint(0, len(parts)), tag)
    if chance.random() < 0.3:
        parts += chance.choices(_EMOJI, k=chance.randint(1, 4))
    if chance.random() < 0.4:
        parts.append("https://t.co/" + "".join(chance.choices(_NAMES[:-1], k=10)))
    return " ".join(parts)


def _written(chance: random.Random, word: str) -> str:
    """One word as somebody writes it."""
    what = chance.random()
    if what < 0.04:
        return "".join(letter + chance.choice(_HARAKAT) for letter in word)
    if what < 0.07:
        return word[:-1] + word[-1] * chance.randint(3, 7)
    if what < 0.09:
        return word[0] + "\u0640" * chance.randint(1, 4) + word[1:]
    if what < 0.11:
        return str(chance.randint(1, 2030))
    if what < 0.21:
        return word + chance.choice(_MARKS)
    return f"ال{word}" if what < 0.35 else word
