import json

import pytest

from kerasseq.config.places import places
from kerasseq.config.read import read_text

VECTORS = '[embedding]\nname = "pretrained"\npath = "vectors.txt"\n'
BESIDE = '[embedding]\nname = "concatenate"\n[[embedding.parts]]\nname = "learned"\n' + VECTORS.replace(
    "[embedding]", "[[embedding.parts]]"
)


@pytest.mark.parametrize(("said", "key"), [(VECTORS, "embedding.path"), (BESIDE, "embedding.parts[1].path")])
def test_places_are_those_of_data_and_vectors_by_their_whole_keys(working, folder, said, key):
    (folder / "vectors.txt").write_text("text 0.5\n", encoding="utf-8")
    found = places(read_text(working + said, "a.toml", folder))
    assert {name: path for name, path in found.items() if path} == {
        "dataset.train": str(folder / "rows.csv"),
        key: str(folder / "vectors.txt"),
    }
    assert {"dataset.validation", "dataset.test"} < set(found)


def test_several_files_are_the_place_of_one_setting(folder):
    for name in ("a.de", "a.en"):
        (folder / name).write_text("ein Satz\n", encoding="utf-8")
    pair = json.dumps(["a.de", "a.en"])
    text = f'[dataset]\nname = "parallel"\ntrain = {pair}\n[task]\nname = "translation"\n'
    found = places(read_text(text, "a.toml", folder))
    assert found["dataset.train"] == (str(folder / "a.de"), str(folder / "a.en"))
