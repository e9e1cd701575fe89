import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.config.read import read_experiment
from kerasseq.config.settings import SplitSettings
from kerasseq.experiment import build
from kerasseq.run_directory import RunDirectory

CONFIGS = Path(__file__).parents[1] / "configs"
SHAPES = {
    "tagging": "most_frequent",
    "vectors": "linear",
    "forecast": "ridge",
    "detection": "most_frequent",
    "recall": "ngrams",
    "order": "ngrams",
    "language_model": "kneser_ney",
    "translation": "nearest_source",
}
"""Demonstrations of other shapes or other data than the lectures', and a baseline of each."""
DEMONSTRATIONS = sorted(path for path in CONFIGS.glob("*.toml") if path.stem not in SHAPES)
SMALL = [
    "training.epochs=1",
    "training.batch_size=512",
    "encoder.units=2",
    "embedding.dimension=2",
    "tokenizer.max_length=8",
    "evaluation.resamples=100",
    "wide.words=1",
    "wide.characters=0",
]

DATA = {
    "airline": ("dataset.path", "timeseries/airline-passengers.csv"),
    "ajgt": ("dataset.folder", "ajgt"),
    "arabic_pos": ("dataset.train", "arabic_pos/train.txt"),
    "arsarcasm": ("dataset.folder", "arsarcasm"),
    "atis": ("dataset.train", "ud_english_atis/en_atis-ud-train.conllu"),
    "ar_asag": ("dataset.train", "ar_asag/ar_asag.tsv"),
    "conll2000": ("dataset.train", "conll2000/train.txt"),
    "imdb": ("dataset.path", "imdb"),
    "japanese_vowels": ("dataset.train", "japanese_vowels/JapaneseVowels_TRAIN.ts"),
    "multi30k": ("dataset.train", ("multi30k/train.de.gz", "multi30k/train.en.gz")),
    "names": ("dataset.train", "names"),
    "saudi_news": ("dataset.train", "saudinewsnet/2015-08-09.zip"),
    "shakespeare": ("dataset.train", "tinyshakespeare/input.txt"),
    "spelling": ("dataset.train", "tatoeba_en_ar/ara.txt"),
    "sst2": ("dataset.folder", "sst"),
    "sst2_attention": ("dataset.folder", "sst"),
    "sst2_lstm": ("dataset.folder", "sst"),
    "sst2_vectors": ("dataset.folder", "sst"),
    "tatoeba": ("dataset.train", "tatoeba_en_ar/ara.txt"),
    "temperatures": ("dataset.path", "timeseries/daily-min-temperatures.csv"),
    "trec": ("dataset.folder", "trec"),
    "vader": ("dataset.train", "vader/movieReviewSnippets.tsv"),
    "wnut17": ("dataset.train", "wnut17/wnut17train.conll"),
}
OTHERS = {
    "arabic_pos": {"validation": "arabic_pos/dev.txt", "test": "arabic_pos/test.txt"},
    "atis": {
        "validation": "ud_english_atis/en_atis-ud-dev.conllu",
        "test": "ud_english_atis/en_atis-ud-test.conllu",
    },
    "conll2000": {"test": "conll2000/test.txt"},
    "japanese_vowels": {"test": "japanese_vowels/JapaneseVowels_TEST.ts"},
    "multi30k": {
        "validation": ("multi30k/val.de.gz", "multi30k/val.en.gz"),
        "test": ("multi30k/test_2016_flickr.de.gz", "multi30k/test_2016_flickr.en.gz"),
    },
    "wnut17": {"validation": "wnut17/emerging.dev.conll", "test": "wnut17/emerging.test.annotated"},
}
VECTORS = "glove/glove6b50d_top100k_f16.npz"


def overrides(name: str, realdata: Path) -> list[str]:
    key, place = DATA[name]
    text = (CONFIGS / "real" / f"{name}.toml").read_text(encoding="utf-8")
    vectors = [f"embedding.path={realdata / VECTORS}"] if 'name = "pretrained"' in text else []
    others = [f"dataset.{side}={found(realdata, file)}" for side, file in OTHERS.get(name, {}).items()]
    return [f"{key}={found(realdata, place)}", *others, *vectors]


def found(realdata: Path, place: str | tuple[str, ...]) -> str:
    """A file, or a list of them, as TOML writes it."""
    return str(realdata / place) if isinstance(place, str) else json.dumps([str(realdata / one) for one in place])


def test_the_lectures_models_are_all_there():
    names = {path.stem for path in DEMONSTRATIONS}
    assert names == {"rnn", "birnn", "gru", "bigru", "lstm", "bilstm", "bilstm_attention"}
    assert {path.stem for path in (CONFIGS / "real").glob("*.toml")} == set(DATA)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[] if path.stem == "bilstm_attention" else pytest.mark.once)
        for path in DEMONSTRATIONS
    ],
)
def test_a_demonstration_runs_to_its_report(path, tmp_path):
    words = ["run", str(path), "--out", str(tmp_path)]
    for override in SMALL:
        words += ["--set", override]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    run = RunDirectory.open(tmp_path / path.stem)
    assert run.report.stat().st_size > 10_000
    assert "ngrams" in run.metrics.read_text(encoding="utf-8")


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_demonstration_beside_the_lectures_runs_to_its_report(name, tmp_path):
    words = ["run", str(CONFIGS / f"{name}.toml"), "--out", str(tmp_path)]
    for override in ("training.epochs=1", "training.batch_size=64", "encoder.units=4", "evaluation.resamples=100"):
        words += ["--set", override]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    run = RunDirectory.open(tmp_path / name)
    assert run.report.stat().st_size > 10_000
    assert run.onnx.exists()
    assert SHAPES[name] in run.metrics.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DEMONSTRATIONS, ids=lambda path: path.stem)
def test_the_demonstrations_differ_in_their_model_alone(path):
    first, this = read_experiment(CONFIGS / "bilstm.toml"), read_experiment(path)
    assert this.name == path.stem
    for section in (
        "dataset",
        "preprocessor",
        "tokenizer",
        "embedding",
        "wide",
        "task",
        "split",
        "training",
        "evaluation",
    ):
        assert getattr(this, section) == getattr(first, section)


@pytest.mark.realdata
@pytest.mark.parametrize("name", sorted(DATA))
def test_a_config_for_real_data_is_valid_where_the_data_is(name, realdata, monkeypatch):
    monkeypatch.delenv("KERASSEQ_BACKEND")  # a file may name its own
    assert read_experiment(CONFIGS / "real" / f"{name}.toml", overrides(name, realdata)).name == name


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["ajgt", "ar_asag", "trec"])
def test_a_config_for_real_data_reads_it_and_builds_its_model(name, realdata):
    settings = [*overrides(name, realdata), "encoder.units=2", "encoder.layers=1"]
    trained, prepared = build(read_experiment(CONFIGS / "real" / f"{name}.toml", settings))
    rows = {"ajgt": 1_800, "ar_asag": 2_132, "trec": 5_952}[name]
    assert sum(len(side) for side in prepared.examples.values()) == rows
    assert trained.experiment.split.seed == SplitSettings().seed
    if name == "ar_asag":
        questions = [set(prepared.tables[side]["group"].to_pylist()) for side in ("train", "validation", "test")]
        assert not (questions[0] & questions[2] or questions[1] & questions[2] or questions[0] & questions[1])
