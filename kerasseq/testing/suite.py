"""Which checks a component has to pass, and how pytest runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kerasseq.errors import UsageError
from kerasseq.registry.components import nearest
from kerasseq.spec import EncoderSpec, PreprocessorSpec, Spec
from kerasseq.testing import (
    answer_checks,
    backend_checks,
    branch_checks,
    dataset_checks,
    decoder_checks,
    exporter_checks,
    linear,
    model_checks,
    network_checks,
    onnx_checks,
    pipeline_checks,
    preprocessor_checks,
    search_checks,
    section_checks,
    stored_branch,
    task_checks,
    task_onnx,
    tokenizer_checks,
    tracker_checks,
    weight_checks,
)
from kerasseq.testing.faults import label

__all__ = ["Check", "checks_for", "parametrize_with_checks"]

Check = Callable[[Any], None]
"""A function of a Spec that raises `CheckFailed`, or `NotChecked`; its name and docstring say the rule."""

EVERY: tuple[Check, ...] = (
    section_checks.check_toml_round_trip,
    section_checks.check_light_import,
    section_checks.check_documented,
    section_checks.check_strict,
)

_WEIGHTS: tuple[Check, ...] = (
    weight_checks.check_seeds,
    weight_checks.check_gradients,
    weight_checks.check_save_load_clone,
    backend_checks.check_backends,
    onnx_checks.check_network_onnx,
)

_NETWORK: tuple[Check, ...] = (
    network_checks.check_shapes_and_dtypes,
    network_checks.check_padding_invariance,
    network_checks.check_batch_independence,
    *_WEIGHTS,
)

KINDS: Mapping[str, tuple[Check, ...]] = {
    "dataset": (
        dataset_checks.check_columns,
        dataset_checks.check_provides,
        dataset_checks.check_rows,
        dataset_checks.check_same_rows,
    ),
    "preprocessor": (
        preprocessor_checks.check_pure,
        preprocessor_checks.check_texts_independent,
        preprocessor_checks.check_picklable,
        preprocessor_checks.check_hostile_texts,
        linear.check_preprocessor_time,
        onnx_checks.check_preprocessor_onnx,
    ),
    "tokenizer": (
        tokenizer_checks.check_ids,
        tokenizer_checks.check_pieces,
        tokenizer_checks.check_decode,
        tokenizer_checks.check_truncation,
        tokenizer_checks.check_deterministic,
        tokenizer_checks.check_save_and_load,
        tokenizer_checks.check_untrained_texts,
        tokenizer_checks.check_hostile_ids,
        linear.check_tokenizer_time,
        onnx_checks.check_tokenizer_onnx,
    ),
    "embedding": (*_NETWORK, network_checks.check_shared_weights, network_checks.check_padding_id),
    "encoder": (
        *_NETWORK,
        network_checks.check_shared_weights,
        network_checks.check_masks,
        network_checks.check_all_masked_row,
    ),
    "pooler": (
        *_NETWORK,
        network_checks.check_shared_weights,
        network_checks.check_masks,
        network_checks.check_all_masked_row,
    ),
    "decoder": (
        network_checks.check_shapes_and_dtypes,
        network_checks.check_masks,
        network_checks.check_padding_invariance,
        network_checks.check_batch_independence,
        network_checks.check_all_masked_row,
        decoder_checks.check_steps,
        *(check for check in _WEIGHTS if check is not onnx_checks.check_network_onnx),
    ),
    "wide": (
        branch_checks.check_unfitted,
        branch_checks.check_branch_values,
        branch_checks.check_rows_apart,
        branch_checks.check_held_out,
        branch_checks.check_fitted_again,
        branch_checks.check_few_rows,
        branch_checks.check_told_weights,
        stored_branch.check_restored,
        stored_branch.check_lost_files,
        stored_branch.check_branch_onnx,
    ),
    "search": (
        search_checks.check_texts,
        search_checks.check_log_probabilities,
        search_checks.check_same_seed,
        search_checks.check_neighbours,
        search_checks.check_told,
    ),
    "task": (
        task_checks.check_targets,
        task_checks.check_state,
        pipeline_checks.check_pipeline,
        model_checks.check_outputs,
        model_checks.check_padding_invariance,
        model_checks.check_loss,
        answer_checks.check_answers,
        answer_checks.check_scores,
        task_onnx.check_pipeline_onnx,
        task_onnx.check_task_onnx,
        network_checks.check_batch_independence,
        *_WEIGHTS,
    ),
    "exporter": (exporter_checks.check_path, exporter_checks.check_export),
    "tracker": (tracker_checks.check_told, tracker_checks.check_goes_on, tracker_checks.check_leaves_the_run),
}
"""What each kind has to pass beside `EVERY`."""


IGNORED = ("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",)
"""What Keras 3.15 warns of beside NumPy 2, whoever asks for an array."""


def checks_for(spec: Spec) -> Iterator[Check]:
    """Yield the checks that a component has to pass, named functions of the Spec.

    >>> from kerasseq.poolers.reduce import Mean
    >>> [check.__name__ for check in checks_for(Mean(name="mean"))][:2]
    ['check_toml_round_trip', 'check_light_import']
    """
    yield from EVERY
    if isinstance(spec, EncoderSpec) and spec.own_task:  # what it is in is checked with that
        return
    yield from KINDS[spec.kind]
    if isinstance(spec, PreprocessorSpec) and spec.idempotent:
        yield preprocessor_checks.check_idempotent
    if isinstance(spec, EncoderSpec) and spec.composes:
        yield network_checks.check_composition


Expected = Mapping[str, str] | Callable[[Spec], Mapping[str, str]]


def parametrize_with_checks(specs: Iterable[Spec], expected_failed_checks: Expected | None = None) -> Any:
    """A pytest mark that runs a test once for each Spec and each of its checks.

    Args:
        specs: Instances, each with the settings to be checked.
        expected_failed_checks: Name of a check to the reason why it fails, or a function of a Spec that gives this; the
            test is then expected to fail, and one that passes fails.

    Returns:
        `pytest.mark.parametrize("spec, check", ...)`.

    Raises:
        UsageError: A check that no Spec has, or a class in place of an instance.

    Example:

        @parametrize_with_checks([TopK(name="top_k"), TopK(name="top_k", k=1)])
        def test_keeps_the_rules(spec, check):
            check(spec)
    """
    import pytest

    cases, known, expected = [], set(), set()
    for spec in specs:
        if not isinstance(spec, Spec):
            raise UsageError(f"specs: must be instances, TopK(name='top_k'), got {spec!r}")
        given = expected_failed_checks
        reasons = {} if given is None else given(spec) if callable(given) else given
        expected |= set(reasons)
        for check in checks_for(spec):
            known.add(check.__name__)
            reason = reasons.get(check.__name__)
            marks = [pytest.mark.filterwarnings(ignored) for ignored in IGNORED]
            marks += [pytest.mark.xfail(reason=reason, strict=True)] if reason is not None else []
            cases.append(pytest.param(spec, check, marks=marks, id=f"{label(spec)}-{check.__name__}"))
    for name in sorted(expected - known):
        raise UsageError(f'expected_failed_checks: no check is called "{name}"{nearest(name, sorted(known))}')
    return pytest.mark.parametrize(("spec", "check"), cases)
