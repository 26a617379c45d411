"""What a function must return, before anybody asks whether the numbers are right."""

import math
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from chisel.checking.report import Diagnosis

RETURNED_NONE = Diagnosis(
    "returned-none", "the function returns nothing", "Is the `return` missing, or inside a branch that was not taken?"
)
WRONG_TYPE = Diagnosis("wrong-type", "the result has the wrong type", "The docstring says which type is promised.")
WRONG_SHAPE = Diagnosis(
    "wrong-shape",
    "the result has the wrong shape",
    "A wrong shape that happens to broadcast hides every later mistake, so shapes come first.",
)
WRONG_DTYPE = Diagnosis(
    "wrong-dtype",
    "the result has another dtype than the input",
    "A result in another precision turns up as a type error or a loss of digits far from here.",
)
WRONG_DEVICE = Diagnosis(
    "wrong-device",
    "the result is on another device than the input",
    "Create new tensors with `like` functions or with `device=` of an input.",
)
NOT_FINITE = Diagnosis(
    "not-finite",
    "the result holds NaN or infinity",
    "These inputs are ordinary ones. Look for a division by zero, a log of zero, or an overflow.",
)

Arguments = Mapping[str, Any]
Problem = tuple[Diagnosis, str]


class Contract(Protocol):
    """The promise about a result's form."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """Return the first broken promise with what came back, in words; or None."""
        ...

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """Say whether two results agree."""
        ...


@dataclass(frozen=True)
class TensorLike:
    """A tensor with dtype and device of the argument `like`; `shape` computes its shape from the arguments."""

    like: str
    shape: Callable[[Arguments], tuple[int, ...]]

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, Tensor):
            return WRONG_TYPE, f"{type(result).__name__}, where a tensor is promised"
        if not _ordinary(result):
            return WRONG_TYPE, f"{_kind(result)}, where an ordinary tensor is promised"
        model, want = arguments[self.like], tuple(self.shape(arguments))
        if tuple(result.shape) != want:
            return WRONG_SHAPE, f"shape {list(result.shape)}, where {list(want)} is promised"
        if result.dtype != model.dtype:
            return WRONG_DTYPE, f"{result.dtype}, where `{self.like}` is {model.dtype}"
        if result.device != model.device:
            return WRONG_DEVICE, f"{result.device}, where `{self.like}` is on {model.device}"
        if not bool(torch.isfinite(result.detach()).all()):
            return NOT_FINITE, show(result)
        return None

    def same(self, a: Tensor, b: Tensor, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return a.shape == b.shape and torch.allclose(
            a.detach().double(), b.detach().double(), rtol=relative, atol=absolute
        )


@dataclass(frozen=True)
class Number:
    """A finite number: a Python or numpy number, or a tensor with no axes."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if isinstance(result, Tensor) and not _ordinary(result):
            return WRONG_TYPE, f"{_kind(result)}, where one number is promised"
        if isinstance(result, Tensor) and result.dim() == 0 and not result.is_complex() and result.dtype != torch.bool:
            result = result.item()
        if isinstance(result, bool) or not isinstance(result, numbers.Real):
            kind = f"a tensor of shape {list(result.shape)}" if isinstance(result, Tensor) else type(result).__name__
            return WRONG_TYPE, f"{kind}, where one number is promised"
        if not math.isfinite(float(result)):
            return NOT_FINITE, str(float(result))
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return math.isclose(float(a), float(b), rel_tol=relative, abs_tol=absolute)


@dataclass(frozen=True)
class FloatDict:
    """A dict with exactly these keys, each a finite number."""

    keys: tuple[str, ...]

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, Mapping):
            return WRONG_TYPE, f"{type(result).__name__}, where a dict is promised"
        if set(result) != set(self.keys):
            return WRONG_TYPE, f"keys {sorted(map(str, result))}, where {sorted(self.keys)} are promised"
        for key in self.keys:
            found = Number().problem(result[key], arguments)
            if found:
                return found[0], f"under {key!r}: {found[1]}"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return all(Number().same(a[key], b[key], relative, absolute) for key in self.keys)


@dataclass(frozen=True)
class TensorDict:
    """A dict with at least these keys, each a tensor of the promised shape on the device of the argument `like`.

    Attributes:
        like: the name of an argument.
        shape: computes the shape of every tensor from the arguments.
        numbers: keys of real numbers, of any dtype.
        flags: keys of bool tensors.
    """

    like: str
    shape: Callable[[Arguments], tuple[int, ...]]
    numbers: tuple[str, ...]
    flags: tuple[str, ...] = ()

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, Mapping):
            return WRONG_TYPE, f"{type(result).__name__}, where a dict is promised"
        missing = [key for key in (*self.numbers, *self.flags) if key not in result]
        if missing:
            return WRONG_TYPE, f"keys {sorted(map(str, result))}, among which {missing} are missing"
        for key in (*self.numbers, *self.flags):
            found = self._problem_of(key, result[key], arguments)
            if found:
                return found[0], f"under {key!r}: {found[1]}"
        return None

    def _problem_of(self, key: str, value: Any, arguments: Arguments) -> Problem | None:
        if not isinstance(value, Tensor) or not _ordinary(value):
            kind = _kind(value) if isinstance(value, Tensor) else type(value).__name__
            return WRONG_TYPE, f"{kind}, where an ordinary tensor is promised"
        if key in self.flags and value.dtype != torch.bool:
            return WRONG_TYPE, f"{value.dtype}, where torch.bool is promised"
        if key in self.numbers and (value.dtype == torch.bool or value.is_complex()):
            return WRONG_TYPE, f"{value.dtype}, where numbers are promised"
        want = tuple(self.shape(arguments))
        if tuple(value.shape) != want:
            return WRONG_SHAPE, f"shape {list(value.shape)}, where {list(want)} is promised"
        if value.device != arguments[self.like].device:
            return WRONG_DEVICE, f"{value.device}, where `{self.like}` is on {arguments[self.like].device}"
        if not bool(torch.isfinite(value.detach()).all()):
            return NOT_FINITE, show(value)
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return all(
            torch.allclose(a[key].detach().double(), b[key].detach().double(), rtol=relative, atol=absolute)
            for key in (*self.numbers, *self.flags)
        )


@dataclass(frozen=True)
class StringSet:
    """A set (or list, or tuple) of names taken from `allowed`."""

    allowed: tuple[str, ...]

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, set | frozenset | list | tuple):
            return WRONG_TYPE, f"{type(result).__name__}, where a set of names is promised"
        unknown = [item for item in result if not isinstance(item, str) or item not in self.allowed]
        if unknown:
            return WRONG_TYPE, f"{unknown[0]!r} is not on the menu {list(self.allowed)}"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return set(a) == set(b)


def _ordinary(value: Tensor) -> bool:
    """Say whether comparing means what it says: a subclass may redefine it, a sparse tensor has no part of it."""
    return type(value) in (Tensor, nn.Parameter) and value.layout == torch.strided


def _kind(value: Tensor) -> str:
    layout = str(value.layout).removeprefix("torch.")
    return f"a {layout} tensor" if layout != "strided" else f"{type(value).__name__}, a subclass of Tensor"


def show(value: Any) -> str:
    """Write a value to be read: few digits, one matrix row a line; of a large tensor its shape and beginning."""
    if isinstance(value, Tensor):
        value = value.detach()
        if value.numel() > 64:
            return f"shape {list(value.shape)}, first values {_nested(value.flatten()[:6])}"
        rows = _nested(value)
        return rows.replace("], [", "],\n [") if value.dim() > 1 else rows
    if isinstance(value, tuple | list) and any(isinstance(item, Tensor) for item in value):
        return ",\n".join(show(item) for item in value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {show(item)}" for key, item in value.items()) + "}"
    try:
        return str(value)
    except Exception:  # it is the learner's class, and so is its `__str__`
        return f"{type(value).__name__}, which cannot be written down"


def _nested(value: Tensor) -> str:
    if value.dim():
        return "[" + ", ".join(_nested(row) for row in value) + "]"
    return f"{value.item():.4g}" if value.is_floating_point() else str(value.item())
