"""What plugins are written against: a change here breaks them, so it comes with new entry-point groups, or never."""

import importlib
import inspect

import pyarrow as pa
import pytest
from pydantic import ValidationError

import kerasseq.spec
from kerasseq.errors import UsageError
from kerasseq.registry.components import KINDS

LAYERS = "Callable[..., Tensor]"
SURFACE = {
    "Settings": {"problems": "(self) -> Iterator[tuple[str, str]]"},
    "Spec": {
        "kind": "ClassVar[str]",
        "name": "str",
        "to_onnx": "(self, built: Any, graph: Graph, *inputs: str) -> Any",
    },
    "DatasetSpec": {
        "kind": "dataset",
        "row_kind": "text",
        "from_memory": "{}",
        "provides": "property",
        "build": "(self) -> pa.Table",
        "at": "(self, path: Path | str, labelled: bool) -> Any",
        "other_columns": "(self, rows: pa.Table) -> pa.Table",
    },
    "PreprocessorSpec": {"kind": "preprocessor", "idempotent": "False", "build": "(self) -> Preprocessor"},
    "TokenizerSpec": {
        "kind": "tokenizer",
        "lossless": "False",
        "looks_up": "False",
        "build": "(self) -> Tokenizer",
        "pieces_to_onnx": "(self, built: Tokenizer, graph: Graph, text: str) -> Any",
    },
    "EmbeddingSpec": {
        "kind": "embedding",
        "build": f"(self, vocabulary: Sequence[str]) -> {LAYERS}",
        "characters_width": "property",
        "extra_words": "(self) -> Sequence[str]",
        "has_extra_words": "property",
        "build_characters": f"(self, alphabet: int) -> {LAYERS}",
        "ties": "property",
        "file_widths": "property",
        "without_files": "(self, widths: Sequence[int]) -> Any",
        "subwords": "property",
        "build_ngrams": f"(self, vocabulary: Sequence[str], listed: Sequence[str]) -> {LAYERS}",
        "build_subwords": f"(self, vocabulary: Sequence[str], ngrams: int) -> {LAYERS}",
    },
    "EncoderSpec": {
        "kind": "encoder",
        "own_task": "",
        "directions": "property",
        "composes": "property",
        "carries": "property",
        "build": f"(self) -> {LAYERS}",
        "build_composition": f"(self) -> {LAYERS}",
        "build_carried": "(self) -> Any",
    },
    "PoolerSpec": {"kind": "pooler", "build": f"(self, directions: int) -> {LAYERS}"},
    "DecoderSpec": {"kind": "decoder", "build": "(self, directions: int) -> Any"},
    "WideSpec": {
        "kind": "wide",
        "pairs": "False",
        "share": "Annotated[float, Field(ge=0, le=1)] | Literal['auto']",
        "build": "(self) -> Branch",
    },
    "SearchSpec": {"kind": "search", "build": "(self) -> Search"},
    "TaskSpec": {
        "kind": "task",
        "takes": "frozenset()",
        "needs": "frozenset()",
        "forbids": "frozenset()",
        "softens": "False",
        "target": "none",
        "sections": "(self, dataset: DatasetSpec | None) -> tuple[frozenset[str], frozenset[str]]",
        "conflicts": "(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]",
        "table": "(self, table: pa.Table, split: Any) -> pa.Table",
        "unlabelled": "(self, table: pa.Table) -> pa.Table",
        "defaults": "(self, dataset: DatasetSpec | None) -> Mapping[str, str]",
        "example": "(self) -> Example | None",
        "build": "(self, sections: Sections, table: pa.Table) -> Task",
        "restore": "(self, sections: Sections, folder: Path) -> Task",
        "diagnose": "(self, sections: Sections, table: pa.Table, sides: Split) -> Diagnosis",
    },
    "ExporterSpec": {"kind": "exporter", "build": "(self) -> Exporter"},
    "TrackerSpec": {"kind": "tracker", "build": "(self) -> Tracker"},
}

SECTIONS = {
    **dict.fromkeys(
        (
            *("dataset", "preprocessor", "tokenizer", "embedding", "encoder", "pooler", "decoder"),
            *("wide", "search", "task"),
        ),
        "property",
    ),
    "describe": "(self, kind: str) -> str",
}
"""What a task sees of an experiment."""

HELPERS = {
    "kerasseq.patterns.shapes.anycase": "(word: str) -> str",
    "kerasseq.preprocessors.english.spellings": "(table: Mapping[str, str]) -> dict[str, str]",
    "kerasseq.preprocessors.each_word.EachWord": "(change: Callable[[str], str], piece: str, word: str) -> None",
    "kerasseq.preprocessors.rules.verbatim": "(text: str) -> str",
    "kerasseq.preprocessors.rules_after.RulesAfter": "(make: Callable[[Preprocessor], Iterable[Rule]]) -> None",
    "kerasseq.testing.rules_in_graph": "(rules: Iterable[Rule]) -> Callable[[Sequence[str]], list[str]]",
}
"""What a plugin may build and be tested with, beside the bases."""


def members(kind):
    """The public names of a class's own, with what an author can rely on."""
    own = {name: value for name, value in vars(kind).items() if not name.startswith(("_", "model_"))}
    found = {}
    for name in own | {name: None for name in vars(kind).get("__annotations__", {})}:
        value = own.get(name)
        if name.startswith(("_", "model_")):
            continue
        if inspect.isfunction(value):
            found[name] = str(inspect.signature(value)).replace("'", "")
        elif value is None:
            found[name] = kind.__annotations__[name]
        else:
            found[name] = "property" if isinstance(value, property) else str(value)
    return found


def test_the_names_that_plugins_import_stay():
    assert set(kerasseq.spec.__all__) == {*SURFACE, "Example", "InputPath", "Sections", "Subwords"} | {
        "parts_of",
        "places_of",
    }


@pytest.mark.parametrize("name", SURFACE)
def test_names_and_signatures_of_a_base_stay(name):
    assert members(getattr(kerasseq.spec, name)) == SURFACE[name]


def test_what_a_task_sees_of_an_experiment_stays():
    assert members(kerasseq.spec.Sections) == SECTIONS


@pytest.mark.parametrize("name", HELPERS)
def test_names_and_signatures_of_helpers_stay(name):
    module, _, own = name.rpartition(".")
    helper = getattr(importlib.import_module(module), own)
    assert str(inspect.signature(helper)).replace("'", "") == HELPERS[name]


def test_the_groups_are_the_kinds():
    kinds = "dataset preprocessor tokenizer embedding encoder pooler decoder wide search task exporter tracker command"
    assert KINDS == tuple(kinds.split())


def test_every_base_says_its_contract():
    for name in SURFACE:
        base = getattr(kerasseq.spec, name)
        assert base.__doc__
        for member, said in SURFACE[name].items():
            if said.startswith("(") or said == "property":
                assert inspect.getdoc(getattr(base, member)), (name, member)


def test_a_section_is_frozen_strict_and_takes_no_other_key():
    class Mine(kerasseq.spec.PoolerSpec):
        share: float = 0.5

    spec = Mine(name="mine")
    with pytest.raises(ValidationError, match="frozen"):
        spec.share = 1.0
    for wrong in ({"share": "0.3"}, {"share": float("nan")}, {"shares": 0.3}):
        with pytest.raises(ValidationError):
            Mine(name="mine", **wrong)


def test_what_an_author_leaves_out_says_so():
    spec = kerasseq.spec.PoolerSpec(name="mine")
    assert spec.to_onnx(None, None, "x") is NotImplemented
    assert list(spec.problems()) == []
    with pytest.raises(NotImplementedError):
        spec.build(1)
    task = kerasseq.spec.TaskSpec(name="mine")
    assert task.sections(None) == (frozenset(), frozenset())
    table = pa.table({"text": ["a"]})
    assert task.table(table, None) is table
    for unwritten in (task.build, task.restore):
        with pytest.raises(NotImplementedError):
            unwritten(None, None)
    with pytest.raises(UsageError, match='task "mine": has no check of its data; kerasseq run says what is wrong'):
        task.diagnose(None, table, None)


def test_settings_that_say_where_files_are_are_known_through_lists_and_beside_others():
    place, several = kerasseq.spec.InputPath, tuple[kerasseq.spec.InputPath, ...]

    class Mine(kerasseq.spec.DatasetSpec):
        train: place
        folder: place = ""
        pair: several = ()
        column: str = "text"
        columns: tuple[str, ...] = ()

    assert kerasseq.spec.places_of(Mine) == ("train", "folder", "pair")
    assert kerasseq.spec.places_of(kerasseq.spec.PoolerSpec) == ()
