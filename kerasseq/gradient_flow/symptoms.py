"""What stands out in the numbers, each in a sentence, with what to set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.console import count
from kerasseq.gradient_flow.measured import Facts, Layer, Stage, Symptom, When

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment

__all__ = ["symptoms"]

VANISHED = 1e-3
"""A gradient of which less is left over a long row has vanished."""
EXPLODED = 1e2
"""One that is more often as large has exploded."""
MOSTLY = 0.5
"""Share of activations beyond which a gate, or a state, counts as saturated, or of padding that is wasted."""
STUCK = 0.9
"""The same of a gate that is now shut, now open."""
CUT = 0.05
"""Share of rows that may be truncated."""
LARGE, SMALL = 0.1, 1e-6
"""Updates over weights between which learning goes on; a thousandth is usual."""
AIM = 0.01
"""What an update that is too large is brought to."""
CLIPPED = 10
"""Norm of a gradient over `training.global_clipnorm` from which on it is told."""

Setting = str | int | float | bool
ORDER = "recurrent exploding vanishing dead saturated update clipped truncated padding bptt".split()


def symptoms(experiment: Experiment, facts: Facts, stages: Mapping[When, Stage]) -> list[Symptom]:
    """Everything that stands out, the gravest first.

    Of a run what holds of the trained network, and of the one that it began with an explosion alone.
    """
    last: When = "after" if "after" in stages else "before"
    found = list(_of_facts(experiment, facts, stages[last]))
    for when, stage in stages.items():
        seen = list(_of_stage(experiment, facts, when, stage))
        found += [each for each in seen if when == last or each.name == "exploding"]
    return sorted(found, key=lambda each: ORDER.index(each.name))


def _of_facts(experiment: Experiment, facts: Facts, stage: Stage) -> Iterator[Symptom]:
    if not stage.layers and not facts.beside:
        message = (
            "no recurrent layer: nothing carries a gradient from step to step, so there is none that could fade or "
            "explode; padding, truncation and updates are shown"
        )
        settings = _set(experiment, **{"encoder.name": "lstm"}) if _bare(experiment.encoder) == "none" else {}
        yield Symptom("recurrent", "", "", message, settings)
    if facts.truncated is not None and facts.truncated > CUT:
        longest = _value(experiment, "tokenizer.max_length")
        settings = {"tokenizer.max_length": 2 * longest} if longest else {}
        message = f"{_percent(facts.truncated)} of the rows lose steps to the greatest length, which teach nothing"
        yield Symptom("truncated", "", "", message, settings)
    if facts.padding is not None and facts.padding > MOSTLY:
        settings = {} if experiment.training.bucket_batches else {"training.bucket_batches": 50}
        message = f"{_percent(facts.padding)} of the steps that training computes are padding"
        yield Symptom("padding", "", "", message, settings)
    if facts.bptt:
        message = f"training cuts the gradient every {count(facts.bptt, 'step')}; what is shown here is uncut"
        yield Symptom("bptt", "", "", message, {})


def _of_stage(experiment: Experiment, facts: Facts, when: When, stage: Stage) -> Iterator[Symptom]:
    for layer in stage.layers:
        yield from filter(None, (_flow(experiment, when, layer), _dead(experiment, facts, when, layer)))
        yield from _saturated(experiment, facts, when, layer)
    yield from _updates(facts, when, stage)
    clip = facts.global_clipnorm
    if clip and stage.gradient_norm > CLIPPED * clip:
        said = f"the gradient of an update has norm {stage.gradient_norm:.3g}, which is cut to {clip:g}"
        yield Symptom("clipped", "", when, f"{said}: every update is as long as the last one, whatever the loss", {})


# === Layers ===


def _flow(experiment: Experiment, when: When, layer: Layer) -> Symptom | None:
    way = layer.kept.median[: layer.horizon + 1]
    most = max(way, default=1.0)
    steps = count(layer.horizon, "step")
    stretch = (
        f"; largest eigenvalue of its recurrent weights {layer.radius['state']:.2f}" if "state" in layer.radius else ""
    )
    if most > EXPLODED or not all(map(math.isfinite, way)):
        times = f"{most:.2g} times as large" if math.isfinite(most) else "more than a number holds"
        message = f"a gradient grows by {layer.rate:.3g} a step: over {steps} it is {times}{stretch}"
        return Symptom("exploding", layer.path, when, message, _calmed(experiment, layer, when))
    if layer.horizon and layer.left < VANISHED:
        reach = f", less than a hundredth beyond {count(layer.reach, 'step')}" if layer.reach else ""
        message = f"of a gradient {layer.left:.1g} is left {steps} back, {layer.rate:.2g} a step{reach}{stretch}"
        return Symptom("vanishing", layer.path, when, message + _beside(experiment, layer), _kept(experiment, layer))
    return None


def _beside(experiment: Experiment, layer: Layer) -> str:
    """Whether a loss reaches the steps by another way than the recurrence."""
    if _section(layer) != "encoder":
        return ""
    if experiment.pooler is None:
        return "; each step is asked by itself, but what an early step says of a late one is not learned"
    name = _bare(experiment.pooler)
    if name == "last":
        return "; the pooler reads the last state alone, so early steps are not learned"
    return f'; the pooler "{name}" reads each step itself, but what an early step says of a late one is not learned'


def _kept(experiment: Experiment, layer: Layer) -> dict[str, Setting]:
    """What keeps a gradient."""
    if _section(layer) == "decoder":
        return (
            _set(experiment, **{"decoder.attention": "general"})
            if _value(experiment, "decoder.attention") == "none"
            else {}
        )
    if _section(layer) != "encoder":
        return {}
    found: dict[str, Setting] = {}
    if _bare(experiment.encoder) == "simple_rnn":
        found = _set(experiment, **{"encoder.name": "lstm"})
    elif layer.cell == "LSTM":
        found = _set(experiment, **{"encoder.unit_forget_bias": True})
    if experiment.pooler is not None and _bare(experiment.pooler) == "last" and not found:
        found = {"pooler.name": "attention"}
    return found


def _calmed(experiment: Experiment, layer: Layer, when: When) -> dict[str, Setting]:
    """What keeps a gradient from growing."""
    found: dict[str, Setting] = {}
    if _section(layer) == "encoder":
        found = _set(experiment, **{"encoder.recurrent_initializer": "orthogonal", "encoder.activation": "tanh"})
    if not experiment.training.global_clipnorm:
        found["training.global_clipnorm"] = 1.0
    if not found and when == "after":
        found["training.learning_rate"] = _digit(experiment.training.learning_rate / 2)
    return found


def _dead(experiment: Experiment, facts: Facts, when: When, layer: Layer) -> Symptom | None:
    if not layer.dead:
        return None
    number = len(layer.dead)
    verb = "gives" if number == 1 else "give"
    message = f"{number} of {count(layer.units, 'unit')} {verb} the same number at every step of every row"
    settings = _set(experiment, **{"encoder.activation": "tanh"}) if _section(layer) == "encoder" else {}
    if not settings and layer.units > number and _value(experiment, f"{_section(layer)}.units") == layer.units:
        settings = {f"{_section(layer)}.units": layer.units - number}
    return Symptom("dead", layer.path, when, message, settings)


def _saturated(experiment: Experiment, facts: Facts, when: When, layer: Layer) -> Iterator[Symptom]:
    settings = _gentler(experiment, facts, layer, when)
    for name, gate in layer.gates.items():
        if gate.shut > MOSTLY:
            message = f"the {name} gate is shut in {_percent(gate.shut)} of its activations, below 0.05"
        elif gate.shut + gate.open > STUCK and name not in ("forget", "update"):
            message = f"the {name} gate is shut or wide open in {_percent(gate.shut + gate.open)} of its activations"
        else:
            continue
        own = settings
        if name == "forget" and _section(layer) == "encoder":
            own = _set(experiment, **{"encoder.unit_forget_bias": True}) or settings
        yield Symptom("saturated", layer.path, when, f"{message}: hardly a gradient passes its slope", own)
    if layer.saturated is not None and layer.saturated > MOSTLY:
        message = f"{_percent(layer.saturated)} of the states are beyond 0.95, where tanh passes less than a tenth"
        yield Symptom("saturated", layer.path, when, message, settings)


def _gentler(experiment: Experiment, facts: Facts, layer: Layer, when: When) -> dict[str, Setting]:
    """What keeps activations off the ends."""
    if when == "after":
        return {"training.learning_rate": _digit(experiment.training.learning_rate / 2)}
    if _section(layer) != "encoder":
        return {}
    wanted = {"encoder.kernel_initializer": "glorot_uniform", "encoder.recurrent_initializer": "orthogonal"}
    return _set(experiment, **wanted)


# === Weights ===


def _updates(facts: Facts, when: When, stage: Stage) -> Iterator[Symptom]:
    known = [(each.ratio, each.path) for each in stage.updates if each.ratio is not None and not _shift(each.path)]
    known = [each for each in known if math.isfinite(each[0])]
    if not known:
        return
    ratio, path = max(known)
    if ratio > LARGE:
        message = f"an update changes the weight by {_percent(ratio)} of its size; a thousandth is usual"
        rate = _digit(facts.learning_rate * AIM / ratio)
        yield Symptom("update", path, when, message, {"training.learning_rate": rate})
    elif ratio < SMALL and when == "before":
        message = f"an update changes no weight by more than {ratio:.1g} of its size; a thousandth is usual"
        yield Symptom("update", path, when, message, {"training.learning_rate": _digit(10 * facts.learning_rate)})


def _shift(path: str) -> bool:
    """Whether a weight is a bias or a scale, which may begin at 0."""
    return path.rpartition("/")[2] in ("bias", "gamma", "beta")


# === Settings ===


def _section(layer: Layer) -> Literal["encoder", "decoder", "embedding"]:
    """Which section of the file a layer is of."""
    if layer.path.startswith("decoder"):
        return "decoder"
    return "embedding" if "character" in layer.path else "encoder"


def _bare(part: Any) -> str:
    """`lstm` of `kerasseq/lstm`."""
    return str(part.name).rpartition("/")[2]


def _value(experiment: Experiment, key: str) -> Any:
    """What a component's setting is; None where it has none of that name."""
    section, name = key.split(".")
    part = getattr(experiment, section)
    return part.model_dump().get(name) if part is not None else None


def _set(experiment: Experiment, **wanted: Setting) -> dict[str, Setting]:
    """Those of the settings that there are, and that are not so already."""
    return {key: value for key, value in wanted.items() if _value(experiment, key) not in (None, value)}


def _digit(value: float) -> float:
    """One digit of it."""
    return float(f"{value:.1g}")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
