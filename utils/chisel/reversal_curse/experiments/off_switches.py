"""Experiment: what makes a decoder know the inverse of what it was trained on, without being asked for it in training.

Each arm changes the data or the objective and nothing else. One network with facts of its own is one seed; all arms
have the same facts at the same seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.core.tables import as_columns
from chisel.reversal_curse.experiments.scratch import turned
from chisel.reversal_curse.experiments.transpose import mean
from chisel.reversal_curse.measurements import reversal_statistic
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.statements import MASK, Fact, Facts, both_ways, names, sequences
from chisel.reversal_curse.training import Method, lm_loss, masked_loss, train_stack
from chisel.reversal_curse.world import augment, make_facts

SUBJECT, RELATION, OBJECT = range(3)  # positions


@dataclass(frozen=True)
class Arm:
    """What is changed.

    Attributes:
        taught: whether what is held out is trained after all.
        added: a mode of `augment`.
        holes: sets of positions; each statement is shown once with each set masked, to a network that sees all of it.
            Empty: the network predicts the next token.
    """

    taught: bool = False
    added: str = "none"
    holes: tuple[tuple[int, ...], ...] = ()


ARMS = {
    "base": Arm(),
    "both_ways": Arm(taught=True),
    "reversed": Arm(added="reversed"),
    "object_masked": Arm(holes=((OBJECT,),)),
    "masked": Arm(holes=((OBJECT,), (SUBJECT,))),
    "any_order": Arm(  # each token after each other, and after both; with nothing shown there is nothing to learn from
        holes=((OBJECT,), (SUBJECT,), (RELATION,), (SUBJECT, RELATION), (SUBJECT, OBJECT), (RELATION, OBJECT))
    ),
}
DIRECTIONS = ("b_to_a", "a_to_b")


def jobs(settings: Settings) -> list[Job]:
    """One job an arm and stack of seeds."""
    return [
        {"seed": seed, "members": min(settings["stack"], settings["members"] - seed), "arm": arm}
        for arm in settings["arms"]
        for seed in range(0, settings["members"], settings["stack"])
    ]


def with_holes(ids: Tensor, holes: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor, Tensor]:
    """Return what is shown, what is true, and what was left out: each [N * len(holes), L], for `ids: [N, L]`."""
    left_out = torch.zeros(len(holes), *ids.shape, dtype=torch.bool, device=ids.device)
    for masked, positions in zip(left_out, holes, strict=True):
        masked[:, list(positions)] = True
    true = ids.expand(len(holes), *ids.shape)
    shown = true.masked_fill(left_out, MASK)
    return shown.flatten(0, 1), true.flatten(0, 1), left_out.flatten(0, 1)


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train a stack of networks of one arm and ask each for what it was never shown."""
    arm = ARMS[job["arm"]]
    seeds = [settings["first_seed"] + job["seed"] + member for member in range(job["members"])]
    worlds = [make_facts(settings["pairs"], settings["both"], seed) for seed in seeds]
    trained = [augment(both_ways(world) if arm.taught else world, arm.added) for world in worlds]
    ids = torch.stack([sequences((*world.train, *world.exposure)) for world in trained])
    shape = Shape(worlds[0].vocabulary, causal=not arm.holes, **settings["shape"])
    nets = [Decoder(shape, generator(seed, "decoder")) for seed in seeds]
    method = Method(**settings["method"])
    if arm.holes:
        shown, true, left_out = (
            torch.stack(part) for part in zip(*(with_holes(own, arm.holes) for own in ids), strict=True)
        )
        nets = train_stack(nets, true, method, masked_loss, device, job["arm"], shown=shown, counts=left_out)
    else:
        nets = train_stack(nets, ids, method, lm_loss, device, job["arm"])
    return {"arm": job["arm"], "networks": [look(net, world, arm) for net, world in zip(nets, worlds, strict=True)]}


def look(net: nn.Module, world: Facts, arm: Arm) -> dict[str, float]:
    """Return what a network knows, by direction: "b_to_a" of pairs that are stated A to B, "a_to_b" of the others.

    "<direction>_top1" and "<direction>_difference" are of the statements that are held out, asked for as `subject
    relation ?`, and "<direction>_learned_top1" of the trained ones about the same pairs. If the network fills holes,
    "<direction>_in_place_top1" and "<direction>_in_place_difference" ask the trained statement for its subject, as
    `? relation object`.
    """
    found = {}
    for direction, held in zip(DIRECTIONS, (world.held_backward, world.held_forward), strict=True):
        forms = {"": asked_for_objects(held, bool(arm.holes))}
        if arm.holes:
            forms["in_place_"] = asked_for_subjects(turned(held))
        for form, (shown, position) in forms.items():
            scores, hits = answers(net, shown, position, names(held)[:, 0])
            found[f"{direction}_{form}top1"] = float(hits.double().mean())
            found[f"{direction}_{form}difference"] = reversal_statistic(scores)[0]
        learned = turned(held)
        shown, position = asked_for_objects(learned, bool(arm.holes))
        found[f"{direction}_learned_top1"] = float(
            answers(net, shown, position, names(learned)[:, 0])[1].double().mean()
        )
    return found


def asked_for_objects(statements: Sequence[Fact], fills_holes: bool) -> tuple[Tensor, int]:
    """Return what to show [N, L] so as to ask for each object, and the position whose logits are the answer."""
    shown = sequences(statements)
    if not fills_holes:
        return shown[:, :OBJECT], RELATION
    shown[:, OBJECT] = MASK
    return shown, OBJECT


def asked_for_subjects(statements: Sequence[Fact]) -> tuple[Tensor, int]:
    """The same for each subject, of a network that fills holes."""
    shown = sequences(statements)
    shown[:, SUBJECT] = MASK
    return shown, SUBJECT


def answers(net: nn.Module, shown: Tensor, position: int, right: Tensor) -> tuple[Tensor, Tensor]:
    """Return the log-probability of each of the N names after each of the N questions, and which are answered right.

    Right is that the likeliest token of the vocabulary is the right name.

    Args:
        shown: [N, L].
        right: [N] tokens; name i answers question i.
    """
    device = next(net.parameters()).device
    right = right.to(device)
    with torch.no_grad():
        log_probs = torch.log_softmax(net(shown.to(device))[:, position], dim=-1)
    return log_probs[:, right], log_probs.argmax(-1) == right


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over seeds.

    Measurements: `<arm>_<what>`, with what as in `look` by direction, and without the direction for the mean of both;
    `<arm>_less_base_difference`, paired.
    """
    measurements, rows = {}, []
    base: list[dict[str, float]] = []
    for arm in settings["arms"]:
        networks = [network for output in outputs if output["arm"] == arm for network in output["networks"]]
        whats = [key.removeprefix("b_to_a_") for key in networks[0] if key.startswith("b_to_a_")]
        for network in networks:
            network.update({what: mean([network[f"{way}_{what}"] for way in DIRECTIONS]) for what in whats})
        for what in networks[0]:
            measurements[f"{arm}_{what}"] = mean_interval([network[what] for network in networks])
        base = base or networks
        gaps = [own["difference"] - other["difference"] for own, other in zip(networks, base, strict=True)]
        if arm != "base":
            measurements[f"{arm}_less_base_difference"] = mean_interval(gaps)
        for seed, network in enumerate(networks):
            rows += [(arm, seed, what, round(network[what], 4)) for what in whats]
    columns = ("arm", "seed", "what", "value")
    return Summary(measurements, {"networks": as_columns(columns, rows)})


EXPERIMENT = Experiment(jobs, run, summarise)
