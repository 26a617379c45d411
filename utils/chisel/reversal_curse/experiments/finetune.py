"""Experiment: fine-tune a pretrained model on invented people, told of in one order or both, and ask in both."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.statistics import Estimate, mean_interval
from chisel.core.tables import as_columns
from chisel.reversal_curse.measurements import difference_in_differences, reversal_statistic
from chisel.reversal_curse.pretrained.asking import right_and_wrong
from chisel.reversal_curse.pretrained.finetuning import GROUPS, Tuning, ask_all, fine_tune
from chisel.reversal_curse.pretrained.invented import DIRECTIONS, Direction, invent, tell
from chisel.reversal_curse.pretrained.loading import LanguageModel, load

# What each group is asked: people told of one way are asked that way ("forward") and the other way ("reverse").
ARMS = {
    ("to_description", "to_description"): "forward_to_description",
    ("to_name", "to_name"): "forward_to_name",
    ("to_description", "to_name"): "reverse_to_name",
    ("to_name", "to_description"): "reverse_to_description",
    ("both", "to_description"): "both_to_description",
    ("both", "to_name"): "both_to_name",
}
FORWARD: tuple[tuple[str, Direction], ...] = (("to_description", "to_description"), ("to_name", "to_name"))
UNTOLD = -1  # the phrasing that is never trained
_DIGITS = 3


def jobs(settings: Settings) -> list[Job]:
    """One job a seed: people of its own and a fresh copy of the pretrained model."""
    return [{"seed": seed} for seed in range(settings["seeds"])]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return what the model says before and after fine-tuning, by group and direction."""
    return tuned(load(settings["model"], device), job["seed"], settings)


def tuned(model: LanguageModel, seed: int, settings: Settings) -> Output:
    """Fine-tune `model` in place on the people of `seed` and return what it says before and after.

    Returns:
        {"people": rows (group, name, description), "asked": a list of {"arm", "before", "after" (scores [N][N], nats),
        "exact" (share after)}, "new_words": {arm: difference after, in a phrasing not trained}, "losses"}.
    """
    people = invent(settings["one_way"], settings["both"], seed)
    before = ask_all(model, people)
    tuning = Tuning(settings["epochs"], settings["lr"], settings["batch"])
    losses = fine_tune(model, tell(people, settings["tellings"]), tuning, seed)
    after = ask_all(model, people)
    new_words = ask_all(model, people, UNTOLD, FORWARD) if settings["new_words"] else {}
    return {
        "people": [[group, p.name, p.description] for group in GROUPS for p in getattr(people, group)],
        "asked": [
            {
                "arm": ARMS[way],
                "before": _rounded(before[way].scores),
                "after": _rounded(after[way].scores),
                "exact": float(after[way].exact.double().mean()),
            }
            for way in after
        ],
        "new_words": {ARMS[way]: reversal_statistic(asked.scores)[0] for way, asked in new_words.items()},
        "losses": [round(loss, _DIGITS) for loss in losses],
    }


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Return each arm's difference in differences over seeds, the raw rises, and every score matrix."""
    seeds = [_by_arm(output) for output in outputs]
    measurements: dict[str, Estimate] = {}
    for arm in seeds[0]:
        for name in seeds[0][arm]:
            key = arm if name == "gain" else f"{arm}_{name}"
            measurements[key] = mean_interval([seed[arm][name] for seed in seeds])
    for arm in outputs[0]["new_words"]:
        measurements[f"{arm}_new_words"] = mean_interval([output["new_words"][arm] for output in outputs])

    def both_ways(kind: str, name: str) -> Tensor:
        arms = [f"{kind}_{direction}" for direction in DIRECTIONS]
        return torch.tensor([[seed[arm][name] for arm in arms] for seed in seeds], dtype=torch.float64).mean(1)

    for kind in ("forward", "reverse"):
        measurements[kind] = mean_interval(both_ways(kind, "gain"))
        for name in ("right", "wrong"):
            measurements[f"{kind}_{name}"] = mean_interval(both_ways(kind, name))
    measurements["forward_minus_reverse"] = mean_interval(both_ways("forward", "gain") - both_ways("reverse", "gain"))
    return Summary(measurements, {"gains": _gains(seeds), "scores": _scores(outputs), "people": _people(outputs)})


def _by_arm(output: Output) -> dict[str, dict[str, float]]:
    """Return for each arm of one seed the contrasted gain, both raw rises, the differences, and exact matches."""
    found = {}
    for asked in output["asked"]:
        before, after = (torch.tensor(asked[when], dtype=torch.float64) for when in ("before", "after"))
        rise = {name: right_and_wrong(after)[name] - right_and_wrong(before)[name] for name in ("right", "wrong")}
        found[asked["arm"]] = {
            "gain": difference_in_differences(before, after),
            "before": reversal_statistic(before)[0],
            "after": reversal_statistic(after)[0],
            "exact": asked["exact"],
            **rise,
        }
    return found


def _gains(seeds: Sequence[dict[str, dict[str, float]]]) -> dict[str, list]:
    rows = [
        {"seed": seed, "arm": arm, **{name: round(value, _DIGITS) for name, value in numbers.items()}}
        for seed, arms in enumerate(seeds)
        for arm, numbers in arms.items()
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _scores(outputs: Sequence[Output]) -> dict[str, list]:
    """Return every score matrix, a row of it each: columns seed, arm, when, row, scores."""
    table: dict[str, list[Any]] = {name: [] for name in ("seed", "arm", "when", "row", "scores")}
    for seed, output in enumerate(outputs):
        for asked in output["asked"]:
            for when in ("before", "after"):
                for row, values in enumerate(asked[when]):
                    for name, value in zip(table, (seed, asked["arm"], when, row, values), strict=True):
                        table[name].append(value)
    return table


def _people(outputs: Sequence[Output]) -> dict[str, list]:
    rows = [[seed, *row] for seed, output in enumerate(outputs) for row in output["people"]]
    names = ("seed", "group", "name", "description")
    return as_columns(names, rows)


def _rounded(scores: Tensor) -> list[list[float]]:
    return [[round(x, _DIGITS) for x in row] for row in scores.tolist()]


EXPERIMENT = Experiment(jobs, run, summarise)
