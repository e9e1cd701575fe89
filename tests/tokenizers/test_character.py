from kerasseq.tokenizers.character import Character


def test_every_code_point_is_a_token_and_comes_back() -> None:
    text = "كَ a\n😂\u200d\x00"
    tokenizer = Character(min_frequency=1).build()
    tokenizer.train([text])
    assert tokenizer.split(text) == list(text)
    assert tokenizer.decode(tokenizer.encode([text]).ids.flat) == text
