"""One step of AdamW for many networks at once, and three ways in which its decay may follow the learning rate.

Source: Loshchilov and Hutter (2019), arXiv 1711.05101; Kingma and Ba (2015), arXiv 1412.6980.
"""

from typing import Any

import torch
from torch import Tensor


def adamw_step(
    params: dict[str, Tensor],
    grads: dict[str, Tensor],
    state: dict[str, Any],
    lr: float | Tensor,
    weight_decay: float | Tensor,
    decay: str = "coupled",
    base_lr: float | Tensor = 1e-3,
    betas: tuple[float, float] = (0.9, 0.98),
    eps: float = 1e-8,
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Make one step of AdamW with every member of a stack of networks, each on its own.

    Two rates matter: the one that the gradient's part of the step is multiplied with, and the one that the weight decay
    is multiplied with. AdamW takes the same for both, so that who raises the learning rate raises the decay too:

    - "coupled": `lr` for both, as `torch.optim.AdamW` has it. With no gradient p becomes p * (1 - lr * weight_decay).
    - "constant": `lr` for the gradient and `base_lr` for the decay.
    - "decay_only": `base_lr` for the gradient and `lr` for the decay.

    The decay applies to the weights as they were before the step, and it is no part of the gradient: the moments never
    see it. eps is added to the root of the second moment after its bias was corrected.

    Args:
        params: name -> [M, ...], one row a member.
        grads: the same names and shapes, in any order.
        state: what the step before returned, or {} for the first step.
        lr: the learning rate; one number, or a tensor [M] with one a member.
        weight_decay: one number, or a tensor [M].
        decay: "coupled", "constant" or "decay_only".
        base_lr: the rate before any change; one number, or a tensor [M]. "coupled" does not use it.
        betas: of the first and of the second moment.
        eps: keeps the division finite.

    Returns:
        new parameters and a new state; what came in is unchanged. The state holds "steps" [M], how many each member
        has made, and "mean" and "square", the moments by name, without bias correction.

    Raises:
        ValueError: an unknown decay.
    """
    if decay not in ("coupled", "constant", "decay_only"):
        raise ValueError(f"decay must be coupled, constant or decay_only, not {decay!r}")
    gradient_rate = base_lr if decay == "decay_only" else lr
    decay_rate = base_lr if decay == "constant" else lr

    def column(x: float | Tensor, like: Tensor) -> Tensor:  # a number a member, shaped to multiply [M, ...]
        return torch.as_tensor(x, dtype=like.dtype, device=like.device).reshape(-1, *[1] * (like.dim() - 1))

    some = next(iter(params.values()))
    steps = state["steps"] + 1 if state else torch.ones(len(some), dtype=torch.float64, device=some.device)
    new_params, mean, square = {}, {}, {}
    for name, p in params.items():
        before = (state["mean"][name], state["square"][name]) if state else (torch.zeros_like(p), torch.zeros_like(p))
        mean[name] = before[0].lerp(grads[name], 1 - betas[0])
        square[name] = before[1].lerp(grads[name].square(), 1 - betas[1])
        spread = (square[name] / column(1 - betas[1] ** steps, p)).sqrt_().add_(eps)
        length = column(gradient_rate, p) / column(1 - betas[0] ** steps, p)
        shrunk = p * (1 - column(decay_rate, p) * column(weight_decay, p))
        new_params[name] = shrunk.addcdiv_(length * mean[name], spread, value=-1)
    return new_params, {"steps": steps, "mean": mean, "square": square}
