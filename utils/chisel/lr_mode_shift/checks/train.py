"""The check of `train`: what is measured, when, and how exactly; what the steps are; and what measuring leaves alone.

The models are two tables, some of them behind dropout. Where a run ends is compared with sums over its gradients, and
what is measured with other runs of the same function, so that a property looks at one side of it alone.
"""

from collections.abc import Iterator, Sequence
from math import log
from typing import Any

import torch
from torch import Tensor, nn

from chisel.checking import Attempt, Check, Draw, close
from chisel.checking.contract import show
from chisel.lr_mode_shift.checks import _training_faults as faults
from chisel.lr_mode_shift.checks import _training_toys as toys
from chisel.lr_mode_shift.checks._in_place import Recipe, watched
from chisel.lr_mode_shift.checks._training_toys import Data, Rates, Trained, entries, followed

check = Check(
    exercise="train",
    solution="chisel.lr_mode_shift.training:train",
    arguments=("model", "data", "schedule", "steps", "order", "weight_decay", "betas"),
    returns=toys.Measured(),
    example="steps 1000, schedule 0.001 up to step 599 and 0.02 from step 600 on  ->  1001 entries a curve; number 600 "
    "is of the model just before its first step at 0.02, and all up to it are the same whatever the later rate",
    read="the section 'Changing the rate, and nothing else' of the chapter",
    single_precision=False,
)
BETAS = (0.8, 0.9)
TOLERANCE = 1e-4  # where gradients are small, the eps of AdamW shows: that is looked at in a property of its own
PARTS = ("the model", "its first dropout", "its second dropout")


def _run(attempt: Attempt, *arguments: Any, remember: bool = False) -> Trained:
    return watched(attempt, toys.watch)(*arguments, remember=remember)


@check.property(
    "measured",
    "the first entry is what the model does before its first step",
    *(faults.EXCHANGED, faults.SAME_SET, faults.LATE, faults.BATCH, faults.PERCENT, faults.WRONG_ONES),
    *(faults.SUMMED, faults.UNITS, faults.MEASURE, faults.SINGLE),
)
def measured(attempt: Attempt, draw: Draw) -> None:
    p, data = 5, toys.additions(draw, 5, 0.4)
    model, order = toys.tables(draw, data, sure=1.0, told_apart=True), draw.integers(0, len(data[0]), 1, 3)
    arguments = (model, data, Rates(0.1), 1, order, 0.1, BETAS)
    run = _run(attempt, *arguments, remember=True)
    got, want = entries(run)[:, 0], toys.measured(model.make(), data)
    if not close(got, want):
        (n, m), rows = map(len, data), data[0][order[0]]
        factors = {
            "not-a-share": [(100, 100, 1, 1), (n, m, 1, 1)],
            "loss-summed": [(1, 1, n, m)],
            "other-unit": [(1, 1, 1 / log(base), 1 / log(base)) for base in (2, 10, p)],
        }
        suspects = {
            "sets-exchanged": [want[[1, 0, 3, 2]]],
            "same-set-twice": [want[[0, 0, 2, 2]], want[[1, 1, 3, 3]]],
            "measured-after-the-step": [toys.measured(toys.going_on(model, run.weights).make(), data)],
            "batch-measured": [toys.measured(model.make(), (rows, data[1]))],
            "errors-counted": [torch.cat([1 - want[:2], want[2:]])],
            **{id: [want * torch.tensor(x, dtype=torch.float64) for x in some] for id, some in factors.items()},
        }
        tried = f"{attempt.describe(arguments)}\nand the first entry of {', '.join(toys.CURVES)}"
        attempt.expect(got, want, "wrong-measurement", tried, suspects)
    sure = toys.tables(draw, data, sure=26.0, dtype=torch.float32)
    arguments = (sure, data, Rates(), 0, None, 0.1, BETAS)
    got, want = entries(_run(attempt, *arguments))[2:, 0], toys.measured(sure.make(), data)[2:]
    if not close(got / want, torch.ones(2), 1e-3):
        words = f"{show(got)}\nwhere its logits make it {show(want)}"
        attempt.fail("single-precision-loss", f"{attempt.describe(arguments)}\nand its losses on both sets", words)


@check.property(
    "steps",
    "a step is one of AdamW, at its own rate and with its own rows",
    *(faults.UNTRAINED, faults.ALL_ROWS, faults.SHIFTED, faults.RATE, faults.RATE_SHIFTED, faults.RATE_MULTIPLIED),
    *(faults.FORGETS, faults.PILED_UP, faults.NO_DECAY, faults.L2, faults.BETAS, faults.COUNT, faults.STEPS),
)
def steps(attempt: Attempt, draw: Draw) -> None:
    cases = (
        (3, 3, (0.05, 0.3, 0.3), 0.4, BETAS),
        (4, 1, (0.2, 0.0, 0.1), 0.15, (0.5, 0.7)),
    )
    for p, batch, rates, decay, betas in cases:
        data, number = toys.additions(draw, p, 0.5), len(rates)
        model, order = toys.tables(draw, data), draw.integers(0, len(data[0]), number, batch)
        arguments = (model, data, Rates(*rates), number, order, decay, betas)
        got, want = _run(attempt, *arguments).weights, followed(model.make(), [*data[0][order]], rates, decay, betas)
        if close(got, want, TOLERANCE):
            continue
        tried = f"{attempt.describe(arguments)}\nand the parameters that are left"
        for id, value in _known(model, data, order, rates, decay, betas):
            if close(got, value) and not close(want, value):
                attempt.fail(id, tried, got)
        attempt.fail("wrong-steps", tried, got)


def _known(
    model: Recipe, data: Data, order: Tensor, rates: Sequence[float], decay: float, betas: tuple[float, float]
) -> Iterator[tuple[str, Tensor]]:
    """Where known mistakes lead."""
    own, count = data[0][order], len(rates)

    def end(batches: Any = own, rates: Sequence[float] = rates, decay: float = decay, betas: Any = betas, **more: Any):
        return followed(model.make(), batches, rates, decay, betas, **more)

    yield "not-trained", nn.utils.parameters_to_vector(model.make().parameters()).detach()
    yield "schedule-ignored", end(rates=[rates[0]] * count)
    for shifted in ([rates[0], *rates[:-1]], [*rates[1:], 1e3], [*rates[1:], rates[-1]]):
        yield "rate-shifted", end(rates=shifted)
    products = torch.tensor(rates, dtype=torch.float64).cumprod(0).tolist()
    for piled in (products, [rates[0], *(rates[0] * rate for rate in products[1:])]):
        yield "rates-multiplied", end(rates=piled)
    for lost in (range(count), [t for t in range(1, count) if rates[t] != rates[t - 1]]):
        yield "moments-lost", end(afresh=lost)
    for other in (0.0, 0.01, 1.0):
        yield "weight-decay-ignored", end(decay=other)
    yield "l2-for-decoupled", end(decay=0.0, l2=decay)
    for others in ((0.9, 0.98), (0.9, 0.999), betas[::-1]):
        yield "betas-ignored", end(betas=others)
    yield "gradients-pile-up", end(piling=True)
    yield "order-ignored", end([data[0]] * count)
    for step in (1, -1):
        yield "order-shifted", end(own.roll(step, 0))
    yield "steps-miscounted", end(own[:-1], rates[:-1])
    for row in (own[-1:], own[:1]):
        for rate in (1e3, rates[-1]):
            yield "steps-miscounted", end(torch.cat([own, row]), [*rates, rate])


@check.property("mean", "where gradients are tiny, their size counts", faults.LOSS)
def mean(attempt: Attempt, draw: Draw) -> None:
    data = toys.additions(draw, 3, 0.6)
    model, rates = toys.tables(draw, data, sure=18.0), (0.1,)
    order = draw.permutation(len(data[0]))[None, :4]
    arguments = (model, data, Rates(*rates), 1, order, 0.0, BETAS)
    got, want = _run(attempt, *arguments).weights, followed(model.make(), [data[0][order[0]]], rates, 0.0, BETAS)
    if not close(got, want, 1e-6):
        attempt.fail("loss-not-averaged", f"{attempt.describe(arguments)}\nand the parameters that are left", got)


@check.property("defaults", "without more arguments, full batches and the promised AdamW", faults.FULL, faults.DEFAULTS)
def defaults(attempt: Attempt, draw: Draw) -> None:
    data = toys.additions(draw, 3, 0.6)
    model, rates = toys.tables(draw, data), (0.4, 0.4, 0.4)
    arguments = (model, data, Rates(*rates), 3)
    got, full = _run(attempt, *arguments).weights, [data[0]] * 3
    want = followed(model.make(), full, rates, 1.0, (0.9, 0.98))
    if close(got, want, TOLERANCE):
        return
    others = ((decay, betas) for decay in (1.0, 0.0, 0.01, 0.1) for betas in ((0.9, 0.98), (0.9, 0.999)))
    usual = any(close(got, followed(model.make(), full, rates, *other), TOLERANCE) for other in others)
    tried = f"{attempt.describe(arguments)}\nand the parameters that are left"
    attempt.fail("other-defaults" if usual else "not-all-rows", tried, got)


@check.property("entries", "entry t is of the model after t steps", faults.AHEAD, faults.STALE)
def when(attempt: Attempt, draw: Draw) -> None:
    data = toys.additions(draw, 3, 0.6)
    # The model begins with nearly all right, and a step as long as the first one costs it much of that.
    model, order, rest = toys.tables(draw, data, sure=6.0), draw.integers(0, len(data[0]), 3, 3), (0.05, BETAS)
    arguments = (model, data, Rates(10.0, 0.8, 0.05), 3, order, *rest)
    long, short = _run(attempt, *arguments), _run(attempt, model, data, Rates(10.0), 1, order[:1], *rest)
    if not close(entries(long)[:, :2], entries(short)):
        tried = f"{attempt.describe(arguments)}\nand the same with the first step only"
        words = f"{_written(long)}\nand with the first step only\n{_written(short)}"
        attempt.fail("looks-ahead", tried, words)
    for steps, run in ((1, short), (3, long)):
        left = _run(attempt, toys.going_on(model, run.weights), data, Rates(), 0, None, *rest)
        if not close(entries(run)[:, steps], entries(left)[:, 0]):
            words = f"{_written(run)}\nand of the model that {steps} of these steps leave\n{_written(left)}"
            attempt.fail("entries-shifted", attempt.describe(arguments), words)


@check.property(
    "alone",
    "measuring leaves the modes, the weights and the random numbers alone",
    *(faults.MODES, faults.TRAIN_MODE, faults.OTHER_MODE, faults.DRAWS, faults.GRADIENTS),
)
def alone(attempt: Attempt, draw: Draw) -> None:
    data = toys.additions(draw, 3, 0.6)
    whole, runs = toys.tables(draw, data, dropout=0.5), []
    for modes in ((False, False, False), (True, False, True), (False, True, False)):
        model, seed = toys.in_modes(whole, modes), draw.integer(0, 2**31)
        arguments = (model, data, Rates(0.1), 1, None, 0.1, BETAS)
        torch.default_generator.manual_seed(seed)
        run = _run(attempt, *arguments)
        if run.modes != list(modes):
            words = ", ".join(map(toys.in_words, PARTS, run.modes))
            attempt.fail("modes-changed", attempt.describe(arguments), words)
        runs.append((arguments, modes, seed, run))
    first = runs[0][-1]
    for arguments, *_, run in runs:
        if not close(entries(run)[:, 0], entries(first)[:, 0]):
            words = f"{_written(run)}\nand of the same model that came in evaluation mode\n{_written(first)}"
            attempt.fail("measured-in-training-mode", attempt.describe(arguments), words)
    for arguments, modes, seed, run in runs:
        model = arguments[0]
        weights, left = _end(model, data, seed), torch.get_rng_state()
        if not close(run.weights, weights, TOLERANCE):
            others = [_end(model, data, seed, one, two) for one in (True, False) for two in (True, False)]
            other = not any(modes) or any(close(run.weights, weights, TOLERANCE) for weights in others)
            tried = f"{attempt.describe(arguments)}\nand the parameters that are left"
            attempt.fail("trained-in-another-mode" if other else "random-numbers-drawn", tried, run.weights)
        if not torch.equal(run.random, left):
            words = "another global random state afterwards than if only the step draws"
            attempt.fail("random-numbers-drawn", attempt.describe(arguments), words)
        if any(modes) and any(run.looks):
            words = f"{sum(run.looks)} of {len(run.looks)} calls in evaluation mode had gradients switched on"
            attempt.fail("measured-with-gradients", attempt.describe(arguments), words)


def _end(model: Recipe, data: Data, seed: int, *others: bool) -> Tensor:
    """Where such a run ends if nothing but its steps draws; with the dropouts in other modes if such are given."""
    made = model.make()
    for part, on in zip((made.first, made.second), others, strict=False):
        part.training = on
    return followed(made, [data[0]], (0.1,), 0.1, BETAS, seed=seed)


def _written(run: Trained) -> str:
    return "\n".join(f"{name}: {show(curve)}" for name, curve in zip(toys.CURVES, entries(run), strict=True))
