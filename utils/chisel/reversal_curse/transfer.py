"""What one step of gradient ascent on a statement does to its inverse.

Source: the question of what a gradient step transfers is treated by Zhu et al. (2024), arXiv 2405.04669.
"""

from collections.abc import Sequence

import torch

from chisel.reversal_curse.recall import Recall, Transfer


def one_step_transfer(model: Recall, index: int, others: Sequence[int], eta: float) -> Transfer:
    """Take one step up the gradient of a statement's log-probability, see what has changed, and take it back.

    The step adds `eta` times the gradient of `model.scores("forward")[index, index]` to the parameters that require a
    gradient, each once; those that play no part in that score stay as they are. What has changed is read off
    `model.scores` before and after the step, and not predicted. The step may make *every* name likelier after the
    backward prompt. The contrast takes that out: it is the change of the right name less the mean change of the
    `others`.

    Args:
        model: with `scores("forward")` and `scores("backward")`, each [N, N] with gradients, as `Recall` has. Use
            nothing else of it that a module has not got anyway.
        index: which pair.
        others: which other names the contrast takes: columns of that pair's row, in the backward direction. A list, a
            tuple or a range, in any order, of at least one number and without `index`.
        eta: the step's length in units of the gradient. It may be negative, or 0.

    Returns:
        a `Transfer`, whose fields are numbers. Parameters, their `.grad`, buffers and the model's mode are as before
        the call, to the last bit, even if the model raises in the middle.

    Raises:
        ValueError: `others` is empty or holds `index`.

    Source: contrasted with other names, as only that shows what is specific; the measure is this chapter's.
    """
    if len(others) == 0 or index in others:
        raise ValueError(f"others must name at least one other pair and not {index} itself, got {list(others)}")
    parameters = [p for p in model.parameters() if p.requires_grad]
    kept = [p.detach().clone() for p in parameters]
    forward, backward = model.scores("forward"), model.scores("backward").detach()
    gradients = torch.autograd.grad(forward[index, index], parameters, allow_unused=True)
    try:
        with torch.no_grad():
            for p, gradient in zip(parameters, gradients, strict=True):
                if gradient is not None:
                    p += eta * gradient
            gained = model.scores("forward")[index, index] - forward[index, index]
            change = model.scores("backward")[index] - backward[index]
    finally:
        with torch.no_grad():
            for p, before in zip(parameters, kept, strict=True):
                p.copy_(before)
    raw = change[index]
    return Transfer(float(gained), float(raw), float(raw - change[list(others)].mean()))
