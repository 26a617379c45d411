"""What batching buys: mazes as tables against gymnasium's vector of plain python mazes, and agents trained as a stack.

Both maze worlds show each agent everything after every step: the maze, the cheese and its own cell. Both end an episode
at the cheese or after `LIMIT` steps, and use the step after that to begin anew, as gymnasium's vectors do.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from chisel.core.benches import Bench
from chisel.core.seeding import generator
from chisel.reward_as_chisel.agents import cheese_bank, new_agents
from chisel.reward_as_chisel.presets import FIELD
from chisel.reward_as_chisel.training import A2C, Trainer
from chisel.reward_as_chisel.world import ACTIONS, CHANNELS, MOVES, Mazes, draw_mazes, region_cells, start_cell

SIZE, MAZES, AGENTS, STEPS, LIMIT = 5, 64, 16, 1000, 50
MEMBERS, UPDATES = 5, 20


class BatchedMazes:
    """K agents in each of B mazes, moved at once.

    Args:
        mazes: B mazes.
        agents: K.
    """

    def __init__(self, mazes: Mazes, agents: int) -> None:
        batch, cells = mazes.targets.shape
        self.start, self.cheese = start_cell(mazes.size), mazes.cheese[:, None]
        self.moves = mazes.next_table.flatten()  # [B * S * A]
        self.offsets = torch.arange(batch, device=self.moves.device)[:, None] * cells  # of a maze's first cell in it
        nobody = mazes.observations.new_zeros(batch, CHANNELS + 1, mazes.size, mazes.size)
        nobody[:, :CHANNELS] = mazes.observations
        self.unmarked = nobody[:, None].expand(-1, agents, -1, -1, -1)
        self.cells = torch.full((batch, agents), self.start, device=self.moves.device)
        self.age = torch.zeros_like(self.cells)
        self.over = torch.zeros_like(self.cells, dtype=torch.bool)

    def observe(self) -> Tensor:
        """Return what each agent sees, [B, K, 6, n, n]: the maze and, as sixth channel, its own cell."""
        seen = self.unmarked.clone(memory_format=torch.contiguous_format)
        seen[:, :, CHANNELS].flatten(2).scatter_(2, self.cells[..., None], 1)
        return seen

    def step(self, actions: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Move all agents by `actions: [B, K]`; return observations, and rewards, terminated and truncated [B, K]."""
        moved = self.moves[(self.offsets + self.cells) * ACTIONS + actions]
        self.cells = torch.where(self.over, self.start, moved)
        self.age = torch.where(self.over, 0, self.age + 1)
        terminated = (self.cells == self.cheese) & ~self.over
        truncated = self.age >= LIMIT
        self.over = terminated | truncated
        return self.observe(), terminated.float(), terminated, truncated


def gymnasium_mazes(mazes: Mazes) -> Any:
    """Return the same world as a `SyncVectorEnv` of plain python environments, one agent a maze.

    Raises:
        ModuleNotFoundError: gymnasium is not installed.
    """
    import gymnasium
    import numpy as np
    from gymnasium.vector import SyncVectorEnv

    size, start = mazes.size, start_cell(mazes.size)
    steps = [down * size + right for down, right in MOVES]

    class PlainMaze(gymnasium.Env):
        """One maze and one agent, as one would write it without a thought of batches."""

        observation_space = gymnasium.spaces.Box(0, 1, (CHANNELS + 1, size, size), np.float32)
        action_space = gymnasium.spaces.Discrete(ACTIONS)

        def __init__(self, opened: list[list[bool]], cheese: int, seen: Any) -> None:
            self.opened, self.cheese = opened, cheese
            self.seen = np.concatenate([seen, np.zeros((1, size, size), np.float32)])

        def observe(self) -> Any:
            seen = self.seen.copy()
            seen[CHANNELS, self.cell // size, self.cell % size] = 1
            return seen

        def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[Any, dict]:
            self.cell, self.age = start, 0
            return self.observe(), {}

        def step(self, action: int) -> tuple[Any, float, bool, bool, dict]:
            if action < len(steps) and self.opened[self.cell][action]:
                self.cell += steps[action]
            self.age += 1
            found = self.cell == self.cheese
            return self.observe(), float(found), found, self.age >= LIMIT, {}

    rows = zip(mazes.opened.tolist(), mazes.cheese.tolist(), mazes.observations.numpy(), strict=True)
    vector = SyncVectorEnv([lambda row=row: PlainMaze(*row) for row in rows])
    vector.reset()
    return vector


@cache
def sample_mazes(batch: int = MAZES) -> Mazes:
    """Return the mazes of the comparison."""
    return draw_mazes(batch, SIZE, region_cells(SIZE, 3), generator(0, "bench", "mazes"))


@cache
def random_actions(steps: int = STEPS, batch: int = MAZES, agents: int = AGENTS) -> Tensor:
    """Return [steps, batch, agents] int."""
    return torch.randint(ACTIONS, (steps, batch, agents), generator=generator(0, "bench", "actions"))


def walk_batched() -> Tensor:
    """Let all agents walk at random, everything observed after each step; return the cheese found [B, K]."""
    world, found = BatchedMazes(sample_mazes(), AGENTS), torch.zeros(MAZES, AGENTS)
    for actions in random_actions():
        found += world.step(actions)[1]
    return found


def walk_in_gymnasium() -> Tensor:
    """Let the first agent of each maze walk as in `walk_batched`; return the cheese found [B]."""
    world, found = gymnasium_mazes(sample_mazes()), torch.zeros(MAZES)
    for actions in random_actions()[..., 0].numpy():
        found += torch.from_numpy(world.step(actions)[1])
    return found


def train(groups: Sequence[Sequence[int]]) -> list[torch.nn.Module]:
    """Train agents for `UPDATES` updates, those of a group as one stack; return them all."""
    nets = []
    for group in groups:
        banks = [cheese_bank({**FIELD, "bank": 200}, 3, 0, member, torch.device("cpu")) for member in group]
        fresh = [new_agents(FIELD, member, 1)[0] for member in group]
        trainer = Trainer(fresh, banks, A2C(), generator(0, "bench", *group))
        for _ in range(UPDATES):  # without a progress bar, which would stand in the way of the report
            trainer.update()
        nets += trainer.nets()
    return nets


BENCHES = [
    Bench(
        f"random walks in {SIZE} x {SIZE} mazes with the full observation built at every step, {MAZES} mazes",
        walk_batched,
        walk_in_gymnasium,
        names=(f"{AGENTS} agents a maze in tables", f"SyncVectorEnv({MAZES})"),
        work=(STEPS * MAZES * AGENTS, STEPS * MAZES),
        unit="steps",
    ),
    Bench(
        f"{MEMBERS} agents, {UPDATES} updates of A2C each",
        lambda: train([range(MEMBERS)]),
        lambda: train([[member] for member in range(MEMBERS)]),
        names=("as one stack", "one after another"),
    ),
]
