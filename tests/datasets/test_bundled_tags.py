import re
from collections import Counter, defaultdict
from importlib import resources

import pytest

from kerasseq.corpus.tag_schemes import faults, scheme_of
from kerasseq.datasets.bundled_tags import BundledTags

README = (resources.files("kerasseq.datasets") / "data" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built():
    return BundledTags().build()


@pytest.fixture(scope="module")
def sentences(built):
    return list(zip(built.column("tokens").to_pylist(), built.column("target").to_pylist(), strict=True))


def test_it_has_the_columns_of_tagged_sentences_and_its_licence(built):
    assert built.column_names == ["tokens", "target", "source", "line"]
    assert set(built.column("source").to_pylist()) == {"places_ar_en.conll"}
    assert built.column("line").to_pylist()[0] == 1
    assert built.schema.metadata[b"licence"] == b"CC0-1.0"


def test_its_tags_are_bio_without_a_fault(sentences):
    tags = [tags for _, tags in sentences]
    assert scheme_of(tags) == "bio"
    assert not any(faults(row, "bio") for row in tags)
    assert {tag[2:] for row in tags for tag in row} == {"", "PER", "LOC", "DATE"}


def test_sentences_are_distinct_and_in_two_languages(sentences):
    assert len({tuple(tokens) for tokens, _ in sentences}) == len(sentences)
    arabic = sum(bool(re.search("[\u0621-\u064a]", " ".join(tokens))) for tokens, _ in sentences)
    assert min(arabic, len(sentences) - arabic) > 350
    assert all(2 <= len(tokens) <= 25 for tokens, _ in sentences)


def test_a_word_alone_does_not_say_its_tag(sentences):
    kinds = defaultdict(Counter)
    for tokens, tags in sentences:
        for token, tag in zip(tokens, tags, strict=True):
            kinds[token][tag[2:] or "O"] += 1
    ambiguous = [token for token, counts in kinds.items() if len(counts) > 1]
    assert f"{len(ambiguous)} different tokens have more than one tag" in README
    assert {"May", "Jordan", "رمضان", "حلب"} <= set(ambiguous)
    assert kinds["Jordan"]["PER"] > 1 < kinds["Jordan"]["LOC"]


def test_the_readme_counts_what_is_there(sentences):
    counts = Counter(tag for _, tags in sentences for tag in tags)
    for kind in ("PER", "LOC", "DATE"):
        assert f"| `{kind}` | {counts[f'B-{kind}']} |" in README
    arabic = sum(bool(re.search("[\u0621-\u064a]", " ".join(tokens))) for tokens, _ in sentences)
    assert f"{len(sentences) - arabic} sentences are English, {arabic} Arabic" in README
    assert f"| {len(sentences)} sentences |" in README
