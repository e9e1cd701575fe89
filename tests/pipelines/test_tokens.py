"""From tokens to ids."""

from kerasseq.corpus.token_rows import TokenRows
from kerasseq.pipelines.tokens import TokensPipeline
from kerasseq.preprocessors.unicode import Casefold
from kerasseq.tokenizers.given import Given


def test_words_of_a_file_join_the_vocabulary_and_not_the_alphabet() -> None:
    spec = Given(name="given", min_frequency=2)
    made = TokensPipeline([Casefold(name="casefold")], spec.build(), 4, extra_words=("xyz", "Seen", "a b", "a"))
    made.fit(TokenRows([["a", "A", "b"]]))
    assert made.vocabulary[3:] == ("a", "xyz", "a b")
    assert made.characters is not None and "x" not in made.characters.alphabet
    inputs, counts = made.encode(TokenRows([["XYZ", "seen", "a"]]))
    assert [made.vocabulary[i] for i in inputs["tokens"][0]] == ["xyz", "[UNK]", "a"]
    assert (counts.tokens, counts.unknown) == (3, 1)
