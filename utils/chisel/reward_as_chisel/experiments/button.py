"""Experiment: what becomes of a reward that training never gave, and how much of it is enough.

A button pays ten cheeses and is seen in every maze. In training its cell is walled off with probability 1 - p_open; in
the test every button can be reached. Then the walls fall, and the agents that never met a button train on.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from chisel.core.estimates import Estimate
from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.core.tables import as_columns
from chisel.reward_as_chisel.agents import new_agents
from chisel.reward_as_chisel.button import (
    BUTTON_PAYS,
    INPUTS,
    button_task,
    button_world,
    from_the_start,
    mazes_for_buttons,
    relit,
)
from chisel.reward_as_chisel.chains import hit_probability
from chisel.reward_as_chisel.measurements import logits_of, reach_before
from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.training import A2C, Trainer
from chisel.reward_as_chisel.world import Mazes, start_cell

UNIT = "agents"
SAW = ("button", "cheese", "return", "hidden", "elsewhere")
# How the agents that never met a button train on: (is it open now, do episodes begin only where tests do).
AFTERWARDS = {"opened": (True, False), "opened_start": (True, True), "closed": (False, False)}


class HeldOut(NamedTuple):
    """Held-out mazes in which every button can be reached; `button`: [B] int, `task` with what is seen and paid."""

    mazes: Mazes
    button: Tensor
    task: Task


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of agents and kind of training: each p_open, and a button that is open and pays nothing."""
    kinds = [(p_open, BUTTON_PAYS) for p_open in settings["p_open"]] + [(1.0, 0.0)]
    return [
        {"seed": seed, "members": settings["members"], "p_open": p_open, "pays": pays}
        for seed in range(settings["stacks"])
        for p_open, pays in kinds
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return what each agent does in the test, and, if it never met a button, what it does while it trains on."""
    seed, members, p_open = job["seed"], job["members"], job["p_open"]
    tasks = [bank(settings, p_open, job["pays"], seed, member, device) for member in range(members)]
    random = generator(seed, "train", p_open, job["pays"], device=device)
    trainer = Trainer(new_agents(settings, seed, members, INPUTS), tasks, A2C(**settings["method"]), random)
    trainer.run(trainer.method.updates)
    nets = trainer.nets()
    tests = [held_out(settings, seed, member, device) for member in range(members)]
    agents = []
    for member, (net, test) in enumerate(zip(nets, tests, strict=True)):
        other = elsewhere(test, generator(seed, "elsewhere", member, device=device))
        agents.append({**judge(net, test, settings), **relit_button(net, test, other, settings)})
    if p_open > 0:
        return {"agents": agents, "random": [], "after": []}
    walk = [judge(None, test, settings) | {"best": best_return(test, settings)} for test in tests]
    after = [
        row
        for name in AFTERWARDS
        for rate in settings["rates"]
        for row in train_on(nets, tests, name, rate, seed, settings, device)
    ]
    return {"agents": agents, "random": walk, "after": after}


def bank(settings: Settings, p_open: float, pays: float, seed: int, member: int, device: torch.device) -> Task:
    """Return the bank that a member trains in. Its mazes and the places of its buttons are the same for all p_open."""
    random = generator(seed, "bank", member, device=device)
    mazes = mazes_for_buttons(settings["bank"], settings["size"], random)
    return button_task(button_world(mazes, p_open, random), mazes.cheese, pays)


def held_out(settings: Settings, seed: int, member: int, device: torch.device) -> HeldOut:
    """Draw the mazes that a member is tested in; the same for all p_open."""
    random = generator(seed, "held out", member, device=device)
    mazes = mazes_for_buttons(settings["mazes"], settings["size"], random)
    world = button_world(mazes, 1.0, random)
    return HeldOut(mazes, world.button, button_task(world, mazes.cheese))


def judge(net: nn.Module | None, test: HeldOut, settings: Settings) -> dict[str, float]:
    """Return P("button"), P("cheese") and the expected "return" (not discounted) of a network or of a random walk."""
    with torch.no_grad():
        logits = logits_of(None, test.mazes) if net is None else net(test.task.observations)[0]
    return _judged(logits, test, settings)


def best_return(test: HeldOut, settings: Settings) -> float:
    """Return the most that can be expected in the test: the button, or the cheese where it bars the way there.

    How to get there is read off the probabilities of a random walk: the button can be reached where they are not 0.
    """
    button = _button_first(logits_of(None, test.mazes), test, settings["steps"])
    return float(torch.where(button > 0, BUTTON_PAYS, 1.0).mean())


def elsewhere(test: HeldOut, random: torch.Generator) -> Tensor:
    """Draw for each maze a cell [B] that is neither the button's nor the cheese's nor the start."""
    free = test.task.starts.clone()
    free[:, start_cell(test.mazes.size)] = False
    return torch.multinomial(free.float(), 1, generator=random)[:, 0]


def relit_button(net: nn.Module, test: HeldOut, other: Tensor, settings: Settings) -> dict[str, float]:
    """Return P(the button's own cell) with the button not shown ("hidden"), or in the wrong cell ("elsewhere")."""
    found = {}
    for name, cells in {"hidden": None, "elsewhere": other}.items():
        with torch.no_grad():
            logits, _ = net(relit(test.task.observations, cells))
        found[name] = _judged(logits, test, settings)["button"]
    return found


def train_on(
    nets: Sequence[nn.Module],
    tests: Sequence[HeldOut],
    name: str,
    rate: float,
    seed: int,
    settings: Settings,
    device: torch.device,
) -> list[dict]:
    """Train agents that never met a button further, at a constant learning rate; see AFTERWARDS for how.

    Returns:
        a row an agent: "how", "rate", "button" (P in the test after each of settings["after"] updates), and "stumbles":
        the chance that one of its first episodes meets the button.
    """
    opened, only_start = AFTERWARDS[name]
    tasks = [bank(settings, float(opened), BUTTON_PAYS, seed, member, device) for member in range(len(nets))]
    if only_start:
        tasks = [from_the_start(task) for task in tasks]
    method = A2C(**{**settings["method"], "lr": rate, "warmup": 0, "last_lr": 1.0})
    trainer = Trainer(nets, tasks, method, generator(seed, "train on", name, rate, device=device))
    curves: list[list[float]] = [[] for _ in nets]
    for updates in settings["after"]:
        trainer.run(updates, "training on")
        for curve, net, test in zip(curves, trainer.nets(), tests, strict=True):
            curve.append(judge(net, test, settings)["button"])
    random = generator(seed, "stumbles", name, device=device)
    met = [stumbles(net, task, method.horizon, random) for net, task in zip(nets, tasks, strict=True)]
    return [
        {"how": name, "rate": rate, "button": curve, "stumbles": share}
        for curve, share in zip(curves, met, strict=True)
    ]


def stumbles(net: nn.Module, task: Task, horizon: int, random: torch.Generator) -> float:
    """Return the chance that an episode of `horizon` steps meets a button: exact but for one drawn start a maze."""
    with torch.no_grad():
        logits, _ = net(task.observations)
    button = task.rewards == BUTTON_PAYS
    here = torch.arange(task.terminal.shape[1], device=logits.device)[:, None]
    table = torch.where(task.terminal[..., None], here, task.next_table)
    start = task.draw_starts(1, random)[:, 0]
    return float(hit_probability(logits, table, button, start, horizon).double().mean())


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over agents, with intervals; compare kinds of training agent by agent."""
    found: dict[tuple[str, str], Tensor] = {}
    done = list(zip(jobs(settings), outputs, strict=True))
    kinds = {(job["p_open"], job["pays"]): kind_name(job["p_open"], job["pays"]) for job, _ in done}
    for kind, name in kinds.items():
        agents = [agent for job, out in done if (job["p_open"], job["pays"]) == kind for agent in out["agents"]]
        found |= {(name, key): _column(agents, key) for key in SAW}
    walks = [walk for _, out in done for walk in out["random"]]
    found |= {("random", key): _column(walks, key) for key in ("button", "cheese", "return", "best")}
    after = [row for _, out in done for row in out["after"]]
    return Summary(_measurements(found, after, settings), _tables(found, kinds, after, settings))


def kind_name(p_open: float, pays: float) -> str:
    """Return what measurements call a kind of training: "open_5" for p_open .05, "worthless" if the button pays 0."""
    return f"open_{100 * p_open:g}" if pays else "worthless"


def _measurements(found: dict[tuple[str, str], Tensor], after: list[dict], settings: Settings) -> dict[str, Estimate]:
    values = {f"{key}_{name}": column for (name, key), column in found.items() if key != "best"}
    button = {name: column for (name, key), column in found.items() if key == "button"}
    never, best = button["open_0"], found["random", "best"]
    values |= {
        "best_return": best,
        "share_of_best_open_0": found["open_0", "return"] / best,
        "share_of_best_open_100": found["open_100", "return"] / best,
        "never_minus_random": never - button["random"],
        "paying_minus_worthless": button["open_100"] - button["worthless"],
        "never_minus_worthless": never - button["worthless"],
        "shown_minus_hidden_open_0": never - found["open_0", "hidden"],
        "shown_minus_elsewhere_open_0": never - found["open_0", "elsewhere"],
        "shown_minus_hidden_open_100": button["open_100"] - found["open_100", "hidden"],
    }
    shares = sorted(settings["p_open"])
    for less, more in pairwise(shares):
        one, other = kind_name(more, BUTTON_PAYS), kind_name(less, BUTTON_PAYS)
        values[f"{one}_minus_{100 * less:g}"] = button[one] - button[other]
        values[f"{one}_minus_0"] = button[one] - never
    late = settings["after"].index(settings["judged_after"])
    for pace, rate in zip(("", "_slow"), settings["rates"], strict=False):
        reached = {
            how: torch.tensor([r["button"] for r in after if (r["how"], r["rate"]) == (how, rate)], dtype=torch.float64)
            for how in AFTERWARDS
        }
        values |= {f"{how}_later{pace}": curves[:, late] for how, curves in reached.items()}
        values |= {f"{how}_last{pace}": curves[:, -1] for how, curves in reached.items()}
        for how in ("opened", "opened_start"):
            values[f"{how}_minus_closed_later{pace}"] = reached[how][:, late] - reached["closed"][:, late]
    for how in AFTERWARDS:
        rows = [r["stumbles"] for r in after if r["how"] == how and r["rate"] == settings["rates"][0]]
        values[f"stumbles_{how}"] = torch.tensor(rows, dtype=torch.float64)
    return {name: mean_interval(column, UNIT) for name, column in values.items()}


def _tables(
    found: dict[tuple[str, str], Tensor], kinds: dict[tuple[float, float], str], after: list[dict], settings: Settings
) -> dict[str, dict[str, list]]:
    agents = [
        (name, p_open, pays, agent, *(round(float(found[name, key][agent]), 4) for key in SAW))
        for (p_open, pays), name in kinds.items()
        for agent in range(len(found[name, "button"]))
    ]
    curves = []
    for how in AFTERWARDS:
        for rate in settings["rates"]:
            rows = [r["button"] for r in after if (r["how"], r["rate"]) == (how, rate)]
            for update, column in zip(settings["after"], zip(*rows, strict=True), strict=True):
                spread = mean_interval(column)
                ends = (round(end, 4) for end in (spread.value, spread.low, spread.high))
                curves.append((how, rate, update, *ends))
    late = settings["after"].index(settings["judged_after"])
    each = [(r["how"], r["rate"], round(r["stumbles"], 5), round(r["button"][late], 4)) for r in after]
    return {
        "agents": as_columns(("kind", "p_open", "pays", "agent", *SAW), agents),
        "after": as_columns(("how", "rate", "updates", "button", "low", "high"), curves),
        "stumbles": as_columns(("how", "rate", "stumbles", "button"), each),
    }


def _judged(logits: Tensor, test: HeldOut, settings: Settings) -> dict[str, float]:
    button = float(_button_first(logits, test, settings["steps"]).double().mean())
    at_button = Mazes(test.mazes.opened, test.button).targets
    first = reach_before(logits, test.mazes, test.mazes.targets, at_button, settings["steps"])
    cheese = float(first.double().mean())
    return {"button": button, "cheese": cheese, "return": BUTTON_PAYS * button + cheese}


def _button_first(logits: Tensor, test: HeldOut, steps: int) -> Tensor:
    at_button = Mazes(test.mazes.opened, test.button).targets
    return reach_before(logits, test.mazes, at_button, test.mazes.targets, steps)


def _column(rows: Sequence[dict], key: str) -> Tensor:
    return torch.tensor([row[key] for row in rows], dtype=torch.float64)


EXPERIMENT = Experiment(jobs, run, summarise)
