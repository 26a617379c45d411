"""A check: an ordered list of named properties, each with the diagnoses that it can give."""

import copy
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from chisel.checking.attempt import Attempt, Call, Fault, NotAttempted
from chisel.checking.contract import Contract, show
from chisel.checking.draw import Draw
from chisel.checking.graded import LibraryWatch, switched_on
from chisel.checking.keeping import keep_outcome
from chisel.checking.limits import CPU_SECONDS, WALL_SECONDS, OutOfTime, run_within
from chisel.checking.randomness import disturb_random, random_state, restore_random
from chisel.checking.report import FAILED, NOT_ATTEMPTED, PASSED, CheckFailed, Diagnosis, Finding, Report
from chisel.checking.settings import restore_settings, torch_settings
from chisel.checking.values import copied

NOT_A_FUNCTION = Diagnosis(
    "not-a-function", "this is not a function", "Pass the function itself, without calling it: `checks.name(name)`."
)
WRONG_SIGNATURE = Diagnosis(
    "wrong-signature",
    "the function takes other arguments",
    "The names and order of the arguments are part of the exercise; more may be added if they have defaults.",
)
ENDLESS = Diagnosis(
    "endless",
    "the function does not come to an end",
    "It was stopped. The inputs are tiny, so look for a loop whose condition never turns false, or a loop "
    "inside a loop over the data; or for something that takes seconds to begin, such as `torch.compile`.",
)
NOT_REPEATABLE = Diagnosis(
    "not-repeatable",
    "the same input gives another answer the second time",
    "Something outlives the call: a global, a default argument that is changed, a cache, or random numbers.",
)
SINGLE_PRECISION = Diagnosis(
    "single-precision",
    "in float32 the answer is another one",
    "The same input in single precision must give the same answer to about three digits. Look for a hard-coded "
    "dtype, or for numbers so large or small that float32 loses them.",
)

Test = Callable[[Attempt, Draw], None]


@dataclass(frozen=True)
class Property:
    """Something that every right implementation has: an identity, an invariance, a limit.

    `diagnoses` are the faults that a violation can point to. `test` returns when the property holds.
    """

    id: str
    says: str
    diagnoses: tuple[Diagnosis, ...]
    test: Test


@dataclass(slots=True)  # without a dict of its own, nobody puts another `run` into it
class Check:
    """The check of one exercise. Call it with the learner's function.

    Attributes:
        exercise: the function's name; gallery, hints and `grade_id` share it.
        solution: "module:function" of the library's version. A name only: a check never imports it.
        arguments: the argument names of the contract, in order.
        returns: the form of the result.
        example: a worked example in words, shown while nothing has been attempted.
        read: where the idea is explained.
        single_precision: whether recorded calls are repeated in float32.
    """

    exercise: str
    solution: str
    arguments: tuple[str, ...]
    returns: Contract
    example: str
    read: str
    single_precision: bool = True
    properties: list[Property] = field(default_factory=list)

    def property(self, id: str, says: str, *diagnoses: Diagnosis) -> Callable[[Test], Test]:
        """Register the decorated function as the next property. Its diagnoses must have ids of their own."""

        def register(test: Test) -> Test:
            if any(p.id == id for p in self.properties):
                raise ValueError(f"{self.exercise}: property {id!r} is there already")
            self.properties.append(Property(id, says, diagnoses, test))
            return test

        return register

    def declared_ids(self) -> set[str]:
        """The ids of every diagnosis that a property of this check declares."""
        return {d.id for p in self.properties for d in p.diagnoses}

    def __call__(self, function: Callable[..., Any], *, seed: int | None = None, strict: bool | None = None) -> Report:
        """Check `function`, print the report and return it.

        Args:
            seed: of the test inputs; by default $CHISEL_CHECK_SEED, else 0.
            strict: raise instead of printing a failure; by default when $CHISEL_STRICT is 1. With $CHISEL_GRADED=1 the
                library's own function is refused. Otherwise the outcome goes into the reader's journal.

        Raises:
            CheckFailed: in strict mode, unless the check passed.
        """
        if seed is None:
            seed = int(os.environ.get("CHISEL_CHECK_SEED", "0"))
        if strict is None:
            strict = switched_on("CHISEL_STRICT")
        graded = switched_on("CHISEL_GRADED")
        report = self.run(function, seed=seed, graded=graded)
        notice = "" if graded else keep_outcome(report)
        if strict and report.status != PASSED:  # and not its truth value, which a notebook can redefine
            raise CheckFailed(report)
        print(f"{report}\n{notice}" if notice else report)
        return report

    def run(
        self,
        function: Callable[..., Any],
        *,
        seed: int = 0,
        graded: bool = False,
        keep_going: bool = False,
        cpu_seconds: float = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
    ) -> Report:
        """Check `function` silently. With `keep_going`, every property is tried even after one has failed.

        Raises:
            RuntimeError: the check itself is at fault.
        """
        if not self.properties:
            raise RuntimeError(f"the check {self.exercise!r} has no property, so it can find nothing")
        outcomes: dict[str, Finding | None] = {}

        def report(status: Literal["passed", "failed", "not attempted"], finding: Finding | None = None) -> Report:
            return Report(
                self.exercise, status, finding, dict(outcomes), function, self.solution, self.read, self.example, seed
            )

        refused = self._refusal(function)
        if refused:
            return report(FAILED, refused)
        attempt = Attempt(function, self.arguments, self.returns)
        watch = LibraryWatch(self.solution) if graded else None

        def work() -> None:
            if watch:
                watch.start()
            self._try_all(attempt, outcomes, seed, keep_going)
            if watch:
                watch.end()

        random_before, settings_before = random_state(), torch_settings()
        try:
            raised = run_within(work, cpu_seconds, wall_seconds)
        finally:
            restore_random(random_before)
            restore_settings(settings_before)
            if watch:
                watch.put_back()
        if isinstance(raised, NotAttempted):
            outcomes.clear()
            return report(NOT_ATTEMPTED)
        if isinstance(raised, OutOfTime):
            tried = f"the property {attempt.doing!r}, with a budget of {cpu_seconds:g} CPU-seconds for the whole check"
            return report(FAILED, Finding(ENDLESS, tried, "no answer"))
        if raised is not None:
            raise RuntimeError(f"the check {self.exercise!r} has a fault of its own; please report it") from raised
        failed = next((f for f in outcomes.values() if f is not None), None)
        failed = watch.finding(failed) if watch else failed
        return report(FAILED, failed) if failed else report(PASSED)

    def _refusal(self, function: Any) -> Finding | None:
        """Return a finding for something that cannot even be called with the promised arguments."""
        tried = f"{self.exercise}({', '.join(self.arguments)})"
        if not callable(function):
            return Finding(NOT_A_FUNCTION, tried, show(function))
        try:
            signature = inspect.signature(function)
        except (ValueError, TypeError):
            return None  # some built-ins have no signature, some objects a false one; calling them will tell
        try:
            signature.bind(*self.arguments)
        except TypeError as error:
            return Finding(WRONG_SIGNATURE, tried, f"{signature}: {error}")
        return None

    def _try_all(self, attempt: Attempt, outcomes: dict[str, Finding | None], seed: int, keep_going: bool) -> None:
        floor = [Property("repeatable", "the same input gives the same answer", (NOT_REPEATABLE,), _repeatable)]
        if self.single_precision:
            floor.append(Property("float32", "single precision agrees", (SINGLE_PRECISION,), _single_precision))
        for item in [*self.properties, *floor]:
            attempt.begin(item.id, item.diagnoses)
            try:
                item.test(attempt, Draw(seed, self.exercise, item.id))
            except Fault as fault:
                outcomes[item.id] = fault.finding
                if not keep_going:
                    return
            else:
                outcomes[item.id] = None


def _repeatable(attempt: Attempt, draw: Draw) -> None:
    """Make the recorded calls again, last one first, under another global random state."""
    state = random_state()
    disturb_random(draw.integer(0, 2**31))
    for call in reversed(list(attempt.calls)):
        again = attempt(*copied(call.arguments), remember=False)
        if not attempt.contract.same(again, call.result, 1e-9, 1e-12):
            attempt.fail(
                "not-repeatable", attempt.describe(call.arguments), f"{show(again)}\nafter {show(call.result)}"
            )
    restore_random(state)


def _single_precision(attempt: Attempt, draw: Draw) -> None:
    """Make the recorded calls again in float32."""
    for call in [c for c in attempt.calls if c.float32]:
        arguments = copied(call.arguments)
        single = tuple(_to_float32(a) for a in arguments)
        if all(a is b for a, b in zip(single, arguments, strict=True)):
            continue
        got = attempt(*single, remember=False)
        if not attempt.contract.same(got, call.result, 2e-3, 2e-3 * _size(call)):
            attempt.fail("single-precision", attempt.describe(single), f"{show(got)}\nin float64: {show(call.result)}")


def _to_float32(value: Any) -> Any:
    if isinstance(value, Tensor) and value.dtype == torch.float64:
        return value.detach().to(torch.float32).requires_grad_(value.requires_grad)
    if isinstance(value, nn.Module):
        return copy.deepcopy(value).to(torch.float32)
    return value


def _size(call: Call) -> float:
    """The largest number in a call's result, as the scale of its rounding error."""
    if isinstance(call.result, Tensor):
        return max(1e-3, float(call.result.abs().max())) if call.result.numel() else 1.0
    return 1e-3
