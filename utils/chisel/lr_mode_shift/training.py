"""Training one network on additions while the learning rate changes, and measuring it before every step."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from chisel.lr_mode_shift.records import History


def train(
    model: nn.Module,
    data: tuple[Tensor, Tensor],
    schedule: Callable[[int], float],
    steps: int,
    order: Tensor | None = None,
    weight_decay: float = 1.0,
    betas: tuple[float, float] = (0.9, 0.98),
) -> History:
    """Train `model` in place with `torch.optim.AdamW` on the mean cross-entropy, and measure it as it goes.

    Both sets are measured before each step and once more after the last one. That is done in evaluation mode and
    without gradients, and changes nothing: the parameters, the mode of each module and the global random state are as
    if there had been no measurement.

    Args:
        model: model(a [B], b [B]) -> logits [B, p]. It is trained in the mode in which it comes.
        data: training rows [n, 3] and validation rows [m, 3], as `make_split` returns them.
        schedule: step -> learning rate, of every parameter, for steps 0 to `steps` - 1. One optimiser makes them all,
            so that its moments go on when the rate changes.
        steps: how many.
        order: [steps, B] int, which training rows each step sees; None for all of them at every step.
        weight_decay: of AdamW, on all parameters.
        betas: of AdamW.

    Returns:
        accuracies (shares) and mean losses (nats), each float64 [steps + 1]; entry t is of the model after t steps.
        Logits are made double before a loss is computed from them: a memorised pair costs less than single precision
        can tell from 0.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=schedule(0), betas=betas, weight_decay=weight_decay)
    seen = []
    for step in range(steps + 1):
        modes = [(module, module.training) for module in model.modules()]
        model.eval()
        with torch.no_grad():
            for rows in data:
                logits = model(rows[:, 0], rows[:, 1]).double()
                seen.append((logits.argmax(-1) == rows[:, 2]).double().mean())
                seen.append(nn.functional.cross_entropy(logits, rows[:, 2]))
        for module, mode in modes:
            module.training = mode
        if step == steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = schedule(step)
        a, b, c = (data[0] if order is None else data[0][order[step]]).unbind(1)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(a, b), c).backward()
        optimizer.step()
    train_acc, train_loss, val_acc, val_loss = torch.stack(seen).view(steps + 1, 4).unbind(1)
    return History(train_acc, val_acc, train_loss, val_loss)
