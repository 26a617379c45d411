"""Experiment: ask a pretrained model for the next letter and the one before, for capitals and countries, both ways."""

from collections.abc import Sequence

import torch

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import Estimate, exact, mean_interval, proportion_interval
from chisel.reversal_curse.measurements import forced_choice, reversal_statistic
from chisel.reversal_curse.pretrained.asking import contrasts, name_scores
from chisel.reversal_curse.pretrained.known import RELATIONS
from chisel.reversal_curse.pretrained.loading import load

WAYS = ("forward", "backward")
UNIT = "pairs"
_DIGITS = 3


def jobs(settings: Settings) -> list[Job]:
    """One job a relation."""
    return [{"seed": 0, "relation": relation} for relation in settings["relations"]]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return the relation's scores both ways, mean over phrasings: {"forward": [N][N], "backward": [N][N]}."""
    model = load(settings["model"], device)
    relation = RELATIONS[job["relation"]]
    found: Output = {"relation": job["relation"], "pairs": [list(pair) for pair in relation.pairs[: settings["most"]]]}
    for way in WAYS:
        asked = [
            name_scores(model, *relation.asked(way, phrasing, settings["most"]))
            for phrasing in range(settings["phrasings"])
        ]
        found[way] = [[round(x, _DIGITS) for x in row] for row in torch.stack(asked).mean(0).tolist()]
    return found


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Return each relation's preference for the right answer either way, and the difference pair by pair."""
    measurements: dict[str, Estimate] = {}
    pairs: dict[str, list] = {name: [] for name in ("relation", "a", "b", *WAYS)}
    scores: dict[str, list] = {name: [] for name in ("relation", "way", "row", "scores")}
    for output in outputs:
        relation = output["relation"]
        gains = {}
        for way in WAYS:
            matrix = torch.tensor(output[way], dtype=torch.float64)
            gains[way] = contrasts(matrix)
            measurements[f"{relation}_{way}"] = mean_interval(gains[way], UNIT)
            measurements[f"{relation}_{way}_shuffled"] = mean_interval(contrasts(_mispaired(matrix)), UNIT)
            right = int(forced_choice(matrix).sum())
            measurements[f"{relation}_{way}_choice"] = proportion_interval(right, len(matrix), UNIT)
            measurements[f"{relation}_{way}_p"] = exact(reversal_statistic(matrix)[2])
            for row, values in enumerate(output[way]):
                scores["relation"].append(relation)
                scores["way"].append(way)
                scores["row"].append(row)
                scores["scores"].append(values)
        measurements[f"{relation}_difference"] = mean_interval(gains["forward"] - gains["backward"], UNIT)
        for name, column in zip(("a", "b"), zip(*output["pairs"], strict=True), strict=True):
            pairs[name] += column
        pairs["relation"] += [relation] * len(output["pairs"])
        for way in WAYS:
            pairs[way] += [round(x, _DIGITS) for x in gains[way].tolist()]
    return Summary(measurements, {"pairs": pairs, "scores": scores})


def _mispaired(scores: torch.Tensor) -> torch.Tensor:
    """Return `scores: [N, N]` with the columns rearranged at random so that no right answer is on the diagonal."""
    count, random = len(scores), generator(0, "mispaired")
    while True:
        order = torch.randperm(count, generator=random)
        if bool((order != torch.arange(count)).all()):
            return scores[:, order]


EXPERIMENT = Experiment(jobs, run, summarise)
