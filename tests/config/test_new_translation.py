import pytest

from kerasseq.config.new_translation import look_at_pairs, new_translation
from kerasseq.config.read import read_text
from kerasseq.errors import UsageError

SENTENCES = {"de": ["ein mann geht heim"] * 20, "en": ["a man walks home today"] * 19 + [None]}


def test_short_translations_are_written_letter_by_letter_and_others_in_pieces():
    seen = look_at_pairs({"a": ["one two"], "b": ["1 2"]}, "a", "b", "a.csv", 0)
    assert seen.spelled
    longer = look_at_pairs(SENTENCES, "de", "en", "a.csv", 2)
    assert not longer.spelled
    assert (longer.rows, longer.bad, longer.words) == (19, 3, 5)


def test_what_is_written_is_an_experiment_of_these_columns(tmp_path):
    (tmp_path / "a.csv").write_text("de,en\nein mann geht heim,a man walks home\n", encoding="utf-8")
    seen = look_at_pairs(SENTENCES, "de", "en", "a.csv", 0)
    experiment = read_text(new_translation(seen, {"train": "a.csv"}, "a", "a.toml"), "a.toml", tmp_path)
    assert experiment.task.name == "translation"
    assert experiment.dataset.target == "en"
    assert experiment.tokenizer.name == "subword"
    assert experiment.decoder.attention == "general"


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("", "en", "--text must name a column of a.csv, one of de, en, got none"),
        ("de", "nl", '--target must name a column of a.csv, one of de, en, got "nl"'),
        ("de", "de", '--target: must be another column than --text, got "de" for both'),
    ],
)
def test_columns_that_are_none_are_named(text, target, said):
    with pytest.raises(UsageError) as error:
        look_at_pairs(SENTENCES, text, target, "a.csv", 0)
    assert str(error.value) == said
