"""A task: a bank of mazes as tables, with what pays, what ends an episode and where one may start."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from chisel.reward_as_chisel.mazes import Mazes


@dataclass(frozen=True)
class Task:
    """N mazes as a trainer needs them.

    Attributes:
        observations: [N, C, n, n] float. next_table: [N, S, A] int.
        rewards: [N, S] what arriving in a cell pays. terminal: [N, S] bool, where an episode ends.
        starts: [N, S] bool, where an episode may begin.
    """

    observations: Tensor
    next_table: Tensor
    rewards: Tensor
    terminal: Tensor
    starts: Tensor

    def __len__(self) -> int:
        return self.observations.shape[-4]

    @classmethod
    def stacked(cls, tasks: Sequence["Task"]) -> "Task":
        """Return M banks of equal size as one, with M as leading axis of everything.

        Raises:
            ValueError: there are none, or their mazes differ in number, size or channels.
        """
        shapes = [tuple(task.observations.shape) for task in tasks]
        if len(set(shapes)) != 1:
            raise ValueError(f"banks must be one shape to be stacked, and these are {shapes or 'none'}")
        return cls(*(torch.stack([getattr(task, field.name) for task in tasks]) for field in fields(cls)))

    def draw(self, mazes: int, random: torch.Generator) -> "Task":
        """Return `mazes` mazes [M * mazes] drawn with replacement from each of the M stacked banks."""
        members, size = self.terminal.shape[:2]
        rows = torch.randint(size, (members, mazes), generator=random, device=random.device)
        which = torch.arange(members, device=random.device)[:, None]
        return Task(*(getattr(self, field.name)[which, rows].flatten(0, 1) for field in fields(self)))

    def draw_starts(self, agents: int, random: torch.Generator) -> Tensor:
        """Return [N, agents] int, cells drawn from those where one may start."""
        return torch.multinomial(self.starts.float(), agents, replacement=True, generator=random)

    @staticmethod
    def at(table: Tensor, cells: Tensor) -> Tensor:
        """Look `cells: [N, ...]` up in the rows of `table: [N, S]`."""
        return table.gather(1, cells.flatten(1)).view(cells.shape)

    def paying(self, factor: float) -> "Task":
        """Return the same task with all rewards times `factor`."""
        return replace(self, rewards=self.rewards * factor)


def cheese_task(mazes: Mazes) -> Task:
    """Return the task of the chapter: the cheese pays 1 and ends the episode; one starts anywhere else."""
    targets = mazes.targets
    return Task(mazes.observations, mazes.next_table, targets.float(), targets, ~targets)
