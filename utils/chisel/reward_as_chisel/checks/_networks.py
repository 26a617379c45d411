"""Tiny networks for the checks about a layer's output: seeded, place by place, and computable layer by layer."""

import copy
from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from chisel.checking import Draw
from chisel.reward_as_chisel.checks._trees import grown
from chisel.reward_as_chisel.mazes import Mazes
from chisel.reward_as_chisel.model import PlacePolicy

Net = TypeVar("Net", bound=nn.Module)


class Plane(nn.Module):
    """A 3x3 convolution with drawn weights, [B, inputs, n, n] -> [B, outputs, n, n]."""

    def __init__(self, draw: Draw, outputs: int, inputs: int):
        super().__init__()
        self.weight = nn.Parameter((0.4 * draw.normal(outputs, inputs, 3, 3)).float())
        self.bias = nn.Parameter(draw.normal(outputs).float())

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight, self.bias, padding=1)


class Mixed(nn.Module):
    """A matrix times what is left when all but the first axis are flattened, [B, ...] -> [B, outputs]."""

    def __init__(self, draw: Draw, outputs: int, inputs: int):
        super().__init__()
        self.weight = nn.Parameter((0.4 * draw.normal(outputs, inputs)).float())

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x.flatten(1), self.weight)


class Step(nn.Module):
    """A convolution of the tanh, added to the input."""

    def __init__(self, draw: Draw, channels: int):
        super().__init__()
        self.plane = Plane(draw, channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.plane(torch.tanh(x))


class Known(nn.Module):
    """What a contract asks of a network as if it were a tensor."""

    @property
    def dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def row(self, layer: str) -> tuple[int, ...]:
        """Return the shape of one row of a layer's output."""
        raise NotImplementedError


class Field(Known):
    """A network that answers for all cells of a maze at once. Its layers are not in the order in which they are used.

    Attributes:
        size: cells along a side, another number than `channels`.
    """

    def __init__(self, draw: Draw, size: int, channels: int):
        super().__init__()
        self.size, self.channels = size, channels
        self.head = Plane(draw, 6, channels)
        self.blocks = nn.Sequential(Step(draw, channels), Step(draw, channels))
        self.spread = Mixed(draw, 6, 4)
        self.places = nn.Parameter(draw.normal(channels, size, size).float())
        self.stem = Plane(draw, channels, 5)
        self.summary = Mixed(draw, 4, channels * size * size)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.blocks(self.stem(observations) + self.places)
        return _answers(self.head(hidden), self.spread(torch.tanh(self.summary(hidden))))

    def trace(
        self, observations: Tensor, added: Mapping[str, Tensor] | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the logits and the output of every layer, with something added to the outputs of some."""
        outputs: dict[str, Tensor] = {}

        def at(layer: str, value: Tensor) -> Tensor:
            outputs[layer] = value + added[layer] if added and layer in added else value
            return outputs[layer]

        with torch.no_grad():
            hidden = at("stem", self.stem(observations)) + self.places
            for name, block in self.blocks.named_children():
                hidden = at(f"blocks.{name}", block(hidden))
            hidden = at("blocks", hidden)
            summary = at("summary", self.summary(hidden))
            return _answers(at("head", self.head(hidden)), at("spread", self.spread(torch.tanh(summary))))[0], outputs

    def row(self, layer: str) -> tuple[int, ...]:
        plane = (self.channels, self.size, self.size)
        return {"summary": (4,), "spread": (6,), "head": (6, *plane[1:])}.get(layer, plane)

    def like(self, layer: str) -> list[str]:
        """Return the other layers whose output has the same shape, but for those that are the same layer."""
        same = ({"blocks", "blocks.1"}, {layer})[layer not in ("blocks", "blocks.1")]
        layers = ("stem", "blocks.0", "blocks.1", "head", "summary", "spread")
        return [other for other in layers if other not in same and self.row(other) == self.row(layer)]


class Asked(PlacePolicy, Known):
    """The chapter's place policy, with drawn weights: its layers have a row for each cell of each maze."""

    def __init__(self, draw: Draw, size: int):
        with torch.random.fork_rng(devices=[]):  # modules draw from the global state; it is put back afterwards
            super().__init__(size, channels=2, blocks=1, hidden=4)
        with torch.no_grad():
            for weights in self.parameters():
                weights.copy_(0.4 * draw.normal(*weights.shape))

    def row(self, layer: str) -> tuple[int, ...]:
        return {"head": (6,), "read": (4,)}[layer]

    def heads(self, observations: Tensor) -> Tensor:
        """Return the output of the layer "head", [B * S, 6]: logits and value of each cell."""
        with torch.no_grad():
            logits, values = self(observations)
        return torch.cat([logits, values.unsqueeze(-1)], dim=-1).flatten(0, 1)


def some_mazes(draw: Draw, batch: int, size: int) -> tuple[Mazes, int]:
    """Draw mazes, no two alike, with a cheese anywhere, and a cell where none of them has it.

    The cell is neither the first nor the last, and in another row than column.
    """
    mazes: list[Tensor] = []
    for start in draw.integers(0, size * size, batch).tolist():
        one = grown(size, start, draw).opened
        while any(torch.equal(one, other) for other in mazes):  # a mean of equals would not show who is left out
            one = grown(size, start, draw).opened
        mazes.append(one)
    opened = torch.cat(mazes)
    cell = draw.choice([cell for cell in range(size * size) if cell // size != cell % size])
    return Mazes(opened, (cell + draw.integers(1, size * size, batch)) % size**2), cell


def fresh(net: Net, training: bool = True) -> Net:
    """Return a copy for one call, so that what a call leaves behind cannot reach the next."""
    return copy.deepcopy(net).train(training)


def hooks_left(net: nn.Module) -> list[str]:
    """Return the names of the modules that have a hook."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return [name for name, module in net.named_modules() if any(getattr(module, kind) for kind in kinds)]


def forwards_replaced(net: nn.Module) -> list[str]:
    """Return the names of the modules whose `forward` is not the one of their class."""
    return [
        name
        for name, module in net.named_modules()
        if getattr(module.forward, "__func__", None) is not type(module).forward
    ]


def _answers(head: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
    out = (head + spread[:, :, None, None]).flatten(2).transpose(1, 2)
    return out[..., :5], out[..., 5]
