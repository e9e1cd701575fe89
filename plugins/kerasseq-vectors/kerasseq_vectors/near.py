"""`kerasseq vectors near` and `kerasseq vectors analogy`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kerasseq.plugin import json_option, talk

if TYPE_CHECKING:
    from kerasseq_vectors.space import Found, Space

__all__ = ["analogy", "near"]

ONE = click.IntRange(1)

F = TypeVar("F", bound=Callable[..., Any])


def _options(function: F) -> F:
    for option in (
        json_option,
        click.option("--plot", type=click.Path(path_type=Path), help="Draw the words, a .png or .svg."),
        click.option("--words", "limit", type=ONE, default=200_000, show_default=True, help="Of the file, its first."),
        click.option("-n", "--count", type=ONE, default=10, show_default=True, help="How many are shown."),
    ):
        function = option(function)
    return function


file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@file_argument
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@_options
@click.pass_context
def near(
    ctx: click.Context, file: Path, words: tuple[str, ...], count: int, limit: int, plot: Path | None, as_json: bool
) -> None:
    """The words nearest to each WORD, by the cosine of their vectors.

    FILE is any that [embedding] reads: text, binary, npz, packed or not. Words are spelled as the file has them.
    """
    told = talk(ctx, as_json=as_json)
    space = _space(file, words, limit, plot)
    found = {word: space.near(word, count) for word in dict.fromkeys(words)}
    if as_json:
        told.show({"near": {word: _objects(rows) for word, rows in found.items()}})
    else:
        for word, rows in found.items():
            _print(word, rows)
    _plot(plot, space, list(found), [word for rows in found.values() for word, _ in rows])


@click.command()
@file_argument
@click.argument("a")
@click.argument("b")
@click.argument("c")
@_options
@click.pass_context
def analogy(
    ctx: click.Context, file: Path, a: str, b: str, c: str, count: int, limit: int, plot: Path | None, as_json: bool
) -> None:
    """A is to B as C is to which word? The nearest to B - A + C.

    FILE is any that [embedding] reads. A, B and C themselves are left out of the answers (Mikolov et al., 2013).
    """
    told = talk(ctx, as_json=as_json)
    space = _space(file, (a, b, c), limit, plot)
    rows = space.analogy(a, b, c, count)
    if as_json:
        told.show({"analogy": _objects(rows)})
    else:
        _print(f"{a} : {b} = {c} : ?", rows)
    _plot(plot, space, [a, b, c], [word for word, _ in rows])


def _space(file: Path, words: tuple[str, ...], limit: int, plot: Path | None) -> Space:
    from kerasseq_vectors.picture import check_name
    from kerasseq_vectors.space import Space

    if plot is not None:
        check_name(plot)
    return Space(file, words, limit)


def _objects(rows: Found) -> list[dict[str, Any]]:
    return [{"word": word, "cosine": round(cosine, 6)} for word, cosine in rows]


def _print(title: str, rows: Found) -> None:
    """The number first, so that a word that runs from the right does not push it about."""
    from kerasseq.plugin import columns, isolated, tell

    tell(" ".join(map(isolated, title.split(" "))), bold=True)
    for line in columns([[f"{cosine:7.3f}", isolated(word)] for word, cosine in rows]):
        tell(line)


def _plot(path: Path | None, space: Space, asked: list[str], others: list[str]) -> None:
    from kerasseq.plugin import say
    from kerasseq_vectors.picture import draw

    if path is not None:
        words = list(dict.fromkeys([*asked, *others]))
        draw(path, words, asked, space.vectors(words))
        say(f"{path}: {len(words)} words")
