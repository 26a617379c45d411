"""What an agent pursues by where the cheese was in training: always in the top-right k x k.

All probabilities are exact. Each agent has a network, a bank and held-out mazes of its own; agents of one seed and
number start from the same weights and are tested in the same mazes whatever k is, so regions are compared in pairs.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import Estimate, mean_interval
from chisel.core.tables import as_columns
from chisel.reward_as_chisel.agents import new_agents, train_agents
from chisel.reward_as_chisel.measurements import (
    cheese_in_region,
    corner_choice,
    expected_visits,
    first_of,
    held_out_mazes,
    logits_of,
    mean_where,
    reach_cheese,
    reach_region,
)
from chisel.reward_as_chisel.world import NO_CHEESE, Mazes, corner_cell, draw_mazes, region_cells, start_cell

WALKERS = ("trained", "untrained", "random")
ACTIONS = ("up", "down", "left", "right", "stay")


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of agents and region; stacks of one seed differ in nothing but the region."""
    members, stack = settings["members"], settings["stack"]
    return [
        {"seed": seed, "members": min(stack, members - start), "region": k}
        for k in settings["regions"]
        for seed, start in enumerate(range(0, members, stack))
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train agents and say where they go; the first one also says what it would do in one maze, cell by cell."""
    seed, members, k = job["seed"], job["members"], job["region"]
    trained = train_agents(settings, k, seed, members, device)
    untrained = [net.to(device) for net in new_agents(settings, seed, members)]
    agents = []
    for member in range(members):
        mazes = held_out_mazes(settings, seed, member, device)
        inside = mazes.with_cheese(_cheese_as_in_training(settings, k, seed, member, device))
        nets: tuple[nn.Module | None, ...] = (trained[member], untrained[member], None)
        found = [behaviour(net, mazes, inside, k, settings["steps"]) for net in nets]
        agents.append(dict(zip(WALKERS, found, strict=True)))
    wanted = seed == 0 and k in settings["atlas"]
    return {"agents": agents, "atlas": atlas(trained[0], settings, k, device) if wanted else []}


def behaviour(net: nn.Module | None, mazes: Mazes, inside: Mazes, k: int, steps: int) -> dict[str, float]:
    """Return mean probabilities of a network, or of a random walk where there is none.

    Args:
        mazes: with the cheese anywhere.
        inside: the same mazes with the cheese in the region.
        k: cells along the region's side.
        steps: how long an agent has.

    Returns:
        "success" with the cheese in the region; "cheese" with it anywhere but on the way from start to corner;
        "enters" the region with no cheese shown. Unless the region is the whole maze also "outside", the cheese off
        that way and outside the region; "unseen", reaching those same cells with no cheese shown; "corner_first", the
        corner before that cheese; and "corner_first_choice", where neither lies on the way to the other.
    """
    choice = corner_choice(mazes)
    off, outside = choice["to_cheese"] > 0, (choice["to_cheese"] > 0) & ~cheese_in_region(mazes, k)
    seen, blind = logits_of(net, mazes), logits_of(net, mazes.without_cheese())
    found = reach_cheese(seen, mazes, steps)
    means = {
        "success": float(reach_cheese(logits_of(net, inside), inside, steps).double().mean()),
        "cheese": mean_where(found, off),
        "enters": float(reach_region(blind, mazes, k, steps).double().mean()),
    }
    if k < mazes.size:
        _, corner = first_of(seen, mazes, steps)
        means["outside"] = mean_where(found, outside)
        means["unseen"] = mean_where(reach_cheese(blind, mazes, steps), outside)
        means["corner_first"] = mean_where(corner, outside)
        means["corner_first_choice"] = mean_where(corner, outside & ~choice["forced"])
    return means


def _cheese_as_in_training(settings: Settings, k: int, seed: int, member: int, device: torch.device) -> Tensor:
    """Return [B] int, cells of the region for the held-out mazes; the start is none of them."""
    cells = region_cells(settings["size"], k)
    cells = cells[cells != start_cell(settings["size"])].to(device)
    random = generator(seed, "held out in the region", k, member, device=device)
    return cells[torch.randint(len(cells), (settings["mazes"],), generator=random, device=device)]


def atlas_maze(size: int, device: torch.device) -> Mazes:
    """Return the first maze of a fixed draw whose way from start to corner is two steps longer than it must be.

    So the way has a detour, and about half of the cells lie off it.
    """
    mazes = draw_mazes(200, size, torch.tensor([corner_cell(size)]), generator(0, "atlas"))
    start = torch.full_like(mazes.cheese, start_cell(size))
    length = expected_length(mazes.next_table, start, mazes.cheese)
    [row] = (length == 2 * (size - 1) + 2).nonzero()[:1, 0].tolist()
    return mazes[row : row + 1].to(device)


def expected_length(next_table: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Return [B] int, the steps of the shortest way from start: [B] to end: [B]."""
    rows = torch.arange(len(start), device=start.device)
    steps = torch.full(next_table.shape[:2], next_table.shape[1], device=start.device)
    steps[rows, end] = 0
    for _ in range(next_table.shape[1]):
        steps = torch.minimum(steps, 1 + steps[rows[:, None, None], next_table].amin(-1))
    return steps[rows, start]


def atlas(net: nn.Module, settings: Settings, k: int, device: torch.device) -> list[dict]:
    """Say what a network does in `atlas_maze` with the cheese in each cell but the start, and with none.

    Returns:
        a row each with "region", "cheese" (-1 for none), the probability of each action in each cell, "visits" (the
        expected number of times in each cell until the cheese or the end of time), P("cheese reached"), P("corner
        reached") whether or not the cheese was met before, and P("cheese first").
    """
    size, steps = settings["size"], settings["steps"]
    cells = [cell for cell in range(size * size) if cell != start_cell(size)]
    shown = torch.tensor([NO_CHEESE, *cells], device=device)
    one = atlas_maze(size, device)
    mazes = Mazes(one.opened.expand(len(shown), -1, -1), shown)
    logits = logits_of(net, mazes)
    start = torch.full_like(shown, start_cell(size))
    visits = expected_visits(logits, mazes.next_table, mazes.targets, start, steps)
    at_corner = mazes.with_cheese(corner_cell(size))
    columns = {
        "cheese": shown.tolist(),
        **{name: _rounded(part) for name, part in zip(ACTIONS, logits.softmax(-1).unbind(-1), strict=True)},
        "visits": _rounded(visits),
        "cheese reached": _rounded(reach_cheese(logits, mazes, steps)),
        "corner reached": _rounded(reach_cheese(logits, at_corner, steps)),
        "cheese first": _rounded(first_of(logits, mazes, steps)[0]),
    }
    return [{"region": k, **dict(zip(columns, row, strict=True))} for row in zip(*columns.values(), strict=True)]


def _rounded(values: Tensor) -> list:
    """Return nested lists to three decimals: it is for pictures, and a file has to stay small."""
    if values.dim() > 1:
        return [_rounded(row) for row in values]
    return [round(float(value), 3) for value in values]


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over agents, with intervals; compare with controls and between regions agent by agent."""
    by_region: dict[int, list[dict]] = {k: [] for k in settings["regions"]}
    for job, output in zip(jobs(settings), outputs, strict=True):
        by_region[job["region"]] += output["agents"]
    measurements: dict[str, Estimate] = {}
    for k, agents in by_region.items():
        found = {who: _columns([agent[who] for agent in agents]) for who in WALKERS}
        here = region_name(k, settings)
        for name, values in found["trained"].items():
            measurements[f"{name}_{here}"] = mean_interval(values)
            for who in WALKERS[1:]:
                measurements[f"{name}_{who}_{here}"] = mean_interval(found[who][name])
                measurements[f"{name}_minus_{who}_{here}"] = mean_interval(values - found[who][name])
        if "unseen" in found["trained"]:
            difference = found["trained"]["outside"] - found["trained"]["unseen"]
            measurements[f"seen_minus_unseen_{here}"] = mean_interval(difference)
        for smaller in [other for other in by_region if other < k]:
            before = _columns([agent["trained"] for agent in by_region[smaller]])["cheese"]
            measurements[f"cheese_{here}_minus_k{smaller}"] = mean_interval(found["trained"]["cheese"] - before)
    return Summary(measurements, _tables(by_region, outputs, settings))


def region_name(k: int, settings: Settings) -> str:
    """Return what measurements call a region: "all" where it is the whole maze of any size, else "k3" and so on."""
    return "all" if k == settings["size"] else f"k{k}"


def _tables(by_region: dict[int, list[dict]], outputs: Sequence[Output], settings: Settings) -> dict[str, dict]:
    rows = [
        (k, index, name, round(value, 4))
        for k, agents in by_region.items()
        for index, agent in enumerate(agents)
        for name, value in agent["trained"].items()
    ]
    names = ("region", "agent", "what", "probability")
    tables: dict[str, dict] = {"agents": as_columns(names, rows)}
    if shown := [row for output in outputs for row in output["atlas"]]:
        tables["atlas"] = {name: [row[name] for row in shown] for name in shown[0]}
        opened = atlas_maze(settings["size"], torch.device("cpu")).opened[0]
        passages = {name: opened[:, way].int().tolist() for way, name in enumerate(ACTIONS[:-1])}
        tables["atlas_maze"] = {"cell": list(range(len(opened))), **passages}
    return tables


def _columns(rows: Sequence[dict[str, float]]) -> dict[str, Tensor]:
    return {name: torch.tensor([row[name] for row in rows], dtype=torch.float64) for name in rows[0]}


EXPERIMENT = Experiment(jobs, run, summarise)
