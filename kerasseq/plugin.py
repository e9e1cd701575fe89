"""Everything that a plugin is written with, in one module: the package behind it may move, these names stay.

| for | names |
|---|---|
| any component | the base of its kind: `PoolerSpec`, ...; `Settings`, `InputPath`; the errors |
| preprocessors | `Rules` of `Replace`, `CharMap`, `SequenceMap`, `MapWords`, `Squeeze`; `EachWord`, `RulesAfter` |
| tokenizers | `TokenizerSettings`, `LookupSettings`, `PatternTokenizer`, `SubwordTokenizer`, `Tokenizer` |
| encoders of recurrent layers | `Stack`, `quiet`; those of kerasseq, `SimpleRNN`, `GRU`, `LSTM` |
| embeddings | `VectorSettings`, `Lookup`; of vectors that a file gives `table_lookup`, `KeptVectors` |
| encoders, poolers, embeddings with `to_onnx` | `Graph` |
| linear models beside the network (`wide`) | `Branch`, `Sought`; `Graph`, `Inexpressible` |
| searches | `Search`, `OneByOne`, `Stepper`, `Limits`, `Written` |
| tasks | `Classification`, `Classifier`, `Regression`, `Regressor`; `Task`, `Pipeline`, `Output`, `Predictions` |
| tasks of another shape | `SequenceTaskSpec`, `TaskSpec`, `Example` |
| language models of another shape | `LanguageModel`, `LanguageModeller`, `log_probability` |
| exporters | `Exporter`, `Exported`, `Refused`, `Subject`, `prove`, `describe` |
| trackers | `Tracker`, `Tracked`, `Results` |
| commands | `Verbs`, `LazyVerbs`, `config_argument`, other options, `begin`, `talk`, `tell`; `RunDirectory`, `atomic` |
| vectors of words | `fitted`, `read_texts`, `Reading`, `read_vectors` |

`kerasseq.testing` checks a component against the contract of its kind. Nothing heavy is imported with this module: each
name comes from its home when it is asked for, so that Keras, which some of them need, waits for its backend.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasseq.backend.log_probability import log_probability
    from kerasseq.commands.group import LazyVerbs, Verbs
    from kerasseq.commands.options import backend_option, begin, config_argument, out_option, run_argument, set_option
    from kerasseq.commands.output import force_option, free
    from kerasseq.commands.talk import json_option, talk, talk_options
    from kerasseq.config.experiment import Experiment
    from kerasseq.console import columns, count, err, is_plain, is_quiet, isolated, say, tell
    from kerasseq.corpus.examples import Examples
    from kerasseq.corpus.samples import Samples
    from kerasseq.corpus.text import Texts
    from kerasseq.datasets.reading import Reading
    from kerasseq.datasets.unlabelled import read_texts
    from kerasseq.embeddings.kept import KeptVectors, table_lookup
    from kerasseq.embeddings.lookup import Lookup
    from kerasseq.embeddings.settings import VectorSettings
    from kerasseq.embeddings.vectors import read_vectors
    from kerasseq.encoders.recurrent import GRU, LSTM, SimpleRNN
    from kerasseq.encoders.stack import Stack
    from kerasseq.errors import (
        ConfigError,
        DataError,
        DownloadError,
        KerasseqError,
        PluginError,
        Problem,
        RunError,
        UsageError,
    )
    from kerasseq.exporters.exporter import Exported, Exporter, Refused, Subject
    from kerasseq.exporters.metadata import MEMBER, describe
    from kerasseq.exporters.proof import Answers, prove
    from kerasseq.files import atomic, damage, write_json, write_text
    from kerasseq.layers.masked import quiet
    from kerasseq.metrics import Score
    from kerasseq.onnx_graph.graph import Graph, Inexpressible
    from kerasseq.patterns import Pattern, literal, parse
    from kerasseq.patterns.shapes import anycase
    from kerasseq.pipelines.pipeline import Counts, InGraph, Pipeline
    from kerasseq.pipelines.text import TextPipeline
    from kerasseq.poolers.last import Last
    from kerasseq.poolers.reduce import Max, Mean, Sum
    from kerasseq.preparation import fitted
    from kerasseq.preprocessors.each_word import EachWord
    from kerasseq.preprocessors.english import spellings
    from kerasseq.preprocessors.rules import (
        CharMap,
        MapWords,
        Preprocessor,
        Replace,
        Rule,
        Rules,
        SequenceMap,
        Squeeze,
        chain,
        verbatim,
    )
    from kerasseq.preprocessors.rules_after import RulesAfter
    from kerasseq.preprocessors.words import CLOSE, OPEN, WORD
    from kerasseq.run_directory import RunDirectory
    from kerasseq.searches.search import Limits, OneByOne, Search, Stepper, Written
    from kerasseq.spec import (
        DatasetSpec,
        DecoderSpec,
        EmbeddingSpec,
        EncoderSpec,
        Example,
        ExporterSpec,
        InputPath,
        PoolerSpec,
        PreprocessorSpec,
        SearchSpec,
        Sections,
        Settings,
        Spec,
        Subwords,
        TaskSpec,
        TokenizerSpec,
        TrackerSpec,
        WideSpec,
    )
    from kerasseq.tasks.classification import Classification
    from kerasseq.tasks.classifier import Classifier
    from kerasseq.tasks.language_model import LanguageModel
    from kerasseq.tasks.language_modeller import LanguageModeller
    from kerasseq.tasks.predictions import Predictions
    from kerasseq.tasks.regression import Regression
    from kerasseq.tasks.regressor import Regressor
    from kerasseq.tasks.sequence import SequenceTaskSpec
    from kerasseq.tasks.task import ATTENTION, Output, Task
    from kerasseq.tokenizers.pattern import PatternTokenizer
    from kerasseq.tokenizers.settings import LookupSettings, TokenizerSettings
    from kerasseq.tokenizers.subword import Subword, SubwordTokenizer
    from kerasseq.tokenizers.tokenizer import PADDING, SEPARATOR, SPECIALS, UNKNOWN, Tokenizer, Truncation
    from kerasseq.trackers.tracker import Results, Tracked, Tracker
    from kerasseq.trained import TrainedModel
    from kerasseq.wide.branch import Branch, Sought

__all__ = [
    "ATTENTION",
    "Answers",
    "Branch",
    "CLOSE",
    "CharMap",
    "Classification",
    "Classifier",
    "ConfigError",
    "Counts",
    "DataError",
    "DatasetSpec",
    "DecoderSpec",
    "DownloadError",
    "EachWord",
    "EmbeddingSpec",
    "EncoderSpec",
    "Example",
    "Examples",
    "Experiment",
    "Exported",
    "Exporter",
    "ExporterSpec",
    "GRU",
    "Graph",
    "InGraph",
    "Inexpressible",
    "InputPath",
    "KerasseqError",
    "KeptVectors",
    "LSTM",
    "LanguageModel",
    "LanguageModeller",
    "Last",
    "LazyVerbs",
    "Limits",
    "Lookup",
    "LookupSettings",
    "MEMBER",
    "MapWords",
    "Max",
    "Mean",
    "OPEN",
    "OneByOne",
    "Output",
    "PADDING",
    "Pattern",
    "PatternTokenizer",
    "Pipeline",
    "PluginError",
    "PoolerSpec",
    "Predictions",
    "Preprocessor",
    "PreprocessorSpec",
    "Problem",
    "Reading",
    "Refused",
    "Regression",
    "Regressor",
    "Replace",
    "Results",
    "Rule",
    "Rules",
    "RulesAfter",
    "RunDirectory",
    "RunError",
    "SEPARATOR",
    "SPECIALS",
    "Samples",
    "Score",
    "Search",
    "SearchSpec",
    "Sections",
    "SequenceMap",
    "SequenceTaskSpec",
    "Settings",
    "SimpleRNN",
    "Sought",
    "Spec",
    "Stack",
    "Stepper",
    "Subword",
    "SubwordTokenizer",
    "Subwords",
    "Squeeze",
    "Subject",
    "Sum",
    "Task",
    "TaskSpec",
    "TextPipeline",
    "Texts",
    "Tokenizer",
    "TokenizerSettings",
    "TokenizerSpec",
    "Tracked",
    "Tracker",
    "TrackerSpec",
    "TrainedModel",
    "Truncation",
    "UNKNOWN",
    "UsageError",
    "VectorSettings",
    "Verbs",
    "WORD",
    "WideSpec",
    "Written",
    "anycase",
    "atomic",
    "backend_option",
    "begin",
    "chain",
    "columns",
    "config_argument",
    "count",
    "damage",
    "describe",
    "err",
    "fitted",
    "force_option",
    "free",
    "is_plain",
    "is_quiet",
    "isolated",
    "json_option",
    "literal",
    "log_probability",
    "out_option",
    "parse",
    "prove",
    "quiet",
    "read_texts",
    "read_vectors",
    "run_argument",
    "say",
    "set_option",
    "spellings",
    "table_lookup",
    "talk",
    "talk_options",
    "tell",
    "verbatim",
    "write_json",
    "write_text",
]

_HOMES = {
    "kerasseq.backend.log_probability": "log_probability",
    "kerasseq.commands.group": "LazyVerbs Verbs",
    "kerasseq.commands.options": "backend_option begin config_argument out_option run_argument set_option",
    "kerasseq.config.experiment": "Experiment",
    "kerasseq.commands.output": "force_option free",
    "kerasseq.commands.talk": "json_option talk talk_options",
    "kerasseq.console": "columns count err is_plain is_quiet isolated say tell",
    "kerasseq.corpus.examples": "Examples",
    "kerasseq.corpus.samples": "Samples",
    "kerasseq.corpus.text": "Texts",
    "kerasseq.encoders.recurrent": "GRU LSTM SimpleRNN",
    "kerasseq.encoders.stack": "Stack",
    "kerasseq.datasets.reading": "Reading",
    "kerasseq.datasets.unlabelled": "read_texts",
    "kerasseq.embeddings.kept": "KeptVectors table_lookup",
    "kerasseq.embeddings.lookup": "Lookup",
    "kerasseq.embeddings.settings": "VectorSettings",
    "kerasseq.embeddings.vectors": "read_vectors",
    "kerasseq.errors": "ConfigError DataError DownloadError KerasseqError PluginError Problem RunError UsageError",
    "kerasseq.exporters.exporter": "Exported Exporter Refused Subject",
    "kerasseq.exporters.metadata": "MEMBER describe",
    "kerasseq.exporters.proof": "Answers prove",
    "kerasseq.files": "atomic damage write_json write_text",
    "kerasseq.layers.masked": "quiet",
    "kerasseq.metrics": "Score",
    "kerasseq.onnx_graph.graph": "Graph Inexpressible",
    "kerasseq.patterns": "Pattern literal parse",
    "kerasseq.patterns.shapes": "anycase",
    "kerasseq.pipelines.pipeline": "Counts InGraph Pipeline",
    "kerasseq.pipelines.text": "TextPipeline",
    "kerasseq.poolers.last": "Last",
    "kerasseq.poolers.reduce": "Max Mean Sum",
    "kerasseq.preprocessors.each_word": "EachWord",
    "kerasseq.preprocessors.english": "spellings",
    "kerasseq.preprocessors.rules": "CharMap MapWords Preprocessor Replace Rule Rules SequenceMap Squeeze "
    "chain verbatim",
    "kerasseq.preprocessors.rules_after": "RulesAfter",
    "kerasseq.preprocessors.words": "CLOSE OPEN WORD",
    "kerasseq.preparation": "fitted",
    "kerasseq.run_directory": "RunDirectory",
    "kerasseq.searches.search": "Limits OneByOne Search Stepper Written",
    "kerasseq.spec": "DatasetSpec DecoderSpec EmbeddingSpec EncoderSpec Example ExporterSpec InputPath PoolerSpec "
    "PreprocessorSpec SearchSpec Sections Settings Spec Subwords TaskSpec TokenizerSpec TrackerSpec WideSpec",
    "kerasseq.tasks.classification": "Classification",
    "kerasseq.tasks.classifier": "Classifier",
    "kerasseq.tasks.language_model": "LanguageModel",
    "kerasseq.tasks.language_modeller": "LanguageModeller",
    "kerasseq.tasks.predictions": "Predictions",
    "kerasseq.tasks.regression": "Regression",
    "kerasseq.tasks.regressor": "Regressor",
    "kerasseq.tasks.sequence": "SequenceTaskSpec",
    "kerasseq.tasks.task": "ATTENTION Output Task",
    "kerasseq.tokenizers.pattern": "PatternTokenizer",
    "kerasseq.tokenizers.settings": "LookupSettings TokenizerSettings",
    "kerasseq.tokenizers.subword": "Subword SubwordTokenizer",
    "kerasseq.tokenizers.tokenizer": "PADDING SEPARATOR SPECIALS Tokenizer Truncation UNKNOWN",
    "kerasseq.trackers.tracker": "Results Tracked Tracker",
    "kerasseq.trained": "TrainedModel",
    "kerasseq.wide.branch": "Branch Sought",
}

_MODULES = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import what is asked for from where it lives."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
