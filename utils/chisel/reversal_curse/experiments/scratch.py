"""Experiment: train decoders on statements of both directions, and ask for those that were left out.

One network with facts of its own is one seed. Set-ups that draw the same world have the same facts at the same seed, so
that they are compared seed by seed.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from chisel.core.ensembles import Stack
from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import Estimate, mean_interval
from chisel.reversal_curse.measurements import forced_choice, reversal_statistic, score_matrix, top_1
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.statements import BACKWARD, FORWARD, Fact, Facts, both_ways, sequences
from chisel.reversal_curse.training import Method, train_stack
from chisel.reversal_curse.world import augment, make_facts

DIRECTIONS = ("b_to_a", "a_to_b")  # what is asked: of pairs that are stated A to B only, and of those stated B to A
PAIRED = ("reverse_difference", "difference_b_to_a", "difference_a_to_b", "reverse_choice")  # compared seed by seed
DRAWN = 16  # names in a stored matrix: more could not be told apart in a figure
RUNS = ("learned_difference", "difference_b_to_a", "difference_a_to_b")  # kept of each seed, for figures


def turned(facts: Sequence[Fact]) -> list[Fact]:
    """Return the other statement about the same pairs."""
    other = {FORWARD: BACKWARD, BACKWARD: FORWARD}
    return [Fact(fact.object, other[fact.relation], fact.subject) for fact in facts]


def held_out(facts: Facts) -> dict[str, tuple[Fact, ...]]:
    """Return the statements that are asked for and never trained, by direction."""
    return {"b_to_a": facts.held_backward, "a_to_b": facts.held_forward}


def stated_both_ways(facts: Facts) -> list[Fact]:
    """Return the backward statement of each pair whose forward statement is trained too."""
    trained = set(facts.train)
    return [fact for fact in facts.train if fact.relation == BACKWARD and turned([fact])[0] in trained]


def draw_world(variant: Mapping[str, Any], seed: int) -> tuple[Facts, Tensor]:
    """Return the facts of a seed and the sequences [N, 3] that a variant trains on.

    Variant: "pairs", "both" (share of pairs that are stated both ways); "augment", a mode of `augment`; "exposure",
    whether each name is a target elsewhere; "taught", whether what is held out is trained after all.
    """
    facts = make_facts(variant["pairs"], variant["both"], seed)
    trained = augment(both_ways(facts) if variant["taught"] else facts, variant["augment"]).train
    return facts, sequences([*trained, *facts.exposure] if variant["exposure"] else trained)


def new_decoder(variant: Mapping[str, Any], vocabulary: int, seed: int) -> Decoder:
    """Return an untrained decoder; the variant's "shape" is that of `Shape`."""
    return Decoder(Shape(vocabulary, **variant["shape"]), generator(seed, "decoder"))


def look(net: nn.Module, facts: Facts, most: int) -> dict[str, float]:
    """Return what a decoder knows of what it was trained on, and of its inverse.

    "learned_*": statements about the pairs that are stated in one direction only, in that direction; "both_top1":
    backward statements of pairs that are stated both ways; "reverse_*": the statements that are held out. "*_top1":
    share for which the right name is the likeliest token of the vocabulary; "*_choice": the likeliest of the held-out
    names, and "choice_gain" that share less what chance gives. "*_difference" (nats): of `reversal_statistic`, the mean
    of both directions; "difference_b_to_a" and "difference_a_to_b": of each. "noticed": share of directions with
    p < .05.

    Of the held-out names after held-out prompts: "level" (nats), their mean log-probability, right or wrong; "spread"
    (nats), the root mean square of what is left of it for wrong names without the means of its row and column.
    "named_top1": share of these names that are the likeliest token after the key of their exposure fact.

    Args:
        most: at most so many statements a direction, so that the matrices stay small.
    """
    asked = [list(statements[:most]) for statements in held_out(facts).values()]
    scores = [score_matrix(net, statements) for statements in asked]
    statistics = [reversal_statistic(matrix) for matrix in scores]
    learned = [reversal_statistic(score_matrix(net, turned(statements)))[0] for statements in asked]
    never = [fact for statements in asked for fact in statements]
    names = {fact.object for fact in never}
    exposed = [fact for fact in facts.exposure if fact.object in names]
    both = stated_both_ways(facts)[:most]
    known = {"both_top1": _share(top_1(net, both))} if both else {}
    choice = _mean([_share(forced_choice(matrix)) for matrix in scores])
    return {
        **known,
        "learned_top1": _share(top_1(net, turned(never))),
        "learned_difference": _mean(learned),
        "reverse_top1": _share(top_1(net, never)),
        "reverse_choice": choice,
        "choice_gain": choice - _mean([1 / len(matrix) for matrix in scores]),
        "reverse_difference": _mean([difference for difference, _, _ in statistics]),
        **{f"difference_{name}": found[0] for name, found in zip(DIRECTIONS, statistics, strict=True)},
        "noticed": _mean([float(p < 0.05) for _, _, p in statistics]),
        "level": _mean([float(matrix.mean()) for matrix in scores]),
        "spread": _mean([_spread(matrix) for matrix in scores]),
        "named_top1": _share(top_1(net, exposed)),
    }


def jobs(settings: Settings) -> list[Job]:
    """One job a variant and stack of seeds. A variant may ask for seeds of its own number, as "members"."""
    counts = {name: changed.get("members", settings["members"]) for name, changed in settings["variants"].items()}
    return [
        {"seed": settings["first_seed"] + done, "members": min(settings["stack"], count - done), "variant": name}
        for name, count in counts.items()
        for done in range(0, count, settings["stack"])
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train a stack of decoders and look at each after the variant's numbers of steps, the last one included."""
    variant = complete(settings, job["variant"])
    seeds = range(job["seed"], job["seed"] + job["members"])
    drawn = [draw_world(variant, seed) for seed in seeds]
    nets = [new_decoder(variant, facts.vocabulary, seed) for (facts, _), seed in zip(drawn, seeds, strict=True)]
    method = Method(**variant["method"])
    looks: dict[int, list[dict[str, float]]] = {}

    def look_in(step: int, stack: Stack) -> None:
        if step in (*variant["looks"], method.steps):
            pairs = zip(stack.modules(), drawn, strict=True)
            looks[step] = [look(net, facts, settings["most"]) for net, (facts, _) in pairs]

    ids = torch.stack([sequences for _, sequences in drawn])
    trained = train_stack(nets, ids, method, device=device, description=job["variant"], after_step=look_in)
    matrices = {}
    if job["seed"] == settings["first_seed"] and job["variant"] in settings["matrices"]:
        matrices = matrices_of(trained[0], drawn[0][0], DRAWN)
    return {
        "variant": job["variant"],
        "steps": list(looks),
        "seen": list(looks.values()),
        "matrices": {name: [[round(x, 2) for x in row] for row in matrix] for name, matrix in matrices.items()},
    }


def matrices_of(net: nn.Module, facts: Facts, most: int) -> dict[str, list[list[float]]]:
    """Return a decoder's scores by direction: what is trained about pairs stated A to B, and what is held out."""
    asked = {"learned": turned(facts.held_backward), **held_out(facts)}
    return {name: score_matrix(net, statements[:most]).tolist() for name, statements in asked.items()}


def complete(settings: Settings, name: str) -> dict[str, Any]:
    """Return a variant: the settings' "base", with what the variant changes."""
    base, own = settings["base"], settings["variants"][name]
    merged = {key: {**base[key], **own.get(key, {})} for key in ("shape", "method")}
    return {**base, **own, **merged}


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over seeds, after the last step; and compare variants seed by seed.

    Measurements are named `<variant>_<what>`, with what as in `look`, and `<variant>_minus_<other>_<what>` for each
    pair in "compare". For each of "groups", which names variants, `<group>_highest` and `<group>_lowest` are the
    reverse differences of the one whose interval reaches farthest up and of the one whose interval reaches farthest
    down, and `<group>_learned_top1` is that of the one which learned least.
    """
    measurements: dict[str, Estimate] = {}
    last = {name: looks_at(outputs, name)[-1][1] for name in settings["variants"]}
    for name, rows in last.items():
        measurements |= {f"{name}_{what}": mean_interval([row[what] for row in rows]) for what in rows[0]}
    for name, other in settings["compare"]:
        for what in PAIRED:
            gaps = [row[what] - reference[what] for row, reference in zip(last[name], last[other], strict=True)]
            measurements[f"{name}_minus_{other}_{what}"] = mean_interval(gaps)
    for group, names in settings["groups"].items():
        reverse = [measurements[f"{name}_reverse_difference"] for name in names]
        learned = [measurements[f"{name}_learned_top1"] for name in names]
        measurements[f"{group}_highest"] = max(reverse, key=lambda estimate: estimate.high)
        measurements[f"{group}_lowest"] = min(reverse, key=lambda estimate: estimate.low)
        measurements[f"{group}_learned_top1"] = min(learned, key=lambda estimate: estimate.low)
    runs = [
        (name, seed, *(round(row[what], 3) for what in RUNS))
        for name, rows in last.items()
        for seed, row in enumerate(rows)
    ]
    matrices = [
        (output["variant"], direction, index, row)
        for output in outputs
        for direction, matrix in output["matrices"].items()
        for index, row in enumerate(matrix)
    ]
    tables = {
        "runs": columns(("variant", "seed", *RUNS), runs),
        "matrices": columns(("variant", "direction", "row", "scores"), matrices),
    }
    return Summary(measurements, tables)


def looks_at(outputs: Sequence[Output], variant: str) -> list[tuple[int, list[dict[str, float]]]]:
    """Return what was seen of a variant: steps done, and what each seed's decoder knew then."""
    own = [output for output in outputs if output["variant"] == variant]
    return [(step, [row for output in own for row in output["seen"][at]]) for at, step in enumerate(own[0]["steps"])]


def columns(names: Sequence[str], rows: Sequence[tuple]) -> dict[str, list]:
    """Return rows as a table: columns by name."""
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}


def _share(hits: Tensor) -> float:
    return float(hits.double().mean())


def _spread(scores: Tensor) -> float:
    left = scores.double() - scores.double().mean(0)
    left = left - left.mean(1, keepdim=True)
    wrong = ~torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    return float(left[wrong].square().mean().sqrt())


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


EXPERIMENT = Experiment(jobs, run, summarise)
