"""The Experiment: a checked TOML with every default filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from kerasseq.config.settings import SECTIONS, EvaluationSettings, PluginsSettings, SplitSettings, TrainingSettings
from kerasseq.registry.components import Component
from kerasseq.spec import (
    DatasetSpec,
    DecoderSpec,
    EmbeddingSpec,
    EncoderSpec,
    ExporterSpec,
    PoolerSpec,
    PreprocessorSpec,
    SearchSpec,
    Settings,
    TaskSpec,
    TokenizerSpec,
    TrackerSpec,
    WideSpec,
    parts_of,
)

__all__ = ["ASIDE", "BACKENDS", "COMPONENTS", "LISTS", "OPTIONAL", "Experiment", "General"]

BACKENDS = ("torch", "jax")

COMPONENTS = (
    *("dataset", "preprocessor", "tokenizer", "embedding", "encoder", "pooler"),
    *("decoder", "wide", "search", "task", "exporter", "tracker"),
)
"""Sections whose `name` chooses a component, in the order in which a text passes them."""

OPTIONAL = ("decoder", "wide", "search")
"""Those that an experiment has only where its task takes them, and its file says so or its task needs them."""

LISTS = ("preprocessor", "exporter", "tracker")
"""Those of which an experiment may have several, written `[[preprocessor]]`."""

ASIDE = ("tune",)
"""Sections that a verb of a distribution reads for itself; an experiment is the same with them and without."""


class General(Settings):
    """The top of the file, before the first section."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = "experiment"
    """Names the folder under `runs/`."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of weights, batch order and dropout."""
    backend: Literal["torch", "jax"] = "torch"
    """What computes. Weighs less than `--backend` and KERASSEQ_BACKEND, more than KERAS_BACKEND."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """What embedding and encoder compute in. With `bfloat16`, weights, optimizer, pooler, head, loss and scores stay
    float32; faster where the processor has bfloat16 (AMX, AVX-512 BF16, NVIDIA since Ampere)."""


@dataclass(frozen=True)
class Experiment:
    """Everything that `kerasseq run` needs, and nothing it must look up again.

    Sections that the task forbids or does not need are None. `components` holds, for each component section
    (`"encoder"`, `"preprocessor[0]"`), the installed component behind its name.
    """

    general: General
    dataset: DatasetSpec
    preprocessor: tuple[PreprocessorSpec, ...]
    tokenizer: TokenizerSpec | None
    embedding: EmbeddingSpec | None
    encoder: EncoderSpec
    pooler: PoolerSpec | None
    task: TaskSpec
    split: SplitSettings
    training: TrainingSettings
    evaluation: EvaluationSettings
    plugins: PluginsSettings
    exporter: tuple[ExporterSpec, ...] = ()
    wide: WideSpec | None = None
    search: SearchSpec | None = None
    decoder: DecoderSpec | None = None
    tracker: tuple[TrackerSpec, ...] = ()
    components: dict[str, Component] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Names the folder under `runs/`."""
        return self.general.name

    @property
    def seed(self) -> int:
        """Seed of weights, batch order and dropout."""
        return self.general.seed

    @property
    def backend(self) -> str:
        """The backend after precedence: option, KERASSEQ_BACKEND, TOML, KERAS_BACKEND, torch."""
        return self.general.backend

    def describe(self, kind: str) -> str:
        """`pooler "top_k" of kerasseq-poolers 0.2 (package.module:TopK)`, for messages."""
        return self.components[kind].describe() if kind in self.components else f"the {kind}"

    def to_dict(self) -> dict[str, Any]:
        """The experiment as TOML tables, every default filled in, component names qualified."""
        tables: dict[str, Any] = self.general.model_dump(mode="json")
        for section in COMPONENTS:
            part = getattr(self, section)
            if section in LISTS:
                rows = [self._qualified(f"{section}[{i}]", p) for i, p in enumerate(part)]
                if rows or section == "exporter":
                    tables[section] = rows
            elif part is not None:
                tables[section] = self._qualified(section, part)
        for section in SECTIONS:
            tables[section] = getattr(self, section).model_dump(mode="json")
        return tables

    def _qualified(self, key: str, part: Settings) -> dict[str, Any]:
        table = part.model_dump(mode="json")
        for name in parts_of(type(part)):
            inner = enumerate(getattr(part, name))
            table[name] = [self._qualified(f"{key}.{name}[{i}]", each) for i, each in inner]
        return {**table, "name": self.components[key].qualified}

    def to_toml(self) -> str:
        """The same as text; reading it gives an equal experiment."""
        import tomli_w

        return tomli_w.dumps(self.to_dict())
