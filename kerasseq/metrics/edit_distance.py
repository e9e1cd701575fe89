"""How many characters have to be put in, taken out or replaced to turn one text into another."""

from __future__ import annotations

from collections import defaultdict

__all__ = ["edit_distance"]


def edit_distance(one: str, two: str) -> int:
    """The distance of Levenshtein (1966), by code points.

    A column of the table of prefixes is two integers of as many bits as `one` has characters: Myers, A fast bit-vector
    algorithm for approximate string matching, 1999, in the form of Hyyrö, 2003. Texts may be of any length.

    >>> edit_distance("kitten", "sitting"), edit_distance("", "abc")
    (3, 3)
    """
    if not one or not two or one == two:
        return 0 if one == two else max(len(one), len(two))
    places: defaultdict[str, int] = defaultdict(int)
    for place, character in enumerate(one):
        places[character] |= 1 << place
    every = (1 << len(one)) - 1
    last = 1 << (len(one) - 1)
    up, down, distance = every, 0, len(one)  # where the column rises by one, and where it falls
    for character in two:
        equal = places.get(character, 0)
        diagonal = (((equal & up) + up) ^ up) | equal
        rises = down | (every & ~(diagonal | up))
        falls = up & diagonal
        distance += bool(rises & last) - bool(falls & last)
        rises = (rises << 1) | 1
        vertical = equal | down
        up = every & ((falls << 1) | ~(vertical | rises))
        down = every & rises & vertical
    return distance
