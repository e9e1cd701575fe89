"""Neighbours and analogies of a file whose vectors are known."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main

WORDS = {
    "man": [1, 0, 0, 0.1],
    "woman": [1, 1, 0, 0.1],
    "king": [1, 0, 1, 0],
    "queen": [1, 1, 1, 0],
    "ملكة": [1, 1, 0.9, 0],
    "apple": [0, 0, 0, -1],
}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("near") / "w.txt"
    path.write_text("".join(f"{word} {' '.join(map(str, row))}\n" for word, row in WORDS.items()), encoding="utf-8")
    return path


def vectors(*words):
    return CliRunner().invoke(main, ["vectors", *map(str, words)])


def cosine(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_near_lists_words_by_their_cosine(file):
    result = vectors("near", file, "queen", "apple", "-n", "3", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["near"]
    others = [word for word in WORDS if word != "queen"]
    wanted = sorted(others, key=lambda word: -cosine(WORDS["queen"], WORDS[word]))[:3]
    assert [row["word"] for row in found["queen"]] == wanted
    for row in found["queen"]:
        assert row["cosine"] == pytest.approx(cosine(WORDS["queen"], WORDS[row["word"]]), abs=1e-5)
    assert len(found["apple"]) == 3


def test_an_analogy_is_the_nearest_to_the_sum_of_directions(file):
    result = vectors("analogy", file, "man", "king", "woman", "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["analogy"]
    assert rows[0]["word"] == "queen"
    assert not {"man", "king", "woman"} & {row["word"] for row in rows}
    unit = {word: np.array(row, dtype=float) / np.linalg.norm(row) for word, row in WORDS.items()}
    goal = unit["king"] - unit["man"] + unit["woman"]
    assert rows[0]["cosine"] == pytest.approx(cosine(goal, unit["queen"]), abs=1e-5)


def test_a_word_from_the_right_is_isolated_and_stands_behind_its_number(file):
    [_, first, *_] = vectors("near", file, "queen").stdout.splitlines()
    number, word = first.split()
    assert float(number) == pytest.approx(cosine(WORDS["queen"], WORDS["ملكة"]), abs=1e-3)
    assert word == "\u2068ملكة\u2069"
    assert vectors("near", file, "ملكة").stdout.splitlines()[0] == "\u2068ملكة\u2069"


def test_an_unknown_word_is_told_what_is_spelled_like_it(file):
    result = vectors("near", file, "quen", "kong")
    assert result.exit_code == 1
    assert 'must hold the word, got "quen"; did you mean queen' in result.stderr
    assert 'got "kong"; did you mean king' in result.stderr
    far = vectors("analogy", file, "man", "king", "zzzzzz")
    assert 'got "zzzzzz"; it holds man, woman, king' in far.stderr


def test_words_beyond_the_first_are_found_where_they_are_asked_for(file):
    result = vectors("near", file, "apple", "--words", "2", "--json")
    assert {row["word"] for row in json.loads(result.stdout)["near"]["apple"]} == {"man", "woman"}


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_is_drawn_the_same_each_time(suffix, file, tmp_path):
    pictures = []
    for turn in range(2):
        path = tmp_path / f"{turn}.{suffix}"
        result = vectors("near", file, "queen", "--plot", path)
        assert result.exit_code == 0, result.output
        pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG" if suffix == "png" else b"<?xml")


def test_letters_of_arabic_join_in_a_picture():
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties()))

    def width(text):
        font.set_text(text)
        return font.get_width_height()[0]

    assert width("ملكة") < width("\u200c".join("ملكة"))  # letters that stand alone are wider


def test_another_ending_is_no_picture(file, tmp_path):
    result = vectors("near", file, "queen", "--plot", tmp_path / "q.jpg")
    assert result.exit_code == 2
    assert "--plot: must end in .png or .svg, got q.jpg" in result.stderr


def test_places_are_those_of_principal_components():
    from kerasseq_vectors.picture import project
    from sklearn.decomposition import PCA

    rows = np.random.default_rng(0).normal(size=(9, 5))
    places, shares = project(rows)
    wanted = PCA(2).fit(rows)
    np.testing.assert_allclose(np.abs(places), np.abs(wanted.transform(rows)), atol=1e-10)
    np.testing.assert_allclose(shares, wanted.explained_variance_ratio_, atol=1e-10)
    assert (places.max(axis=0) == np.abs(places).max(axis=0)).all()


def test_one_word_alone_has_a_place():
    from kerasseq_vectors.picture import project

    places, _ = project(np.ones((1, 3)))
    assert places.tolist() == [[0.0, 0.0]]


def test_a_damaged_file_says_where(tmp_path):
    (tmp_path / "w.txt").write_text("a 1 2\nb 1\n", encoding="utf-8")
    result = vectors("near", tmp_path / "w.txt", "a")
    assert result.exit_code == 1
    assert "w.txt:2: values: must be 2 numbers, got 1 after 'b'" in result.stderr
