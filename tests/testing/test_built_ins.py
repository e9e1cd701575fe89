"""Every component of ours passes the kit, as a plugin's would: by the marker alone."""

from pathlib import Path

from kerasseq.embeddings.learned import Learned
from kerasseq.embeddings.subword import Subword
from kerasseq.registry.components import KINDS, find, load
from kerasseq.testing import checks_for, parametrize_with_checks

_LEARNED = Learned(name="learned", dimension=2)
ROWS = Path(__file__).parent / "rows.tsv"

SMALL = {
    "attention": [{"units": 3}],
    "simple_rnn": [{"units": 3}, {"units": 3, "activation": "relu", "bidirectional": False}],
    "gru": [{"units": 3, "layers": 1, "normalisation": "batch"}, {"units": 3, "reset": "before"}],
    "decoder/gru": [{"units": 6, "attention": "dot"}, {"units": 3, "attention": "bahdanau", "layers": 2}],
    "decoder/lstm": [{"units": 3, "attention": "concat", "input_feeding": True}, {"units": 3, "attention": "none"}],
    "lstm": [{"units": 3, "normalisation": "layer", "residual": True}],
    "learned": [{"dimension": 4}, {"dimension": 4, "layer_norm": True, "word_dropout": 0.1, "dropout": 0.1}],
    "classification": [{}, {"labels": ("x", "y"), "pair": "combine"}],
    "regression": [{}, {"range": (0.0, 10.0), "pair": "attend", "match": "subwords"}],
    "table": [{"train": str(ROWS), "split": "side", "weight": "worth", "group": "author"}],
    "tokenizer/subword": [{}, {"truncation": "both", "max_length": 5}],
    "embedding/subword": [{"dimension": 4}, {"dimension": 4, "layer_norm": True, "word_dropout": 0.1, "dropout": 0.1}],
    "concatenate": [{"parts": (_LEARNED, _LEARNED)}, {"parts": (_LEARNED, Subword(name="subword", dimension=3))}],
    "bundled": [{}, {"set": "reviews_en"}],
    "series": [{"path": str(ROWS.with_name("series.csv")), "columns": ("visits",)}],
    "documents": [{"train": str(ROWS.with_name("letters.txt")), "document": "line"}],
    "tokens": [{"train": str(ROWS.with_name("tags.conll"))}],
    "vectors": [{"train": str(ROWS.with_name("moves.parquet"))}],
    "detection": [{"rows": 40}],
    "recall": [{"rows": 40}],
    "order": [{"rows": 40}],
    "curves": [{"rows": 40}],
    "mackey_glass": [{"steps": 100}],
    "parallel": [{"train": (str(ROWS.with_name("lines.de")), str(ROWS.with_name("lines.en")))}],
    "dates": [{"rows": 50}, {"rows": 50, "language": "arabic"}],
    "language_model": [{}, {"documents": "apart", "dropout": 0.0}],
    "translation": [{}, {"shared": True, "label_smoothing": 0.0, "dropout": 0.0}],
    "tagging": [{}, {"head": "softmax"}],
    "forecast": [{"window": 6, "horizon": 2}, {"window": 6, "horizon": 2, "base": "linear", "relative": False}],
    "unicode": [{}, {"zwnj": "space"}],
    "stopwords": [{}, {"extra": ("food",), "protect_negation": False}],
}
ELSEWHERE = ("imdb", "sst2", "sst5", "trec", "ajgt", "arsarcasm", "pretrained")
"""What needs a file from the network: its section alone is checked."""

SPECS = [
    load(kind, component.name)[1](name=component.name, **settings)
    for kind in KINDS[:-1]
    for component in find(kind)
    if component.distribution == "kerasseq" and component.name not in ELSEWHERE
    for settings in SMALL.get(f"{kind}/{component.name}", SMALL.get(component.name, [{}]))
]
FETCHED = [
    load(kind, component.name)[1](name=component.name, **({"path": str(ROWS)} if kind == "embedding" else {}))
    for kind in ("dataset", "embedding")
    for component in find(kind)
    if component.name in ELSEWHERE
]


@parametrize_with_checks(SPECS)
def test_a_component_of_ours_keeps_the_rules(spec, check):
    check(spec)


def test_the_section_of_what_is_fetched_keeps_the_rules():
    for spec in FETCHED:
        for check in list(checks_for(spec))[:4]:
            check(spec)
    assert len(FETCHED) == len(ELSEWHERE)
