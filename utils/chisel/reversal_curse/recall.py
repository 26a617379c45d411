"""A model that is asked about pairs in both directions, and what a step of training changes in its answers."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from chisel.reversal_curse.statements import Fact, names, prompts


class Transfer(NamedTuple):
    """Changes in log-probability after one step, in nats.

    Attributes:
        forward: of name i after its forward prompt, which the step raises.
        raw: of name i after its backward prompt.
        contrasted: the same, less the mean change of the other names after that backward prompt.
    """

    forward: float
    raw: float
    contrasted: float


class Recall(nn.Module):
    """A model together with N pairs that it is asked about in both directions.

    Args:
        net: net(ids [B, L]) -> logits [B, L, V].
        forward, backward: the N statements of the pairs in each direction, in the same order.

    Raises:
        ValueError: no pair, or names that differ in length or are not distinct.
    """

    def __init__(self, net: nn.Module, forward: Sequence[Fact], backward: Sequence[Fact]) -> None:
        super().__init__()
        self.net = net
        self._asked = {"forward": prompts(forward), "backward": prompts(backward)}
        self._names = {"forward": names(forward)[:, 0], "backward": names(backward)[:, 0]}

    def scores(self, direction: str) -> Tensor:
        """Return [N, N], with gradients: the log-probability of name j after the prompt of pair i.

        Args:
            direction: "forward" or "backward".
        """
        device = next(self.net.parameters()).device
        log_probs = torch.log_softmax(self.net(self._asked[direction].to(device))[:, -1], dim=-1)
        return log_probs[:, self._names[direction].to(device)]
