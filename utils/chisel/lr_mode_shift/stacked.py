"""Many quadratic networks as one computation.

Source: the network is that of Gromov (2023), arXiv 2301.02679.
"""

import torch
from torch import Tensor


def stacked_forward(params: dict[str, Tensor], a: Tensor, b: Tensor) -> Tensor:
    """Return the logits of M quadratic networks, each for pairs of its own.

    Network m gives (left[m, a] + right[m, b])^2 out[m]. No network sees anything of another: the gradient of one
    member's logits with respect to another member's weights is exactly zero.

    Args:
        params: "left" [M, p, h], "right" [M, p, h] and "out" [M, h, p].
        a: [M, N] int, the first numbers, below p; row m belongs to network m.
        b: [M, N] int, the second numbers.

    Returns:
        logits [M, N, p], with gradients to the parameters.
    """
    member = torch.arange(len(a), device=a.device).unsqueeze(1)  # [M, 1] beside a and b [M, N]
    hidden = (params["left"][member, a] + params["right"][member, b]).square()  # [M, N, h]
    return hidden @ params["out"]
