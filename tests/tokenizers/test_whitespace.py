from kerasseq.tokenizers.whitespace import Whitespace


def test_only_white_space_cuts() -> None:
    assert Whitespace(min_frequency=1).build().split(" a,b\u00a0كَتَبَ؟\n\u3000😂! ") == ["a,b", "كَتَبَ؟", "😂!"]


def test_a_text_of_single_spaces_comes_back() -> None:
    tokenizer = Whitespace(min_frequency=1).build()
    tokenizer.train(["do n't stop"])
    assert tokenizer.decode(tokenizer.encode(["do n't stop"]).ids.flat) == "do n't stop"
