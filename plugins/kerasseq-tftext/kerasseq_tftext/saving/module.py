"""A trained model with what stands before it as one TensorFlow function, texts in."""

# N texts, K classes

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.plugin import SPECIALS, UNKNOWN, PatternTokenizer, Preprocessor, Rules, TextPipeline, Tokenizer
from kerasseq_tftext.cutting import lookup_table, matches
from kerasseq_tftext.in_graph import InGraph
from kerasseq_tftext.saving.rules import RuleGraph
from kerasseq_tftext.saving.tokens import joined, padded, truncated
from kerasseq_tftext.tensors import tensor, tensorflow

if TYPE_CHECKING:
    from kerasseq.plugin import TrainedModel

__all__ = ["missing", "write"]


def missing(trained: TrainedModel) -> list[str]:
    """What of a model has no form in TensorFlow, and why; nothing of its layers, which Keras runs there."""
    found = []
    pipeline = trained.task.pipeline
    if not isinstance(pipeline, TextPipeline):
        return [f"task {trained.task.name!r} reads no texts"]
    for spec, part in zip(pipeline.preprocessors, pipeline.parts, strict=True):
        if not (part.portable or isinstance(part, InGraph)):
            found.append(f"preprocessor {spec.name!r} is no list of rules and no kerasseq_tftext.in_graph.InGraph")
    tokenizer = pipeline.tokenizer
    if tokenizer.kind == "subword":
        found.append(
            "tokenizer 'subword' is byte-level BPE, which tensorflow-text has not; wordpiece or sentencepiece do"
        )
    elif isinstance(tokenizer, PatternTokenizer):
        if any(anchor in tokenizer.pattern.source for anchor in ("{start}", "{end}")):
            found.append("tokenizer: its pattern must have no anchors")
    elif not isinstance(tokenizer, InGraph):
        found.append(f"tokenizer {tokenizer.kind!r} is no kerasseq_tftext.in_graph.InGraph")
    given = {out.name for out in trained.task.outputs if not out.optional}
    if given not in ({"logits"}, {"score"}):
        said = ", ".join(sorted(given))
        found.append(f"task {trained.task.name!r} gives {said}, where logits or score alone is known")
    return found


def write(trained: TrainedModel, folder: str) -> None:
    """Write a SavedModel whose one signature, `serving_default`, takes texts.

    Keras must run on TensorFlow in this process.

    Args:
        trained: A model of which nothing is `missing`.
        folder: Where to; made if it is not there.
    """
    tf, _ = tensorflow()
    texts = _Texts(trained.task.pipeline)
    names = ("text", "text_2") if texts.pair != "single" else ("text",)
    signature = [tf.TensorSpec([None], tf.string, name=name) for name in names]
    module = tf.Module()
    module.resources = texts.resources
    module.weights = [variable.value for variable in trained.model.variables]

    def answer(*given: Any) -> dict[str, Any]:
        outputs = trained.model(texts.inputs(given), training=False)
        return _answers(trained, outputs)

    function = tf.function(answer, input_signature=signature)
    module.answer = function
    tf.saved_model.save(module, folder, signatures={"serving_default": function})


class _Texts:
    """What a text passes, from strings to the inputs of the model."""

    def __init__(self, pipeline: Any) -> None:
        self.pair = pipeline.pair
        self.tokenizer = pipeline.tokenizer
        self.resources: list[Any] = []
        self.steps = [self._step(part) for part in _parts(pipeline.parts)]
        self.cut = self._cut(self.tokenizer)

    def _step(self, part: Any) -> Any:
        if isinstance(part, InGraph):
            self.resources += part.resources()
            return part.on_tensor
        rules = RuleGraph(part.rules)
        self.resources += rules.tables
        return rules

    def _cut(self, tokenizer: Tokenizer) -> Any:
        """A function of texts to ragged ids."""
        if isinstance(tokenizer, PatternTokenizer):
            numbers = {token: n for n, token in enumerate(tokenizer.vocabulary) if n >= len(SPECIALS)}
            table = lookup_table(numbers, UNKNOWN)
            self.resources.append(table)

            def cut(texts: Any) -> Any:
                found = matches(texts, tokenizer.pattern)
                return found.with_flat_values(table.lookup(found.flat_values))

            return cut
        if not isinstance(tokenizer, InGraph):
            raise TypeError(f"tokenizer {tokenizer.kind} must be an InGraph")
        self.resources += tokenizer.resources()
        return tokenizer.on_tensor

    def inputs(self, texts: Sequence[Any]) -> list[Any]:
        """The inputs of the model, each `(N, T)` int32."""
        sides = [self.cut(self._cleaned(text)) for text in texts]
        if self.pair == "join":
            return [padded(joined(sides[0], sides[1], self.tokenizer))]
        return [padded(truncated(ids, self.tokenizer)) for ids in sides]

    def _cleaned(self, text: Any) -> Any:
        tf, _ = tensorflow()
        text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
        text = tf.strings.regex_replace(text, r"\x00", "\x01")
        for step in self.steps:
            text = step(text)
        return text


def _parts(parts: Sequence[Preprocessor]) -> list[Preprocessor]:
    """The preprocessors, rules of neighbours as one."""
    found: list[Preprocessor] = []
    for part in parts:
        if found and part.portable and found[-1].portable:
            found[-1] = Rules([*found[-1].rules, *part.rules])
        else:
            found.append(part)
    return found


def _answers(trained: TrainedModel, outputs: Any) -> dict[str, Any]:
    tf, _ = tensorflow()
    if "logits" not in outputs:
        return {"score": outputs["score"]}
    labels = tensor(list(trained.task.describe()["labels"]))
    return {
        "label": tf.gather(labels, tf.argmax(outputs["logits"], axis=1)),
        "probabilities": tf.nn.softmax(outputs["logits"], axis=1),
    }
