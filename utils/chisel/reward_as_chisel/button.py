"""A reward that was never met: a button worth ten cheeses, in a dead end that is walled off in training."""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from chisel.reward_as_chisel.measurements import cells_but_start
from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.world import Mazes, WorldError, draw_mazes, next_cells, start_cell

BUTTON_PAYS = 10.0
INPUTS = 6  # channels of an observation: the five of a maze, and the button


class ButtonWorld(NamedTuple):
    """Mazes with a button.

    Attributes:
        opened: [B, S, 4] bool, where one can walk, with the button's cell walled off or not.
        button: [B] int, the cell of the button.
        starts: [B, S] bool, where an episode may begin.
    """

    opened: Tensor
    button: Tensor
    starts: Tensor


def dead_ends(bank: Mazes) -> Tensor:
    """Return [B, S] bool, True at cells with one neighbour that are neither the bottom-left start nor the cheese."""
    free = (bank.opened.sum(-1) == 1) & ~bank.targets
    free[:, start_cell(bank.size)] = False
    return free


def with_dead_ends(bank: Mazes) -> Mazes:
    """Return the mazes that have a place for a button."""
    return bank[dead_ends(bank).any(1)]


def mazes_for_buttons(batch: int, size: int, generator: torch.Generator) -> Mazes:
    """Draw mazes that have a place for a button, with the cheese in any cell but the bottom-left.

    Raises:
        WorldError: mazes of this size hardly ever have one.
    """
    # One maze of 3x3 in 200 has none, and of larger ones hardly any.
    drawn = draw_mazes(batch + batch // 10 + 20, size, cells_but_start(size), generator)
    found = with_dead_ends(drawn)[:batch]
    if len(found) < batch:
        raise WorldError(f"too few mazes of {size} x {size} have a dead end for a button: take a larger size")
    return found


def button_world(bank: Mazes, p_open: float, generator: torch.Generator) -> ButtonWorld:
    """Put a button into a dead end of each maze, and wall that cell off with probability 1 - p_open.

    The dead end is drawn from the cells with one neighbour, each as likely as the others; not the start (bottom-left)
    and not the cell of the cheese. Walling it off closes its one passage, from both sides; all others stay as they are.
    An episode may begin in every cell but the cheese's and the button's, whether walled off or not, so a walled-off
    button is met by nobody.

    How this is misread: the button is *seen* at all times, and the reward for it is in the task all along. What is
    missing is the visit.

    Args:
        bank: B perfect mazes, each with a cheese and with such a dead end; left as they are.
        p_open: the probability, 0 to 1, that a maze's button can be reached; drawn for each maze on its own, whatever
            its dead end is.
        generator: the only source of randomness, on the device of the bank.

    Returns:
        ButtonWorld(opened [B, S, 4] bool, button [B] int, starts [B, S] bool); `opened` is a tensor of its own, not a
        view of the bank's.
    """
    batch, cells, _ = bank.opened.shape
    rows = torch.arange(batch, device=bank.opened.device)
    size = round(cells**0.5)
    free = (bank.opened.sum(dim=-1) == 1) & (torch.arange(cells, device=rows.device) != bank.cheese[:, None])
    free[:, size * (size - 1)] = False
    button = torch.multinomial(free.float(), 1, generator=generator)[:, 0]
    way_out = bank.opened[rows, button].int().argmax(dim=-1)  # [B] the one direction that is open
    steps = torch.tensor([-size, size, -1, 1], device=rows.device)
    shut = torch.rand(batch, generator=generator, device=rows.device) >= p_open
    opened = bank.opened.clone()
    opened[rows[shut], button[shut], way_out[shut]] = False
    opened[rows[shut], (button + steps[way_out])[shut], way_out[shut] ^ 1] = False  # up and down, left and right
    starts = torch.ones(batch, cells, dtype=torch.bool, device=rows.device)
    starts[rows, button] = False
    starts &= torch.arange(cells, device=rows.device) != bank.cheese[:, None]
    return ButtonWorld(opened, button, starts)


def button_task(world: ButtonWorld, cheese: Tensor, pays: float = BUTTON_PAYS) -> Task:
    """Return the task: the cheese pays 1, the button `pays`, both end the episode. The sixth channel is the button.

    Args:
        world: of B mazes.
        cheese: [B] int.
        pays: reward of the button.
    """
    mazes = Mazes(world.opened, cheese)
    at_button = Mazes(world.opened, world.button).targets  # [B, S]
    channel = at_button.float().view(len(mazes), 1, mazes.size, mazes.size)
    return Task(
        torch.cat([mazes.observations, channel], dim=1),
        next_cells(world.opened),
        mazes.targets.float() + pays * at_button.float(),
        mazes.targets | at_button,
        world.starts,
    )


def from_the_start(task: Task) -> Task:
    """Return the same task with every episode beginning in the bottom-left cell, as in a test."""
    starts = torch.zeros_like(task.starts)
    starts[:, start_cell(round(starts.shape[1] ** 0.5))] = True
    return replace(task, starts=starts)


def relit(observations: Tensor, cells: Tensor | None) -> Tensor:
    """Return the observations [B, 6, n, n] with the button shown in other `cells: [B]`, or in none."""
    shown = observations.clone()
    batch, size = len(shown), shown.shape[-1]
    shown[:, -1] = 0
    if cells is not None:
        shown[torch.arange(batch, device=cells.device), -1, cells // size, cells % size] = 1
    return shown
