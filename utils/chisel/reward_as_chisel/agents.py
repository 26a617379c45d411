"""Agents as the experiments want them: banks, networks and training from one set of settings."""

from pathlib import Path

from torch import device as Device
from torch import nn

from chisel.core.running import Settings
from chisel.core.seeding import generator
from chisel.reward_as_chisel.model import new_policy
from chisel.reward_as_chisel.tasks import Task, cheese_task
from chisel.reward_as_chisel.training import A2C, Advantages, Trainer, gae
from chisel.reward_as_chisel.world import draw_mazes, region_cells


def train_agents(
    settings: Settings,
    region: int,
    seed: int,
    members: int,
    device: Device,
    checkpoint: Path | None = None,
    advantages: Advantages = gae,
) -> list[nn.Module]:
    """Train agents with the cheese in the top-right `region` x `region`, each with a network and a bank of its own.

    Args:
        settings: "size", "policy" ("field" or "place"), "channels", "blocks", "bank" (mazes of a bank) and "method"
            (arguments of `A2C`).
        region: cells along its side.
        seed: of everything that is random, together with the other arguments.
        members: how many agents are trained as one stack.
        device: where.
        checkpoint: a file that keeps the unfinished training, so that the same call goes on with it after Ctrl-C.
        advantages: `gae`, or another estimator with its arguments.

    Raises:
        WorldError: the region does not fit the maze, the maze is too small, or the bank is empty.
        ValueError: no member, or a setting that A2C does not know.
        CheckpointError: the checkpoint is damaged or belongs to another training. It is left alone.
    """
    tasks = [cheese_bank(settings, region, seed, member, device) for member in range(members)]
    nets = new_agents(settings, seed, members)
    random = generator(seed, "train", region, device=device)
    trainer = Trainer(nets, tasks, A2C(**settings["method"]), random, advantages)
    trainer.run(trainer.method.updates, checkpoint=checkpoint)
    return trainer.nets()


def cheese_bank(settings: Settings, region: int, seed: int, member: int, device: Device) -> Task:
    """Return the bank that a member trains in; arguments as in `train_agents`."""
    random = generator(seed, "bank", region, member, device=device)
    return cheese_task(draw_mazes(settings["bank"], settings["size"], region_cells(settings["size"], region), random))


def new_agents(settings: Settings, seed: int, members: int, inputs: int = 5) -> list[nn.Module]:
    """Return untrained networks, on the CPU."""
    shape = {"size": settings["size"], "channels": settings["channels"], "blocks": settings["blocks"], "inputs": inputs}
    return [new_policy(settings["policy"], generator(seed, "net", member), **shape) for member in range(members)]
