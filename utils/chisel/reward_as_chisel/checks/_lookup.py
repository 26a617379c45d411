"""A network that is a table and mazes of one step: what an update does can be read off the table, cell by cell.

Every other cell is a start. Whatever is done there leads to the cell behind it, unless a table of its own says where.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from chisel.checking import Draw
from chisel.checking.contract import NOT_FINITE, WRONG_SHAPE, WRONG_TYPE, Arguments, Problem
from chisel.reward_as_chisel.mazes import ACTIONS
from chisel.reward_as_chisel.method import A2C
from chisel.reward_as_chisel.tasks import Task

SIZE, BANK = 4, 2
CELLS = SIZE * SIZE
STARTS = torch.arange(0, CELLS, 2)


class Lookup(nn.Module):
    """Logits [N, S, A] and values [N, S] that are parameters; an observation holds nothing but its maze's number."""

    def __init__(self, logits: Tensor, values: Tensor) -> None:
        super().__init__()
        self.logits, self.values = nn.Parameter(logits.float().clone()), nn.Parameter(values.float().clone())

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        which = observations[:, 0, 0, 0].long()
        return self.logits[which], self.values[which]


def one_step(rewards: Tensor, leads: Tensor | None = None) -> Task:
    """Return mazes with these rewards [N, S]; every second of the cells that a start leads to ends the episode.

    Args:
        leads: [N, S, A] int, where each action leads, if not to the next cell.
    """
    batch, cells = rewards.shape
    numbers = torch.arange(batch, dtype=torch.float32)[:, None, None, None].expand(batch, 1, SIZE, SIZE)
    here = torch.arange(cells)
    behind = torch.where(here % 2 == 0, here + 1, here)[None, :, None].expand(batch, cells, ACTIONS)
    terminal, starts = (found.expand(batch, cells) for found in (here % 4 == 1, here % 2 == 0))
    table = behind if leads is None else leads
    return Task(numbers.clone(), table.clone(), rewards.float(), terminal.clone(), starts.clone())


def method(**settings: Any) -> A2C:
    """Return settings for one-step episodes, visited so often that no start is missed."""
    usual = {
        "updates": 40,
        "mazes": 32,
        "agents": 256,
        "horizon": 1,
        "gamma": 0.0,
        "lr": 0.01,
        "warmup": 0,
        "last_lr": 1.0,
    }
    return A2C(**{**usual, "entropy": 0.0, **settings})


def paid(draw: Draw) -> Tensor:
    """Rewards [N, S], above and below 0 and none of them near 0."""
    sizes = draw.uniform(0.4, 1.4, BANK, CELLS)
    return torch.where(draw.uniform(-1, 1, BANK, CELLS) < 0, -sizes, sizes)


@dataclass(frozen=True)
class LikeNet:
    """A network with parameters of the same names and shapes as the argument `net`."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, nn.Module):
            return WRONG_TYPE, f"{type(result).__name__}, where a network (nn.Module) is promised"
        got, want = (dict(module.named_parameters()) for module in (result, arguments["net"]))
        if got.keys() != want.keys():
            return WRONG_TYPE, f"{type(result).__name__} with the parameters {', '.join(got) or 'none'}"
        for name in want:
            if got[name].shape != want[name].shape:
                return WRONG_SHAPE, f"`{name}` has shape {list(got[name].shape)}, in `net` {list(want[name].shape)}"
            if not bool(torch.isfinite(got[name]).all()):
                return NOT_FINITE, f"`{name}` holds NaN or infinity"
        return None

    def same(self, a: nn.Module, b: nn.Module, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        pairs = zip(a.parameters(), b.parameters(), strict=True)
        return all(torch.allclose(x.double(), y.double(), rtol=relative, atol=absolute) for x, y in pairs)
