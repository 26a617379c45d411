"""What an agent does in mazes that it has not seen, computed exactly: the measurements that experiments share."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from chisel.core.running import Settings
from chisel.core.seeding import generator
from chisel.reward_as_chisel.chains import hit_probability
from chisel.reward_as_chisel.paths import decision_features
from chisel.reward_as_chisel.world import Mazes, corner_cell, draw_mazes, region_cells, start_cell


def logits_of(net: nn.Module | None, mazes: Mazes) -> Tensor:
    """Return the logits [B, S, 5] of a network, or of a random walk (all actions alike) where there is none."""
    if net is None:
        shape = mazes.next_table.shape
        return torch.zeros(shape, device=mazes.opened.device)
    with torch.no_grad():
        return net(mazes.observations)[0]


def bottom_left(mazes: Mazes) -> Tensor:
    """Return the start [B] int of a tested agent."""
    return torch.full((len(mazes),), start_cell(mazes.size), device=mazes.opened.device)


def reach_cheese(logits: Tensor, mazes: Mazes, steps: int) -> Tensor:
    """Return P(cheese) [B] from the bottom-left within `steps` steps, for logits: [B, S, 5]."""
    return hit_probability(logits, mazes.next_table, mazes.targets, bottom_left(mazes), steps)


def reach_region(logits: Tensor, mazes: Mazes, k: int, steps: int) -> Tensor:
    """Return P(top-right k x k) [B] from the bottom-left; an episode does not end at the cheese here."""
    region = torch.zeros(logits.shape[:2], dtype=torch.bool, device=logits.device)
    region[:, region_cells(mazes.size, k)] = True
    return hit_probability(logits, mazes.next_table, region, bottom_left(mazes), steps)


def first_of(logits: Tensor, mazes: Mazes, steps: int) -> tuple[Tensor, Tensor]:
    """Return P(cheese before corner) and P(corner before cheese), each [B]; the rest is running out of time."""
    cheese, corner = mazes.targets, mazes.with_cheese(corner_cell(mazes.size)).targets
    return reach_before(logits, mazes, cheese, corner, steps), reach_before(logits, mazes, corner, cheese, steps)


def reach_before(logits: Tensor, mazes: Mazes, wanted: Tensor, other: Tensor, steps: int) -> Tensor:
    """Return P(wanted before other) [B] from the bottom-left, for cells wanted, other: [B, S] bool."""
    here = torch.arange(logits.shape[1], device=logits.device)[:, None]
    stuck = (other & ~wanted)[..., None]  # who meets the other place first stays there
    table = torch.where(stuck, here, mazes.next_table)
    return hit_probability(logits, table, wanted, bottom_left(mazes), steps)


def cells_but_start(size: int) -> Tensor:
    """Return [S - 1] int, all cells but the bottom-left one."""
    cells = torch.arange(size * size)
    return cells[cells != start_cell(size)]


def mean_where(values: Tensor, wanted: Tensor | Sequence[bool]) -> float:
    """Return the mean of `values: [B]` where `wanted` is True.

    Raises:
        ValueError: it is True nowhere.
    """
    chosen = values[torch.as_tensor(wanted, device=values.device)]
    if chosen.numel() == 0:
        raise ValueError("no maze is left to average over")
    return float(chosen.double().mean())


def held_out_mazes(settings: Settings, seed: int, member: int, device: torch.device) -> Mazes:
    """Draw the mazes that one agent is tested in, with the cheese in any cell but the start.

    Each agent has its own, so that an interval over agents covers the choice of mazes too. They do not depend on where
    the cheese was in training: agents of one seed and number are compared in the same mazes.

    Args:
        settings: "mazes" (how many) and "size".
        seed, member: of the agent.
        device: where.
    """
    random = generator(seed, "held out", member, device=device)
    return draw_mazes(settings["mazes"], settings["size"], cells_but_start(settings["size"]), random)


def cheese_in_region(mazes: Mazes, k: int) -> Tensor:
    """Return [B] bool, True where the cheese is in the top-right k x k."""
    return torch.isin(mazes.cheese, region_cells(mazes.size, k).to(mazes.cheese.device))


def corner_choice(mazes: Mazes) -> dict[str, Tensor]:
    """Return `decision_features` for the choice between each maze's cheese and the corner, from the bottom-left.

    The cheese lies off the way from start to corner where "to_cheese" is above 0.
    """
    corner = torch.full_like(mazes.cheese, corner_cell(mazes.size))
    return decision_features(mazes.next_table, mazes.cheese, corner, bottom_left(mazes))


def expected_visits(logits: Tensor, next_table: Tensor, terminal: Tensor, start: Tensor, steps: int) -> Tensor:
    """Compute exactly how often an agent is in each cell, from time 0 to `steps`, until its episode ends.

    Arriving on a terminal cell counts once, so there the number is the chance of arriving. The sum over cells is one
    more than the expected number of steps.

    Args:
        logits: [B, S, A]. next_table: [B, S, A] int. terminal: [B, S] bool, where an episode ends. start: [B] int.
        steps: the longest an episode takes.

    Returns:
        [B, S].
    """
    probs = torch.softmax(logits, dim=-1).masked_fill(terminal[..., None], 0)  # who has arrived is gone
    moves = torch.zeros(*logits.shape[:2], logits.shape[1], dtype=logits.dtype, device=logits.device)
    moves = moves.scatter_add(2, next_table, probs)  # [B, S, S], from -> to
    here = torch.nn.functional.one_hot(start, logits.shape[1]).to(logits.dtype)
    visits = here
    for _ in range(steps):
        here = torch.bmm(here.unsqueeze(1), moves).squeeze(1)
        visits = visits + here
    return visits


def logistic_fit(features: Tensor, labels: Tensor, weights: Tensor, ridge: float = 1e-6) -> Tensor:
    """Fit a logistic regression by Newton's method, in double precision.

    Minimises the weighted mean cross entropy plus ridge / 2 times the squared length of the coefficients.

    Args:
        features: [B, F]. labels: [B], from 0 to 1: a probability is as good as a yes or no. weights: [B], not negative.
        ridge: keeps the coefficients finite where the labels could be told apart exactly.

    Returns:
        [F + 1] the intercept and then a coefficient each feature, float64.

    Raises:
        ValueError: no row has a weight, or 100 steps do not settle it.
    """
    x = torch.cat([torch.ones_like(features[:, :1]), features], dim=1).double()
    y, share = labels.double(), weights.double() / weights.double().sum()
    if not bool(torch.isfinite(share).all()):
        raise ValueError("a fit needs rows with a weight above 0")
    penalty = ridge * torch.eye(x.shape[1], dtype=x.dtype, device=x.device)

    def loss(at: Tensor) -> Tensor:
        logit = x @ at
        return share @ (torch.nn.functional.softplus(logit) - y * logit) + at @ penalty @ at / 2

    found = torch.zeros(x.shape[1], dtype=x.dtype, device=x.device)
    for _ in range(100):
        guess = torch.sigmoid(x @ found)
        slope = x.T @ (share * (guess - y)) + penalty @ found
        step = torch.linalg.solve((x * (share * guess * (1 - guess))[:, None]).T @ x + penalty, slope)
        while bool(loss(found - step) > loss(found)) and bool(step.abs().max() > 1e-12):
            step = step / 2
        found = found - step
        if bool(step.abs().max() < 1e-9):
            return found
    raise ValueError("the regression does not settle: its features may be multiples of each other")
