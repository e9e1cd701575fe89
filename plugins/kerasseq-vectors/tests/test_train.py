"""`kerasseq vectors train`: the texts of a config become a file that `[embedding]` reads."""

import json
import re
import tomllib

import numpy as np
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.embeddings.vectors import read_vectors
from kerasseq.plugin import EmbeddingSpec

SMALL = ["--dimension", "16", "--epochs", "20", "--window", "4"]
KINDS = {"drinks": "tea coffee juice شاي".split(), "towns": "rome cairo paris oslo".split()}
KNOWN = {*KINDS["drinks"], *KINDS["towns"], *"hot cup drink road bridge square".split()}


def train(*words):
    return CliRunner().invoke(main, ["vectors", "train", *map(str, words), *SMALL])


@pytest.fixture(scope="module")
def trained(folder):
    """The command, done once, and its file."""
    output = folder / "words.vec"
    result = train(folder / "company.toml", "--output", output)
    assert result.exit_code == 0, result.output
    return result, output


def test_the_file_holds_the_frequent_words_as_the_config_spells_them(trained):
    _, output = trained
    found = read_vectors(output, 1000)
    assert set(found) == KNOWN
    assert {vector.shape for vector in found.values()} == {(16,)}


def test_words_of_one_company_are_nearer_than_others(trained):
    _, output = trained
    read = read_vectors(output, 1000)
    centre = np.mean(list(read.values()), axis=0)
    found = {word: (vector - centre) / np.linalg.norm(vector - centre) for word, vector in read.items()}
    for kind, other in (("drinks", "towns"), ("towns", "drinks")):
        own = np.mean([found[a] @ found[b] for a in KINDS[kind] for b in KINDS[kind] if a != b])
        assert own > np.mean([found[a] @ found[b] for a in KINDS[kind] for b in KINDS[other]]) + 0.3


def test_the_lines_that_are_printed_are_a_section_that_reads_the_file(trained):
    from kerasseq.embeddings.pretrained import Pretrained

    result, output = trained
    section = tomllib.loads(result.stdout.split("for the config:\n")[1])["embedding"]
    spec: EmbeddingSpec = Pretrained(**section)
    assert not list(spec.problems()) and spec.path == str(output)


def test_rows_of_validation_and_test_are_not_read(trained, folder):
    result, _ = trained
    assert re.search(r"train 180, validation 60, test 60", result.stderr)
    assert "180 texts, 1,260 words" in result.stderr


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(trained, folder, tmp_path):
    _, output = trained
    again, other = tmp_path / "again.vec", tmp_path / "other.vec"
    assert train(folder / "company.toml", "--output", again).exit_code == 0
    assert train(folder / "company.toml", "--output", other, "--seed", "1").exit_code == 0
    assert again.read_bytes() == output.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("name", ["w.txt", "w.bin", "w.npz", "W.NPZ", "W.BIN", "w.vec.gz"])
def test_every_format_holds_the_same_vectors(name, trained, folder, tmp_path):
    result = train(folder / "company.toml", "--output", tmp_path / name, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["words"] == len(KNOWN)
    assert [path.name for path in tmp_path.iterdir() if path.name.lower().startswith(("w.", ".w"))] == [name]
    wanted, found = read_vectors(trained[1], 1000), read_vectors(tmp_path / name, 1000)
    assert list(wanted) == list(found)
    for word, vector in wanted.items():
        np.testing.assert_allclose(found[word], vector, rtol=1e-5, atol=1e-6)


def test_cbow_and_fasttext_learn_other_vectors(trained, folder, tmp_path):
    files = [trained[1]]
    for number, words in enumerate([["--algorithm", "cbow"], ["--model", "fasttext", "--buckets", "500"]]):
        files.append(tmp_path / f"{number}.vec")
        result = train(folder / "company.toml", "--output", files[-1], *words)
        assert result.exit_code == 0, result.output
    first, *others = (read_vectors(path, {"tea"})["tea"] for path in files)
    assert all(not np.allclose(first, other, atol=1e-3) for other in others)


def test_a_file_of_lines_needs_no_config_and_the_chain_is_printed(folder, tmp_path):
    result = train("--data", folder / "company.txt", "--output", tmp_path / "w.npz")
    assert result.exit_code == 0, result.output
    sections = tomllib.loads(result.stdout.split("for the config:\n")[1])
    assert [part["name"] for part in sections["preprocessor"]] == ["unicode", "casefold"]
    assert sections["tokenizer"]["name"] == "word"
    assert set(read_vectors(tmp_path / "w.npz", 1000)) == KNOWN


def test_with_a_config_a_larger_table_is_cut_as_the_config_says(folder, tmp_path):
    result = train(folder / "company.toml", "--data", folder / "company.csv", "--output", tmp_path / "w.vec")
    assert result.exit_code == 0, result.output
    assert "300 texts, 2,100 words" in result.stderr
    assert set(read_vectors(tmp_path / "w.vec", 1000)) == KNOWN


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (["--output", "w.vec"], "give a CONFIG, or --data FILE", 2),
        (["company.toml", "--output", "w.words"], "--output: must end in .npz, .bin, .vec", 2),
        (["company.toml", "--output", "company.txt"], "company.txt is already there; --force overwrites it", 2),
        (["company.toml", "--output", "w.vec", "--longest", "2"], "--longest: must be at least --shortest 3", 2),
        (["company.toml", "--output", "w.vec", "--min-count", "999"], "must have two words or more", 1),
        (["--data", "company.csv", "--text", "texts", "--output", "w.vec"], '"texts"', 2),
        (["--data", "nowhere.txt", "--output", "w.vec"], "nowhere.txt: cannot be read", 2),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(words, said, code, folder, monkeypatch):
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    result = train(*words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert sorted(folder.iterdir()) == before


def test_a_row_that_is_no_text_has_no_words(folder, tmp_path):
    config = tmp_path / "waves.toml"
    config.write_text('[dataset]\nname = "mackey_glass"\n[task]\nname = "forecast"\n', encoding="utf-8")
    result = train(config, "--output", tmp_path / "w.vec")
    assert result.exit_code == 2, result.output
    assert "has no words to learn vectors of; the experiment must be one of texts" in result.stderr
