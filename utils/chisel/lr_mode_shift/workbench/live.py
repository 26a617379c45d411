"""Live runs: quadratic networks that memorise and generalise in seconds, trained with the reader's functions."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from chisel.core.plotting import DASHES, PALETTE, add_slider, new_figure
from chisel.core.scale import LAPTOP, Scale
from chisel.core.seeding import derive_seed, generator
from chisel.lr_mode_shift.batches import batch_order
from chisel.lr_mode_shift.measurements import symmetrised_logits as library_probe
from chisel.lr_mode_shift.presets import QUADRATIC, SMALL
from chisel.lr_mode_shift.records import History
from chisel.lr_mode_shift.runs import Runs, new_model, train_stack
from chisel.lr_mode_shift.settings import Setting, look_steps

Function = Callable[..., Any]
BASE: dict[str, Any] = {**SMALL, **QUADRATIC}
ONE_RUN = (1, 50)
AFTER_ONE = 150  # steps after the switch; at fifty times the rate validation accuracy is up within them
GRID = (1, 10, 50, 300)
AFTER_GRID = 500
COLLAPSE = (1, 5, 50)
AFTER_COLLAPSE = 1000
GENERALISED = 0.95
PATIENCE = 30  # CPU-seconds for a probe in all its calls


def one_run_live(
    make_split: Function, lr_at: Function, train: Function, multipliers: Sequence[float] = ONE_RUN
) -> dict[float, History]:
    """Train one network at the base rate and one that is switched, with the reader's functions; some six CPU-seconds.

    Both have the same first values, the same data and the same batches, so that the multiplier is all they differ in.

    Returns:
        multiplier -> what the reader's `train` returns.
    """
    setting = Setting(**BASE)
    data = make_split(setting.p, setting.fraction, derive_seed(setting.seed, "split"))
    steps = setting.switch_step + AFTER_ONE
    order = batch_order(setting.seed, len(data[0]), setting.batch, steps)
    found = {}
    for multiplier in multipliers:

        def schedule(step: int, multiplier: float = multiplier) -> float:
            return lr_at(step, setting.lr, multiplier, setting.switch_step)

        found[multiplier] = train(
            new_model(setting), data, schedule, steps, order=order, weight_decay=setting.weight_decay
        )
    return found


def one_run_table(histories: Mapping[float, History]) -> list[tuple[str, str]]:
    """Say what two runs have in common and where they part, in words that rounding does not move."""
    switch = BASE["switch_step"]
    base, *others = histories
    rows = []
    for multiplier in others:
        same = torch.equal(histories[base].train_loss[: switch + 1], histories[multiplier].train_loss[: switch + 1])
        apart = not torch.equal(histories[base].train_loss, histories[multiplier].train_loss)
        rows.append((f"{multiplier:g}x, before the switch", "the same run, bit by bit" if same else "another run"))
        rows.append((f"{multiplier:g}x, after it", "another run" if apart else "the same run"))
    for multiplier, history in histories.items():
        words = "generalises" if float(history.val_acc.max()) >= GENERALISED else "does not generalise"
        memorised = "memorises" if float(history.train_acc[: switch + 1].max()) >= 0.99 else "does not memorise"
        rows.append((f"{multiplier:g}x", f"{memorised} before the switch, {words} within {AFTER_ONE} steps of it"))
    return rows


def one_run_figure(histories: Mapping[float, History]) -> Any:
    """Draw training and validation accuracy of single runs, step by step."""
    chart = new_figure("step", "accuracy")
    for (multiplier, history), color in zip(histories.items(), PALETTE, strict=False):
        for (name, values), dash in zip(
            (("train", history.train_acc), ("validation", history.val_acc)), DASHES, strict=False
        ):
            chart.add_scatter(
                x=list(range(len(values))), y=_short(values), mode="lines", name=f"{multiplier:g}x, {name}",
                line={"color": color, "dash": dash},
            )  # fmt: skip
    return _with_switch(chart, BASE["switch_step"])


def grid_live(stacked_forward: Function, adamw_step: Function, scale: Scale = LAPTOP) -> Runs:
    """Train quadratic networks at four rates and three seeds as one stack, with the reader's functions.

    Some ten CPU-seconds.
    """
    base, seeds = BASE, range(scale.pick(3, 20))
    settings = [Setting(**{**base, "multiplier": float(m), "seed": seed}) for m in GRID for seed in seeds]
    steps = base["switch_step"] + AFTER_GRID
    looks = look_steps(steps, base["switch_step"], ((100, 1), (AFTER_GRID, 10)), 20)
    return train_stack(
        settings, steps, looks, device=scale.device, forward=stacked_forward, step_rule=adamw_step,
        description=f"training {len(settings)} networks",
    )  # fmt: skip


def collapse_live(symmetrised_logits: Function, scale: Scale = LAPTOP) -> Runs:
    """Train quadratic networks on full batches at three rates, and ask the reader's probe on the way.

    Some ten CPU-seconds. Where the probe would need minutes the library's is asked in its place, and this says so. The
    curve "general" is the share of the logits' energy that depends on a + b - c alone, after each pair's mean logit,
    which changes no answer, was taken out.
    """

    def general(logits: Tensor, _: Tensor) -> Tensor:
        centred = logits.double() - logits.double().mean(dim=-1, keepdim=True)
        kept = torch.stack([symmetrised_logits(own) for own in centred])
        return kept.square().flatten(1).sum(1) / centred.square().flatten(1).sum(1)

    base, seeds = {**BASE, "batch": 0}, range(scale.pick(2, 20))
    settings = [Setting(**{**base, "multiplier": float(m), "seed": seed}) for m in COLLAPSE for seed in seeds]
    steps = base["switch_step"] + AFTER_COLLAPSE
    looks = look_steps(steps, base["switch_step"], ((100, 5), (AFTER_COLLAPSE, 20)), 50)
    symmetrised_logits = _quick_enough(symmetrised_logits, len(settings) * len(looks))
    return train_stack(
        settings, steps, looks, {"general": general}, scale.device, description=f"training {len(settings)} networks"
    )


def _quick_enough(probe: Function, calls: int) -> Function:
    """Return the reader's probe, or the library's where the reader's would need more than `PATIENCE` for its calls."""
    logits = torch.randn(BASE["p"], BASE["p"], BASE["p"], generator=generator(0, "a probe's time")).double()
    start = time.process_time()
    probe(logits)
    needed = (time.process_time() - start) * calls
    if needed <= PATIENCE:
        return probe
    print(
        f"Your symmetrised_logits is right and slow: {calls} calls would need more than {PATIENCE} seconds. "
        "Here the library's is asked in its place."
    )
    return library_probe


def grid_table(shift_metrics: Function, runs: Runs) -> list[tuple[str, str]]:
    """Say by multiplier what the reader's `shift_metrics` finds, as counts over seeds, and how many generalise."""
    rows = []
    for multiplier in dict.fromkeys(setting.multiplier for setting in runs.settings):
        members = [k for k, setting in enumerate(runs.settings) if setting.multiplier == multiplier]
        outcomes = Counter(shift_metrics(*_at_every_step(runs, k)).outcome for k in members)
        general = sum(float(runs.curves["val_acc"][k].max()) >= GENERALISED for k in members)
        words = ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()))
        rows.append((f"{multiplier:g}x", f"generalised {general} of {len(members)}; {words}"))
    return rows


def curves_figure(runs: Runs, names: Sequence[str] = ("train_acc", "val_acc")) -> Any:
    """Draw curves by multiplier, one line a seed, one multiplier at a time by a slider."""
    words = {"train_acc": "train", "val_acc": "validation", "general": "general part of the logits"}
    chart = new_figure("step", "accuracy" if len(names) == 2 else "share")
    groups: dict[str, list[int]] = {}
    for multiplier in dict.fromkeys(setting.multiplier for setting in runs.settings):
        members = [k for k, setting in enumerate(runs.settings) if setting.multiplier == multiplier]
        first = len(list(chart.select_traces()))
        for name, color, dash in zip(names, PALETTE, DASHES, strict=False):
            for k in members:
                chart.add_scatter(
                    x=runs.steps.tolist(), y=_short(runs.curves[name][k]), mode="lines", name=words[name],
                    legendgroup=name, showlegend=k == members[0], line={"color": color, "dash": dash, "width": 1.5},
                )  # fmt: skip
        groups[f"{multiplier:g}x"] = list(range(first, len(list(chart.select_traces()))))
    chart.update_yaxes(range=[-0.03, 1.06])
    return add_slider(_with_switch(chart, runs.settings[0].switch_step), "rate ", groups, active=len(groups) - 1)


def smoothed_figure(smoothers: Mapping[str, Function], accuracy: Tensor, window: int, switch_step: int) -> Any:
    """Draw one accuracy curve as it was measured and as each smoother(accuracy, window, switch_step) has it."""
    chart = new_figure("step", "training accuracy")
    steps = list(range(len(accuracy)))
    lines = {
        "measured": accuracy,
        **{name: smooth(accuracy, window, switch_step) for name, smooth in smoothers.items()},
    }
    for (name, values), color, dash in zip(lines.items(), PALETTE, DASHES, strict=False):
        width = 1 if name == "measured" else 2.5
        chart.add_scatter(
            x=steps, y=_short(values), mode="lines", name=name, line={"color": color, "dash": dash, "width": width}
        )
    return _with_switch(chart, switch_step)


def _short(values: Tensor) -> list[float]:
    """Return values with the digits that a chart can show."""
    return [round(value, 4) for value in values.tolist()]


def _at_every_step(runs: Runs, member: int) -> tuple[Tensor, Tensor, int]:
    """Return both accuracy curves with a value at every step, each look's until the next, and the switch."""
    steps = runs.steps
    lengths = torch.cat([steps[1:], steps[-1:] + 1]) - steps
    train, val = (runs.curves[name][member].repeat_interleave(lengths) for name in ("train_acc", "val_acc"))
    return train, val, runs.settings[member].switch_step


def _with_switch(chart: Any, switch: int) -> Any:
    return chart.add_vline(x=switch, line={"color": PALETTE[3], "dash": "dot", "width": 1.5})
