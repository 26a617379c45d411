"""Two policies with one interface: net(observations [B, C, n, n]) -> (logits [B, S, 5], values [B, S]).

The *field policy* does not see where the agent is: one pass gives what to do in every cell, so all agents in a maze
share it. The *place policy* is the ordinary kind: the agent's cell is in its observation, and it is asked once a cell.
"""

import torch
from einops import rearrange, repeat
from torch import Tensor, nn

from chisel.reward_as_chisel.mazes import ACTIONS, CHANNELS, WorldError


class Block(nn.Module):
    """Two 3x3 convolutions whose result is added to the input, [B, C, n, n] -> [B, C, n, n]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(torch.relu(self.first(torch.relu(x))))


class FieldPolicy(nn.Module):
    """A residual network that answers for every cell at once.

    Args:
        size: cells along a side, n; the network knows its places and fits no other size.
        channels: width of each layer.
        blocks: how many residual blocks; their names are "blocks.0", "blocks.1" and so on.
        inputs: channels of an observation, C.
    """

    def __init__(self, size: int, channels: int = 32, blocks: int = 3, inputs: int = CHANNELS) -> None:
        super().__init__()
        self.size, self.inputs = size, inputs
        self.stem = nn.Conv2d(inputs, channels, 3, padding=1)
        self.places = nn.Parameter(torch.zeros(channels, size, size))
        self.blocks = nn.Sequential(*(Block(channels) for _ in range(blocks)))
        self.head = nn.Conv2d(channels, ACTIONS + 1, 1)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Map observations: [B, C, n, n] to logits [B, S, 5] and values [B, S]."""
        check_fit(observations, self.inputs, self.size)
        hidden = self.blocks(self.stem(observations) + self.places)
        out = rearrange(self.head(torch.relu(hidden)), "b a h w -> b (h w) a")
        return out[..., :ACTIONS], out[..., ACTIONS]


class PlacePolicy(nn.Module):
    """A residual network with a sixth channel, the agent's cell, that answers for that cell alone.

    It is asked about all S cells of each maze, S times the work of a field policy.
    """

    def __init__(
        self, size: int, channels: int = 16, blocks: int = 3, inputs: int = CHANNELS, hidden: int = 64
    ) -> None:
        super().__init__()
        self.size, self.inputs = size, inputs
        self.stem = nn.Conv2d(inputs + 1, channels, 3, padding=1)
        self.places = nn.Parameter(torch.zeros(channels, size, size))
        self.blocks = nn.Sequential(*(Block(channels) for _ in range(blocks)))
        self.read = nn.Linear(channels * size * size, hidden)
        self.head = nn.Linear(hidden, ACTIONS + 1)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Map observations: [B, C, n, n] to logits [B, S, 5] and values [B, S]."""
        check_fit(observations, self.inputs, self.size)
        cells = self.size * self.size
        agent = torch.eye(cells, device=observations.device, dtype=observations.dtype)
        agent = repeat(agent.view(cells, 1, self.size, self.size), "s c h w -> (b s) c h w", b=len(observations))
        asked = torch.cat([repeat(observations, "b c h w -> (b s) c h w", s=cells), agent], dim=1)
        trunk = torch.relu(self.blocks(self.stem(asked) + self.places)).flatten(1)
        out = rearrange(self.head(torch.relu(self.read(trunk))), "(b s) a -> b s a", s=cells)
        return out[..., :ACTIONS], out[..., ACTIONS]


def check_fit(observations: Tensor, inputs: int, size: int) -> None:
    """Raise WorldError unless `observations` are [B, inputs, size, size]."""
    if observations.shape[1:] != (inputs, size, size):
        shown = " x ".join(map(str, observations.shape[1:]))
        raise WorldError(f"this network is for observations of {inputs} x {size} x {size}, not {shown}")


POLICIES = {"field": FieldPolicy, "place": PlacePolicy}


def new_policy(kind: str, random: torch.Generator, **shape: int) -> nn.Module:
    """Return an untrained "field" or "place" policy whose weights depend on `random` alone.

    Raises:
        ValueError: another kind.
    """
    if kind not in POLICIES:
        raise ValueError(f"unknown policy {kind!r}: use field or place")
    with torch.random.fork_rng(devices=[]):  # modules draw from the CPU's global state; it is put back afterwards
        torch.default_generator.manual_seed(random.initial_seed())  # torch.manual_seed seeds the GPUs as well
        return POLICIES[kind](**shape)
