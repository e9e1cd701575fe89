"""Components inside a component: each is a section of its own, with its own lines in messages."""

from kerasseq.config.schema import schema

PARTS = """
[embedding]
name = "concatenate"

[[embedding.parts]]
name = "learned"
dimension = 3

[[embedding.parts]]
name = "kerasseq/subword"
"""


def test_parts_are_read_completed_and_written_as_sections(read, working):
    experiment = read(working + PARTS, ["embedding.parts.1.longest=4"])
    learned, subword = experiment.embedding.parts
    assert (learned.dimension, subword.longest, subword.name) == (3, 4, "subword")
    assert [key for key in experiment.components if key.startswith("embedding")] == [
        "embedding",
        "embedding.parts[0]",
        "embedding.parts[1]",
    ]
    written = experiment.to_dict()["embedding"]["parts"]
    assert [part["name"] for part in written] == ["kerasseq/learned", "kerasseq/subword"]
    assert read(experiment.to_toml()).embedding == experiment.embedding


def test_every_part_says_what_is_wrong_with_it_at_its_line(problems, working):
    wrong = PARTS.replace("dimension = 3", "dimension = 0").replace("kerasseq/subword", "subwort")
    assert problems(working + wrong) == [
        "a.toml:16:1: embedding.parts[0].dimension: must be at least 1, got 0",
        'a.toml:19:1: embedding.parts[1].name: unknown embedding "subwort"; did you mean "subword"?',
    ]


def test_too_few_parts_and_no_list_of_parts_are_refused(problems, working):
    rule = "must be two embeddings or more, written [[embedding.parts]], got 1"
    assert problems(working + PARTS.rpartition("[[")[0]) == [f"a.toml:14:1: embedding.parts: {rule}"]
    assert problems(working + '[embedding]\nname = "concatenate"\nparts = "learned"\n') == [
        "a.toml:12:1: embedding.parts: must be written [[embedding.parts]], one table for each embedding"
    ]


def test_the_schema_offers_every_embedding_as_a_part():
    definitions = schema(ours_only=True)["$defs"]
    offered = definitions["embedding.kerasseq.concatenate"]["properties"]["parts"]["items"]["anyOf"]
    assert {"$ref": "#/$defs/embedding.kerasseq.subword"} in offered and len(offered) == 4
