"""Reading a cheese vector out of a network's activations, and adding it back in.

Source: Turner et al. (2023), arXiv 2310.08043, who subtract it from one layer of a maze agent.
"""

import torch
from torch import Tensor, nn

from chisel.reward_as_chisel.world import Mazes


def cheese_vector(net: nn.Module, mazes: Mazes, cell: int, layer: str) -> Tensor:
    """Say what a cheese in one cell does to a layer: the mean difference with it and without it.

    Mazes in which the cell is shown with a cheese are compared with the *same* mazes without one. Give it other mazes
    than those that the vector will be tried on: a difference taken in the very maze that is then steered puts back what
    was taken away, and shows nothing.

    How this is misread: it is a difference of means, not a part of the network that "wants cheese".

    Args:
        net: net(observations: [B, 5, n, n]) -> (logits [B, S, 5], values [B, S]). Left without hooks, as it was.
        mazes: B mazes; where their own cheese is does not matter.
        cell: where to put the cheese.
        layer: the name of a module of `net`, as in `net.named_modules()`.

    Returns:
        the mean over the first axis of the layer's output, with cheese minus without; for a field policy [C, n, n].

    Raises:
        AttributeError: `net` has no such layer.

    Source: Turner et al. (2023), arXiv 2310.08043, section 3.
    """
    outputs: list[Tensor] = []
    handle = net.get_submodule(layer).register_forward_hook(lambda *call: outputs.append(call[-1]))
    try:
        with torch.no_grad():
            net(mazes.with_cheese(cell).observations)
            net(mazes.without_cheese().observations)
    finally:
        handle.remove()
    return outputs[0].mean(dim=0) - outputs[1].mean(dim=0)


def steer(net: nn.Module, mazes: Mazes, vector: Tensor, coefficient: float, layer: str) -> Tensor:
    """Ask a network what to do while `coefficient * vector` is added to one layer's output.

    A coefficient of -1 with a cheese vector takes the cheese away as far as that layer goes; +1 puts one there; 0
    changes nothing.

    How this is misread: that steering works does not show that training put the quantity there to be steered. Compare
    with random vectors of the same length and with vectors of other cells.

    Args:
        net: net(observations: [B, 5, n, n]) -> (logits [B, S, 5], values [B, S]). Left without hooks, as it was.
        mazes: B mazes, shown as they are.
        vector: what to add, of the shape of one row of the layer's output.
        coefficient: how much of it.
        layer: the name of a module of `net`.

    Returns:
        logits [B, S, 5], without gradients.

    Raises:
        AttributeError: `net` has no such layer.
    """
    module = net.get_submodule(layer)
    handle = module.register_forward_hook(lambda *call: call[-1] + coefficient * vector)
    try:
        with torch.no_grad():
            return net(mazes.observations)[0]
    finally:
        handle.remove()
