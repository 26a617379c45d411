"""A learner's function behind guards: every call is watched, and what it breaks becomes a diagnosis."""

import linecache
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from chisel.checking.contract import RETURNED_NONE, WRONG_TYPE, Contract, FloatDict, Number, show
from chisel.checking.limits import OutOfTime
from chisel.checking.randomness import random_state, restore_random
from chisel.checking.report import Diagnosis, Finding
from chisel.checking.settings import restore_settings, torch_settings
from chisel.checking.values import copied, describe_value, detached, snapshot

RAISED = Diagnosis(
    "raised",
    "the function raises an exception",
    "The arguments keep the promises of the docstring, so the function has to cope with them.",
)
INPUT_CHANGED = Diagnosis(
    "input-changed",
    "the function changes its input",
    "Whoever called it still needs the old values. Work on a new tensor: in-place operations (`x[...] = `, "
    "`+=`, `mul_`) on an argument, or `backward()` into it, reach the caller.",
)
GLOBAL_RANDOM = Diagnosis(
    "global-random",
    "the function draws from (or seeds) the global random state",
    "Where random numbers are asked for, the generator to take them from is an argument. Whoever calls the function "
    "loses their reproducible stream otherwise.",
)
SETTINGS_CHANGED = Diagnosis(
    "settings-changed",
    "the function changes a setting of torch and leaves it so",
    "Whoever calls it goes on with that setting, without knowing. Give `dtype=` or `device=` where a tensor is made, "
    "and switch gradients off in a `with` block.",
)
NO_GRADIENT = Diagnosis(
    "no-gradient",
    "no gradient reaches the parameters",
    "Somewhere between the input and the result the graph is cut: by `detach()`, `item()`, `no_grad()`, numpy, "
    "or a new tensor made from numbers.",
)


class NotAttempted(Exception):
    """The stub is untouched."""


class Fault(Exception):
    """A property does not hold; carries the finding out of the property."""

    def __init__(self, finding: Finding):
        super().__init__(finding.diagnosis.id)
        self.finding = finding


@dataclass(frozen=True)
class Call:
    """One recorded call, kept so that it can be made again under other circumstances."""

    arguments: tuple[Any, ...]
    result: Any
    float32: bool


class Attempt:
    """The function under test, as properties see it: `attempt(*arguments)` is a guarded call."""

    def __init__(self, function: Callable[..., Any], names: Sequence[str], contract: Contract):
        self.function = function
        self.names = tuple(names)
        self.contract = contract
        self.calls: list[Call] = []
        self.doing = "the first call"
        self._answered = False
        self._declared: Mapping[str, Diagnosis] = {}

    def begin(self, property_id: str, diagnoses: Sequence[Diagnosis]) -> None:
        """Turn to the next property: only the diagnoses that it declares can be given."""
        self.doing = property_id
        self._declared = {d.id: d for d in diagnoses}

    def __call__(self, *arguments: Any, float32: bool = True, remember: bool = True) -> Any:
        """Call the function and return its result, once form, purity and finiteness are settled.

        Args:
            float32: whether this call may be repeated in single precision. Say no where rounding decides the answer.
            remember: whether this call may be repeated at all.
        """
        self._tried = self.describe(arguments)
        before = [snapshot(argument) for argument in arguments]
        kept = copied(arguments) if remember and len(self.calls) < 24 else None
        random_before, settings_before = random_state(), torch_settings()
        try:
            result = self.function(*arguments)
        except OutOfTime:
            raise
        except BaseException as error:
            # Whatever the learner's code raises, be it to end the program, is an answer to be explained.
            restore_settings(settings_before)
            if isinstance(error, NotImplementedError) and not error.args and not self._answered:
                raise NotAttempted from None
            self._found(replace(RAISED, mistake=f"the function raises {type(error).__name__}"), self._explain(error))
        self._answered = True
        if result is None:
            self._found(RETURNED_NONE, "None")
        settings_changed = restore_settings(settings_before)
        random_changed = random_state() != random_before
        if random_changed:
            restore_random(random_before)
        for name, argument, old in zip(self.names, arguments, before, strict=False):
            if snapshot(argument) != old:
                self._found(INPUT_CHANGED, f"`{name}` afterwards: {_afterwards(argument)}")
        try:
            problem = self.contract.problem(result, dict(zip(self.names, arguments, strict=False)))
        except Exception as error:
            # Looking at an object of the learner's runs code of theirs, or what torch has not got for such a tensor.
            problem = WRONG_TYPE, f"{type(result).__name__}, which cannot be looked at: {_words(error)}"
        if problem:
            self._found(*problem)
        if settings_changed:
            self._found(SETTINGS_CHANGED, f"changed: {', '.join(settings_changed)}")
        if isinstance(self.contract, Number | FloatDict):
            result = detached(result)  # a number is asked for: a graph behind it is no fault, and of no use
        if random_changed:
            self._found(GLOBAL_RANDOM, "another global random state than before the call")
        if kept is not None:
            self.calls.append(Call(kept, copied(detached(result)), float32))
        return result

    def not_refused(self, error: type[Exception], *arguments: Any) -> list[Any]:
        """Call the function with what it is to refuse; return [] if it does so by raising `error`.

        Otherwise the one item is what came back, or what else was raised, in words.
        """
        try:
            return [self.function(*arguments)]
        except error:
            return []
        except OutOfTime:
            raise
        except BaseException as other:  # whatever the learner's code raises is an answer
            return [f"a {type(other).__name__}"]

    def fail(self, id: str, tried: str, got: Any) -> NoReturn:
        """Report the declared diagnosis `id`.

        Raises:
            KeyError: the property does not declare `id`. That is a fault of the check, never of the learner.
        """
        raise Fault(Finding(self._declared[id], tried, got if isinstance(got, str) else show(got)))

    def blame(self, got: Any, tried: str, suspects: Mapping[str, Sequence[Any]], otherwise: str) -> NoReturn:
        """Report the first suspect one of whose wrong values is what came back; `otherwise` when none is.

        Suspects are the results of known mistakes on the same input: they name a fault, they never decide that there
        is one.
        """
        for id, values in suspects.items():
            if any(close(got, value) for value in values):
                self.fail(id, tried, got)
        self.fail(otherwise, tried, got)

    def expect(
        self,
        got: Any,
        want: Any,
        otherwise: str,
        tried: str,
        suspects: Mapping[str, Sequence[Any]] | None = None,
        tolerance: float = 1e-8,
    ) -> None:
        """Compare with a known value; on a difference, `blame`.

        Suspects that equal `want` on this input are passed over.
        """
        if close(got, want, tolerance):
            return
        told_apart = {id: [v for v in values if not close(v, want)] for id, values in (suspects or {}).items()}
        self.blame(got, tried, told_apart, otherwise)

    def gradient(self, result: Tensor, inputs: Sequence[Tensor], tried: str) -> tuple[Tensor, ...]:
        """Differentiate `result` by `inputs`.

        Zeros for an input that is not used, a diagnosis when nothing is connected.
        """
        if not result.requires_grad:
            raise Fault(Finding(NO_GRADIENT, tried, "a value without a gradient (`requires_grad` is False)"))
        found = torch.autograd.grad(result, inputs, allow_unused=True, retain_graph=True)
        if all(g is None for g in found):
            raise Fault(
                Finding(NO_GRADIENT, tried, "a value that does not depend on the input, as far as autograd can see")
            )
        return tuple(torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True))

    def describe(self, arguments: Sequence[Any]) -> str:
        """Write a call's arguments, one a line."""
        if not arguments:
            return "a call without arguments"
        lines = []
        for name, argument in zip(self.names, arguments, strict=False):
            head = f"{name} = "
            lines.append(head + describe_value(argument).replace("\n", "\n" + " " * len(head)))
        return "\n".join(lines)

    def _found(self, diagnosis: Diagnosis, got: str) -> NoReturn:
        raise Fault(Finding(diagnosis, self._tried, got)) from None

    def _explain(self, error: BaseException) -> str:
        """Return the error's own words with the learner's line, without the stack around it."""
        text = _words(error)
        line = _line_of(error.__traceback__, getattr(getattr(self.function, "__code__", None), "co_filename", ""))
        return f"{text}\nat: {line}" if line else text


def close(a: Any, b: Any, tolerance: float = 1e-8) -> bool:
    """Say whether two numbers or tensors agree, relative to the larger of them and 1. A wrong shape never agrees."""
    # Converted at once: a Python float would first become a float32 tensor.
    x, y = (torch.as_tensor(value, dtype=torch.float64).detach() for value in (a, b))
    if x.shape != y.shape:
        return False
    scale = max(1.0, float(y.abs().max())) if y.numel() else 1.0
    return bool(((x - y).abs() <= tolerance * scale).all())


def _afterwards(value: Any) -> str:
    """Write a changed argument, with what its numbers alone do not show."""
    if isinstance(value, nn.Module):
        return f"{describe_value(value)}, with another value, `.grad`, `requires_grad` or mode than before"
    left_behind = value.grad if isinstance(value, Tensor) and value.is_leaf else None
    return describe_value(value) + ("" if left_behind is None else f"\nand its `.grad`: {show(left_behind)}")


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # it is the learner's class, and so is its `__str__`
        return f"{type(error).__name__}, whose own message cannot be shown"


def _line_of(trace: TracebackType | None, filename: str) -> str:
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename == filename]
    return linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip() if frames else ""
