"""What stacking buys: quadratic networks as one computation against a loop over modules."""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

from chisel.core.benches import Bench
from chisel.lr_mode_shift.batches import batch_order
from chisel.lr_mode_shift.presets import QUADRATIC, SMALL
from chisel.lr_mode_shift.runs import Setting, new_model, split_of, train_stack

MEMBERS, STEPS = 8, 60


@cache
def settings() -> tuple[Setting, ...]:
    """Return the runs: p = 31, 128 hidden units, batches of 128, one seed a member."""
    base = {**SMALL, **QUADRATIC, "switch_step": 0}
    return tuple(Setting(**{**base, "seed": seed}) for seed in range(MEMBERS))


def train_as_stack() -> dict[str, Tensor]:
    """Make the steps with all networks at once, measured at the end alone; return the weights."""
    return dict(train_stack(settings(), STEPS, [STEPS]).params)


def train_one_by_one() -> list[nn.Module]:
    """Make the same steps with a plain loop over modules, each with an optimiser of its own."""
    return [_trained(setting) for setting in settings()]


def _trained(setting: Setting) -> nn.Module:
    model, (train, _) = new_model(setting), split_of(setting)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=setting.lr, betas=(0.9, 0.98), weight_decay=setting.weight_decay
    )
    order = batch_order(setting.seed, len(train), setting.batch, STEPS)
    assert order is not None
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = setting.lr * min(1.0, (step + 1) / setting.warmup)
        a, b, c = train[order[step]].unbind(1)
        optimiser.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(a, b), c).backward()
        optimiser.step()
    return model


BENCHES: Sequence[Bench] = [
    Bench(
        f"{MEMBERS} quadratic networks, {STEPS} steps each, modulo {SMALL['p']}",
        train_as_stack,
        train_one_by_one,
        names=("as one stack", "one after another"),
    ),
]
