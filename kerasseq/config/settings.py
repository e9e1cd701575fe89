"""The sections that are no component: `[split]`, `[training]`, `[evaluation]`, `[plugins]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kerasseq.spec import Settings

__all__ = ["SECTIONS", "EvaluationSettings", "PluginsSettings", "SplitSettings", "TrainingSettings"]

Share = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(gt=0, lt=10)]


class SplitSettings(Settings):
    """`[split]`: which rows train, which choose, which measure."""

    method: Literal["auto", "given", "ratio", "group", "kfold"] = "auto"
    """`given`: by the dataset's files or its split column, a missing validation side is cut from train. `ratio`:
    seeded, stratified for classes and by quantile for scores. `group`: as ratio, no group on two sides. `kfold`: fold
    number `fold` of `folds` is the test side (by group where there is a group column). `auto`: given, else group,
    else ratio."""
    validation: Share = 0.1
    """Share of the rows that chooses the epoch, in [0, 1)."""
    test: Share = 0.1
    """Share of the rows that measures, in [0, 1)."""
    folds: Annotated[int, Field(ge=2, le=100)] = 5
    """Number of folds for `kfold`."""
    fold: Annotated[int, Field(ge=0, le=99)] = 0
    """Which fold tests, 0-based, below `folds`."""
    stratify: bool = True
    """Keep class shares, or quantiles of a score, equal on every side."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of the split alone: three training seeds share one split."""


class TrainingSettings(Settings):
    """`[training]`: the epoch loop."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] = 30
    """Most passes over the training rows; early stopping usually ends sooner."""
    batch_size: Annotated[int, Field(ge=1, le=65_536)] = 32
    """Texts per batch."""
    accumulate: Annotated[int, Field(ge=1, le=1024)] = 1
    """Batches per update: the gradient is that of one batch of `batch_size * accumulate` texts."""
    optimizer: Literal["adamw", "adam", "sgd", "rmsprop"] = "adamw"
    """`adamw` is Adam with decoupled weight decay (Loshchilov & Hutter, 2019)."""
    learning_rate: Rate = 1e-3
    """Step size at the start, or after the warm-up; of every schedule the largest one."""
    weight_decay: Annotated[float, Field(ge=0, lt=1)] = 1e-4
    """Decoupled decay per unit of learning rate, in [0, 1). Biases and normalisation scales are left out."""
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Momentum of `sgd` and `rmsprop`, in [0, 1)."""
    lazy_embeddings: bool = False
    """Update only the rows of an embedding whose tokens occur in the batch: moments and weight decay of the others
    rest. Another algorithm than `adam` and `adamw`, which it needs, and a faster one for large vocabularies (`LazyAdam`
    of TensorFlow Addons, `torch.optim.SparseAdam`); torch only."""
    bptt: Annotated[int, Field(ge=0)] = 0
    """For long texts: steps after which the gradient of a recurrent state is cut, counted from the beginning of a text.
    The state goes on over all of it, so answers are the same; blocks of so many steps pass each other no gradient, and
    training keeps the gates of one block at a time (truncated backpropagation, Williams & Peng, 1990). Steps that a
    pooler reads keep their own gradient; behind `last` the last block alone learns. 0 cuts nowhere. A language model
    has its own `task.bptt`."""
    global_clipnorm: Annotated[float, Field(ge=0)] = 1.0
    """Gradients are scaled down to this global norm; 0 turns clipping off."""
    schedule: Literal["plateau", "constant", "linear", "cosine", "triangular"] = "plateau"
    """How the learning rate goes on behind the warm-up. `plateau`: it falls when nothing improves any more. `constant`:
    it stays. `linear`, `cosine` (Loshchilov & Hutter, 2017): it falls to `minimum_learning_rate` over all updates,
    which are `epochs` times those of an epoch. `triangular`: the slanted triangular one (Howard & Ruder, 2018), which
    rises from a 32nd of `learning_rate` over the first tenth of all updates, and falls back to it over the others; it
    has no other warm-up."""
    warmup_steps: Annotated[int, Field(ge=0)] = 0
    """Updates over which the learning rate rises linearly from 0; part of those of the whole training, over which
    `linear` and `cosine` are planned."""
    watch: Literal["auto", "loss", "score"] = "auto"
    """What says which epoch was best: the task's main `score` on the validation rows, of equal ones the smaller loss,
    or their `loss` alone. `auto` is the score, unless the task of a plugin says otherwise."""
    smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of what is watched that stays from the epochs before, in [0, 1): an exponential average over epochs, which
    moves less where validation has few rows, and lags. 0 takes each epoch as it is."""
    averaging: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Decay of the moving average of the weights over updates, in [0, 1), 0.99 to 0.999 as a rule: about the last
    1 / (1 - decay) updates count (Polyak & Juditsky, 1992). The averages are what is validated, kept and saved. 0 turns
    it off."""
    unfreezing: Annotated[int, Field(ge=0, le=1000)] = 0
    """Epochs after which one more layer learns, from the top down (gradual unfreezing; Howard & Ruder, 2018): at first
    what stands above the encoder, then its layers, last the embedding. Until all do, no epoch without improvement
    counts. For weights that something was learned in before, as `encoder.from` gives; 0 lets all learn at once."""
    layer_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    """What the learning rate of a layer is multiplied by, against that of the layer above, in (0, 1] (discriminative
    fine-tuning; Howard & Ruder, 2018, take 1 / 2.6). 1 gives all the same."""
    plateau_patience: Annotated[int, Field(ge=0)] = 3
    """With `schedule = "plateau"`: epochs without improvement, of what is watched or of the loss, before the learning
    rate falls; 0 turns it off."""
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """What the learning rate is then multiplied by."""
    minimum_learning_rate: Annotated[float, Field(ge=0)] = 1e-6
    """The learning rate never falls below; where `linear` and `cosine` end."""
    stopping_patience: Annotated[int, Field(ge=0)] = 7
    """Epochs without improvement, of what is watched or of the loss, before training ends; 0 turns it off."""
    minimum_delta: Annotated[float, Field(ge=0)] = 1e-3
    """What counts as improvement: of a score its own unit, of an error in the unit of the data a share of their
    deviation. Standardised targets make a loss a share of their variance."""
    checkpoint_minutes: Annotated[float, Field(ge=0, le=1440)] = 5.0
    """Minutes between checkpoints inside an epoch, so that a run that ends in the middle of a long one, by whatever
    cause, goes on from there. 0 writes one at the end of each epoch alone."""
    restore_best: bool = True
    """Give the weights of the best epoch back at the end."""
    bucket_batches: Annotated[int, Field(ge=0, le=10_000)] = 50
    """Batches that are pooled and sorted by length, so that a batch holds texts of like length; 0 turns it off."""
    folds: Annotated[int, Field(ge=0, le=20)] = 0
    """For data of few rows, none of which is spent on validation: so many networks, at least 2, are trained, each
    without a fold of the rows of training and validation, and then the one that is kept, on all of these. The former
    say how many epochs it gets, and what part of the answer where a linear model shares it. 0 turns it off."""
    distillation: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How far, in [0, 1], the targets of the network that is kept are drawn towards what `folds` answered to rows that
    they had not seen (Hinton et al., 2015): classes become probabilities. 0 leaves the targets as they are."""


class EvaluationSettings(Settings):
    """`[evaluation]`: how the test rows are measured."""

    resamples: Annotated[int, Field(ge=100, le=100_000)] = 1000
    """Bootstrap resamples behind each interval."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    """Coverage of each interval, in (0.5, 1)."""
    baselines: bool = True
    """Measure the trivial and the linear baseline on the same rows."""
    examples: Annotated[int, Field(ge=0, le=200)] = 12
    """Test texts whose attention the report shows (attention pooler only)."""
    batch_size: Annotated[int, Field(ge=1, le=65_536)] = 128
    """Texts per batch when predicting."""


class PluginsSettings(Settings):
    """`[plugins]`: which installed distributions this experiment may use."""

    allow: tuple[str, ...] = ("*",)
    """Distributions whose components may be named; `["*"]` is every one, `[]` only kerasseq itself."""


SECTIONS: dict[str, type[Settings]] = {
    "split": SplitSettings,
    "training": TrainingSettings,
    "evaluation": EvaluationSettings,
    "plugins": PluginsSettings,
}
"""Section -> its settings, in the order of the file."""
