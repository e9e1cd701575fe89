"""The distance by bits against the table of prefixes."""

import random

from kerasseq.metrics.edit_distance import edit_distance


def by_table(one, two):
    row = list(range(len(one) + 1))
    for place, character in enumerate(two, start=1):
        above, row[0] = row[0], place
        for column, other in enumerate(one, start=1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (character != other))
    return row[-1]


def test_it_is_the_distance_of_the_table_for_texts_of_any_length():
    drawn = random.Random(0)
    for _ in range(300):
        one, two = ("".join(drawn.choices("abcش", k=drawn.randrange(90))) for _ in range(2))
        assert edit_distance(one, two) == by_table(one, two)


def test_a_text_of_ten_thousand_characters_is_no_trouble():
    assert edit_distance("ab" * 5000, "ab" * 4999 + "b") == 1
