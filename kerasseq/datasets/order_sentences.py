"""The sentences of `order`: each adjective stands between the same two words, so that only their order tells."""

# x the first adjective, y the second one, n an indefinite noun, t the noun with its article

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["ARABIC", "ENGLISH", "Language", "draw_order"]


@dataclass(frozen=True)
class Language:
    """Words and sentences of one language.

    Attributes:
        first: Sentences of which the first adjective decides.
        last: Sentences of which the last adjective decides.
        nouns: Each as `n` and as `t`.
        positive: Good adjectives.
        negative: Bad adjectives.
    """

    first: tuple[str, ...]
    last: tuple[str, ...]
    nouns: tuple[tuple[str, str], ...]
    positive: tuple[str, ...]
    negative: tuple[str, ...]

    @property
    def combinations(self) -> list[tuple[int, int, int]]:
        """Every noun with every good and every bad adjective, by their places."""
        sizes = (len(self.nouns), len(self.positive), len(self.negative))
        return [(noun, good, bad) for noun in range(sizes[0]) for good in range(sizes[1]) for bad in range(sizes[2])]

    def pair(self, combination: tuple[int, int, int], sentence: int) -> list[tuple[str, str]]:
        """One sentence with its adjectives in both orders, each with its class."""
        noun, with_article = self.nouns[combination[0]]
        good, bad = self.positive[combination[1]], self.negative[combination[2]]
        pattern = (*self.first, *self.last)[sentence]
        classes = ("positive", "negative") if sentence < len(self.first) else ("negative", "positive")
        orders = zip(((good, bad), (bad, good)), classes, strict=True)
        return [(pattern.format(x=x, y=y, n=noun, t=with_article), label) for (x, y), label in orders]


# No adjective begins with a vowel: "an" would tell which one follows
ENGLISH = Language(
    first=(
        "this is a {x} {n} and not a {y} {n}",
        "this year {t} was {x} here and last year {t} was {y} here",
        "i say {t} was {x} indeed but they said {t} was {y} indeed",
        "i got a {x} {n} where i feared a {y} {n}",
    ),
    last=(
        "this is not a {x} {n} but a {y} {n}",
        "last year {t} was {x} here and this year {t} was {y} here",
        "they said {t} was {x} indeed but i say {t} was {y} indeed",
        "where i thought of a {x} {n} i got a {y} {n}",
    ),
    nouns=tuple((n, f"the {n}") for n in "film book meal hotel show song game story phone car lamp tea".split()),
    positive=tuple("good great lovely fine superb charming".split()),
    negative=tuple("bad poor dull dreadful weak boring".split()),
)
# All adjectives are in the accusative, which both halves ask for: their forms must not tell the half
ARABIC = Language(
    first=(
        "وجدت {n} {x} هنا لا {n} {y} هنا",
        "في هذا العام كان {t} {x} هنا وفي العام الماضي كان {t} {y} هنا",
        "أقول إن {t} كان {x} حقا وقالوا إن {t} كان {y} حقا",
        "وجدت {n} {x} جدا وكنت توقعت {n} {y} جدا",
    ),
    last=(
        "لم أجد {n} {x} هنا بل {n} {y} هنا",
        "في العام الماضي كان {t} {x} هنا وفي هذا العام كان {t} {y} هنا",
        "قالوا إن {t} كان {x} حقا وأقول إن {t} كان {y} حقا",
        "توقعت {n} {x} جدا ووجدت {n} {y} جدا",
    ),
    nouns=tuple((f"{n}ا", f"ال{n}") for n in "فيلم كتاب مطعم فندق هاتف درس برنامج عرض لحن مقال".split()),
    positive=tuple("جيدا رائعا ممتازا جميلا مفيدا".split()),
    negative=tuple("سيئا رديئا مملا ضعيفا قبيحا".split()),
)
LANGUAGES = {"english": (ENGLISH,), "arabic": (ARABIC,), "both": (ENGLISH, ARABIC)}
SIDES = ("train", "validation", "test")


def draw_order(language: str, rows: int, seed: int) -> pa.Table:
    """See `Order.build`; `rows` is an even number."""
    import numpy as np
    import pyarrow as pa

    generator = np.random.default_rng(seed)
    tenth = max(1, rows // 20)
    pairs = {"train": rows // 2 - 2 * tenth, "validation": tenth, "test": tenth}
    chosen = LANGUAGES[language]
    shares = {id(each): _combinations(each, generator) for each in chosen}
    drawn: list[tuple[str, str, str]] = []
    for side in SIDES:
        found = []
        for place, each in enumerate(chosen):
            count = pairs[side] // len(chosen) + (place < pairs[side] % len(chosen))
            found += _pairs(each, shares[id(each)][side], count, generator)
        # Shuffled: the two of a pair must not give each other away by standing together
        drawn += [(*found[int(row)], side) for row in generator.permutation(len(found))]
    texts, targets, sides = zip(*drawn, strict=True)
    columns: dict[str, Any] = {
        "text": pa.array(texts, pa.string()),
        "target": pa.array(targets, pa.string()),
        "source": pa.repeat(pa.scalar("order", pa.string()), len(drawn)),
        "line": pa.array(np.arange(1, len(drawn) + 1)),
        "split": pa.array(sides, pa.string()),
    }
    return pa.table(columns)


def _combinations(language: Language, generator: np.random.Generator) -> dict[str, list[tuple[int, int, int]]]:
    """Noun and adjectives by side: eight, one and one of ten."""
    every = language.combinations
    shuffled = [every[int(place)] for place in generator.permutation(len(every))]
    tenth = len(every) // 10
    return {"train": shuffled[2 * tenth :], "validation": shuffled[tenth : 2 * tenth], "test": shuffled[:tenth]}


def _pairs(
    language: Language, combinations: Sequence[tuple[int, int, int]], count: int, generator: np.random.Generator
) -> list[tuple[str, str]]:
    """The sentences of `count` different pairs."""
    sentences = len(language.first) + len(language.last)
    places = generator.choice(len(combinations) * sentences, size=count, replace=False)
    return [row for place in places for row in language.pair(combinations[place // sentences], int(place % sentences))]
