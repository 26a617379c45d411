"""Experiment: one network reverses statements that stand in its context, and not those that are in its weights.

One network with facts of its own is one seed. Arm "separate": the entities of the contexts are in no fact. Arm
"shared": the contexts are drawn from the entities of the facts.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.core.tables import as_columns
from chisel.reversal_curse.experiments.off_switches import answers
from chisel.reversal_curse.experiments.scratch import turned
from chisel.reversal_curse.experiments.transpose import mean
from chisel.reversal_curse.in_context import Reading, draw_contexts, relation_first, train_readers
from chisel.reversal_curse.measurements import reversal_statistic
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.statements import FIRST_ENTITY, Fact, Facts, names
from chisel.reversal_curse.training import Method
from chisel.reversal_curse.world import make_facts

ARMS = ("separate", "shared")
CURVES = ("context_stated", "context_inverse", "told_inverse", "weights_learned", "weights_inverse")


def jobs(settings: Settings) -> list[Job]:
    """One job an arm and stack of seeds."""
    return [
        {"seed": seed, "members": min(settings["stack"], settings["members"] - seed), "arm": arm}
        for arm in ARMS
        for seed in range(0, settings["members"], settings["stack"])
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train a stack of networks of one arm and look at each while it learns."""
    seeds = [settings["first_seed"] + job["seed"] + member for member in range(job["members"])]
    worlds = [make_facts(settings["pairs"], settings["both"], seed) for seed in seeds]
    own = torch.arange(FIRST_ENTITY, FIRST_ENTITY + 2 * settings["pairs"])
    others = torch.arange(worlds[0].vocabulary, worlds[0].vocabulary + settings["pool"])
    entities = others if job["arm"] == "separate" else own
    reading = Reading(**settings["reading"])
    shape = Shape(worlds[0].vocabulary + settings["pool"], reading.length, **settings["shape"])
    nets = [Decoder(shape, generator(seed, "decoder")) for seed in seeds]
    kept = train_readers(
        nets,
        worlds,
        [entities] * len(seeds),
        seeds,
        reading,
        Method(**settings["method"]),
        device,
        job["arm"],
        settings["looks"],
    )
    seen = {
        step: [
            look(net, world, entities, reading, settings["questions"], generator(seed, "questions"))
            for net, world, seed in zip(trained, worlds, seeds, strict=True)
        ]
        for step, trained in kept.items()
    }
    return {"arm": job["arm"], "steps": list(seen), "seen": list(seen.values())}


def look(
    net: nn.Module, world: Facts, entities: Tensor, reading: Reading, count: int, random: torch.Generator
) -> dict[str, float]:
    """Return what a network reads in a context and what it knows by heart: shares whose likeliest token is right.

    "context_stated", "context_inverse": new contexts, with one question each, in the direction that was stated or the
    other. "told_inverse": the inverse of each one-way fact of the weights, with the fact and others in the context.
    "weights_learned": all statements that are trained. "weights_inverse": the statements that are held out, and
    "weights_choice_less_chance", the likeliest of the held-out names; "weights_difference" (nats), of
    `reversal_statistic`.
    """
    ids, inverse = draw_contexts(count, entities, reading.stated, 1, random)
    hits = right(net, ids)
    held = (world.held_backward, world.held_forward)
    matrices, found = [], []
    for statements in held:
        scores, inverse_hits = answers(net, relation_first(statements)[:, :2], 1, names(statements)[:, 0])
        matrices.append(scores)
        found.append(float(inverse_hits.double().mean()))
    told = [right(net, told_first(statements, reading.stated)) for statements in held]
    choices = [float((matrix.argmax(1) == torch.arange(len(matrix))).double().mean()) for matrix in map(cpu, matrices)]
    return {
        "context_stated": share(hits[~inverse[:, 0]]),
        "context_inverse": share(hits[inverse[:, 0]]),
        "told_inverse": share(torch.cat(told)),
        "weights_learned": share(right(net, relation_first(world.train))),
        "weights_inverse": mean(found),
        "weights_choice_less_chance": mean(choices) - mean([1 / len(matrix) for matrix in matrices]),
        "weights_difference": mean([reversal_statistic(matrix)[0] for matrix in matrices]),
    }


def told_first(held: Sequence[Fact], stated: int) -> Tensor:
    """Return contexts [N * stated, L]: the inverse of each held-out statement and those of the next ones; then it is
    asked. It takes each place among the statements once.
    """
    inverse, asked = relation_first(turned(held)), relation_first(held)
    rows = []
    for index in range(len(held)):
        others = [(index + 1 + step) % len(held) for step in range(stated - 1)]
        for place in range(stated):
            told = [*others[:place], index, *others[place:]]
            rows.append(torch.cat([inverse[told].flatten(), asked[index]]))
    return torch.stack(rows)


def right(net: nn.Module, ids: Tensor) -> Tensor:
    """Return [N] bool on the CPU: whether the likeliest token of the vocabulary is the last one of `ids: [N, L]`."""
    device = next(net.parameters()).device
    with torch.no_grad():
        return net(ids[:, :-1].to(device))[:, -1].argmax(-1).cpu() == ids[:, -1]


def share(hits: Tensor) -> float:
    """Return the share that is True."""
    return float(hits.double().mean())


def cpu(values: Tensor) -> Tensor:
    """Return the values on the CPU."""
    return values.cpu()


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over seeds, after the last step.

    Measurements: `<arm>_<what>`, with what as in `look`; `<arm>_context_less_weights` and `<arm>_told_less_weights`,
    less inverse questions in the weights, in the same network; `shared_less_separate_<what>`, in networks of one seed.
    """
    measurements, curves = {}, []
    last: dict[str, list[dict[str, float]]] = {}
    for arm in ARMS:
        own = [output for output in outputs if output["arm"] == arm]
        steps = own[0]["steps"]
        seen = [[row for output in own for row in output["seen"][index]] for index in range(len(steps))]
        last[arm] = seen[-1]
        for what in seen[-1][0]:
            measurements[f"{arm}_{what}"] = mean_interval([row[what] for row in seen[-1]])
        for what in ("context", "told"):
            gaps = [row[f"{what}_inverse"] - row["weights_inverse"] for row in seen[-1]]
            measurements[f"{arm}_{what}_less_weights"] = mean_interval(gaps)
        for step, rows in zip(steps, seen, strict=True):
            for what in CURVES:
                found = mean_interval([row[what] for row in rows])
                curves.append((arm, what, step, *(round(x, 4) for x in (found.value, found.low, found.high))))
    for what in ("weights_inverse", "weights_choice_less_chance", "weights_difference"):
        gaps = [
            shared[what] - separate[what] for shared, separate in zip(last["shared"], last["separate"], strict=True)
        ]
        measurements[f"shared_less_separate_{what}"] = mean_interval(gaps)
    columns = ("arm", "what", "steps", "mean", "low", "high")
    tables: dict[str, dict[str, list]] = {"curves": as_columns(columns, curves)}
    rows = [(arm, seed, row) for arm in ARMS for seed, row in enumerate(last[arm])]
    tables["networks"] = {
        "arm": [arm for arm, _, _ in rows],
        "seed": [seed for _, seed, _ in rows],
        **{what: [round(row[what], 4) for _, _, row in rows] for what in rows[0][2]},
    }
    return Summary(measurements, tables)


EXPERIMENT = Experiment(jobs, run, summarise)
