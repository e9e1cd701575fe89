"""Operations of Keras by element in torch alone."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional

__all__ = ["ELEMENTWISE"]

Tensor = Any
Part = Callable[..., Any]


def tensor(x: Any) -> Tensor:
    """A number as a tensor, a size too."""
    return x if isinstance(x, torch.Tensor) else torch.scalar_tensor(x, dtype=_kind(x))


def _kind(x: Any) -> Any:
    if isinstance(x, bool):
        return torch.bool
    return torch.int32 if isinstance(x, int | torch.SymInt) else torch.float32


def _of(function: Part) -> Part:
    """Of one tensor; whole numbers become float32 where torch has no function of them."""
    return lambda x: function(tensor(x))


def _real(function: Part) -> Part:
    return lambda x: function(_float(x))


def _float(x: Any) -> Tensor:
    x = tensor(x)
    return x if x.is_floating_point() else x.float()


def _pair(function: Part) -> Part:
    """Of two tensors; numbers take the type of what they meet."""

    def call(x1: Any, x2: Any) -> Tensor:
        kind = torch.result_type(tensor(x1) if not isinstance(x1, int | float) else x1, _second(x1, x2))
        return function(tensor(x1).to(kind), tensor(x2).to(kind))

    return call


def _second(x1: Any, x2: Any) -> Any:
    return tensor(x2) if not isinstance(x1, torch.Tensor) or not isinstance(x2, int | float) else x2


def _number(function: Part) -> Part:
    """An operator of Python, on tensors, numbers and sizes; of truth values as Keras has it."""
    return lambda x1, x2: function(x1, x2)


def _compared(function: Part) -> Part:
    return lambda x1, x2: function(tensor(x1), x2 if isinstance(x2, int | float) else tensor(x2))


def _logical(function: Part) -> Part:
    return lambda x1, x2: function(tensor(x1).bool(), tensor(x2).bool())


def _largest(function: Part, of_sizes: Part) -> Part:
    sizes = int, torch.SymInt
    return lambda x1, x2: (
        of_sizes(x1, x2) if isinstance(x1, sizes) and isinstance(x2, sizes) else _pair(function)(x1, x2)
    )


def _where(condition: Tensor, x1: Any, x2: Any) -> Tensor:
    kind = torch.result_type(*(x if isinstance(x, torch.Tensor | int | float) else tensor(x) for x in (x1, x2)))
    return torch.where(tensor(condition).bool(), tensor(x1).to(kind), tensor(x2).to(kind))


def _clip(x: Any, x_min: Any = None, x_max: Any = None) -> Tensor:
    x = tensor(x)
    for pick, end in ((torch.maximum, x_min), (torch.minimum, x_max)):
        x = x if end is None else pick(x, tensor(end).to(x.dtype))
    return x


def _power(x1: Any, x2: Any) -> Tensor:
    return torch.pow(*(x if isinstance(x, float | int) else tensor(x) for x in (x1, x2)))


def _divide_no_nan(x1: Any, x2: Any) -> Tensor:
    x1, x2 = _float(x1), _float(x2)
    return torch.where(x2 == 0, 0.0, x1 / torch.where(x2 == 0, 1.0, x2))


def _round(x: Tensor, decimals: int = 0) -> Tensor:
    return torch.round(tensor(x), decimals=decimals) if tensor(x).is_floating_point() else x


def _relu(x: Tensor, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """Keras's activation with all its settings: linear from the threshold on, sloped below."""
    x = _float(x)
    found = (
        torch.where(x >= threshold, x, negative_slope * (x - threshold)) if threshold or negative_slope else x.relu()
    )
    return found if max_value is None else found.clamp(max=max_value)


def _glu(x: Tensor, axis: int = -1) -> Tensor:
    return functional.glu(x, axis)


def _sparse_plus(x: Tensor) -> Tensor:
    return torch.where(x <= -1, 0.0, torch.where(x < 1, (x + 1) ** 2 / 4, x))


def _same(x: Any) -> Any:
    return x


def _multiply(x1: Any, x2: Any) -> Any:
    return x1 * x2


_FLOATS = "exp expm1 exp2 sin cos tan sinh cosh tanh sqrt rsqrt log log1p log2 log10".split()
_FLOATS += ["reciprocal", "erf", "erfc", "sigmoid"]

ELEMENTWISE: Mapping[str, Part] = {
    **{name.capitalize(): _real(getattr(torch, name)) for name in _FLOATS},
    **{f"Arc{name}": _real(getattr(torch, f"arc{name}")) for name in "sin cos tan sinh cosh tanh".split()},
    **{name: _of(getattr(torch, name.lower())) for name in "Absolute Negative Sign Square Floor Ceil Trunc".split()},
    **dict.fromkeys(("Cast", "StopGradient", "Copy", "ConvertToTensor", "Array", "Held"), lambda x, *_: x),
    "Fabs": _of(torch.abs),
    "Round": _round,
    "Cbrt": _real(lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3)),
    "Deg2rad": _real(torch.deg2rad),
    "Rad2deg": _real(torch.rad2deg),
    "Add": _number(operator.add),
    "Subtract": _number(operator.sub),
    "Multiply": _multiply,
    "Divide": _number(operator.truediv),
    "TrueDivide": _number(operator.truediv),
    "FloorDivide": _number(operator.floordiv),
    "Mod": _number(operator.mod),
    "Fmod": _pair(torch.fmod),
    "DivideNoNan": _divide_no_nan,
    "Power": _power,
    "Maximum": _largest(torch.maximum, torch.sym_max),
    "Minimum": _largest(torch.minimum, torch.sym_min),
    "Logaddexp": _pair(torch.logaddexp),
    "Hypot": _pair(torch.hypot),
    "Clip": _clip,
    "Where": _where,
    **{name: _compared(getattr(operator, word)) for name, word in (("Equal", "eq"), ("NotEqual", "ne"))},
    **{name: _compared(getattr(operator, word)) for name, word in (("Less", "lt"), ("LessEqual", "le"))},
    **{name: _compared(getattr(operator, word)) for name, word in (("Greater", "gt"), ("GreaterEqual", "ge"))},
    **{f"Logical{name.capitalize()}": _logical(getattr(torch, f"logical_{name}")) for name in ("and", "or", "xor")},
    "LogicalNot": _of(torch.logical_not),
    **{name: _of(getattr(torch, name.lower())) for name in ("Isnan", "Isinf", "Isfinite")},
    "NanToNum": lambda x, nan=0.0, posinf=None, neginf=None: torch.nan_to_num(x, nan, posinf, neginf),
    **{name: _real(getattr(functional, name.lower())) for name in "Relu Relu6 Softplus Softsign Silu Selu".split()},
    "ReLU": _relu,
    "Mish": functional.mish,
    "LogSigmoid": functional.logsigmoid,
    "HardTanh": functional.hardtanh,
    "HardSigmoid": functional.hardsigmoid,
    "HardSilu": functional.hardswish,
    "Gelu": lambda x, approximate=True: functional.gelu(x, approximate="tanh" if approximate else "none"),
    "LeakyRelu": lambda x, negative_slope=0.2: functional.leaky_relu(x, negative_slope),
    "Elu": lambda x, alpha=1.0: functional.elu(x, alpha),
    "Celu": lambda x, alpha=1.0: functional.celu(x, alpha),
    "Glu": _glu,
    "SoftShrink": lambda x, threshold=0.5: functional.softshrink(x, threshold),
    "HardShrink": lambda x, threshold=0.5: functional.hardshrink(x, threshold),
    "TanhShrink": functional.tanhshrink,
    "Threshold": lambda x, threshold, default_value: torch.where(x > threshold, x, default_value),
    "Squareplus": lambda x, b=4: (x + torch.sqrt(x * x + b)) / 2,
    "SparseSigmoid": lambda x: ((x + 1) / 2).clamp(0, 1),
    "SparsePlus": _sparse_plus,
}
