"""Experiment 4: what is never sampled is never reinforced, whatever its reward.

Two arms. As long as the better one is not drawn, a run is deterministic, so its chance of staying undrawn is an exact
product. "Never drawn" and "has a low probability now" are kept apart: the first is a fact about data, the second about
the policy.
"""

import math
from collections.abc import Sequence

import torch

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import Estimate, exact, mean_interval, proportion_interval
from chisel.core.tables import as_columns
from chisel.update_strength.bandit import simulate


def survival_curve(p0: float, lr: float, r_bad: float, horizons: Sequence[int], natural: bool) -> list[float]:
    """Return, for each horizon, the exact probability that the better arm is still undrawn after that many draws.

    The vanilla curve at T is `bandit.prob_never_sampled(p0, lr, r_bad, T)`. Natural PG moves the drawn logit by
    lr * r_bad / (1 - p) instead, a step that does not shrink with p, so its curve levels off above 0.

    Args:
        horizons: increasing step counts.
    """
    gap, log_missed, curve, step = math.log(p0) - math.log1p(-p0), 0.0, [], 0
    for horizon in horizons:
        for _ in range(step, horizon):
            tail = math.log1p(math.exp(-abs(gap)))
            log_p, log_rest = min(gap, 0.0) - tail, -max(gap, 0.0) - tail
            log_missed += log_rest
            gap -= lr * r_bad * (math.exp(-log_rest) if natural else 2 * math.exp(log_p))
        step = horizon
        curve.append(math.exp(log_missed))
    return curve


def jobs(settings: Settings) -> list[Job]:
    """One job an algorithm, with and without the exploration floor. All share a seed, and so their draws."""
    return [
        {"seed": 0, "members": settings["members"], "algorithm": algorithm, "floor": floor}
        for algorithm in ("vanilla", "natural")
        for floor in (0.0, settings["floor"])
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Flag the members that never drew the better arm and those whose probability of it is low, by multiplier."""
    good, bad = settings["rewards"]
    p0, multipliers, steps = settings["p0"], settings["multipliers"], settings["steps"]
    start = torch.tensor([math.log(p0), math.log1p(-p0)], dtype=torch.float64, device=device)
    columns = [[good * factor, bad] for factor in multipliers]
    rewards = torch.tensor(columns, dtype=torch.float64, device=device).T  # [2, C]
    random = generator(job["seed"], "two arms", device=device)
    draws = torch.rand(steps, job["members"], generator=random, dtype=torch.float64, device=device)  # [T, M]
    record = [step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if step < steps] + [steps]
    no_baseline = [("zero", 0.0)] * len(multipliers)
    natural, lr = job["algorithm"] == "natural", settings["learning_rate"]
    runs = simulate(start, rewards, lr, no_baseline, draws, natural, record, job["floor"])
    never = ~runs.drawn[:, 0]  # [R, C, M]
    low = runs.probs[:, 0] < settings["low"]
    return {
        "steps": record,
        "never": never.sum(-1).tolist(),  # [R][C]
        "low": low.sum(-1).tolist(),
        "low_minus_never": [_difference_counts(a, b) for a, b in zip(low[-1], never[-1], strict=True)],  # C pairs
        "changed": int((never != never[:, :1]).any(0).any(0).sum()),
    }


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Compare simulation with the formula, and rewards and algorithms with one another."""
    members, lr, bad = settings["members"], settings["learning_rate"], settings["rewards"][1]
    found = dict(zip([(job["algorithm"], job["floor"]) for job in jobs(settings)], outputs, strict=True))
    vanilla, natural = found["vanilla", 0.0], found["natural", 0.0]
    floored = {name: found[name, settings["floor"]]["never"][-1][0] for name in ("vanilla", "natural")}
    horizons = settings["horizons"]
    curves = {
        name: survival_curve(settings["p0"], lr, bad, horizons, name == "natural") for name in ("vanilla", "natural")
    }
    [formula] = survival_curve(settings["p0"], lr, bad, [settings["steps"]], natural=False)
    missed = vanilla["never"][-1][0]
    changed = float(sum(output["changed"] for output in outputs))
    flags = torch.tensor([1.0] * missed + [0.0] * (members - missed), dtype=torch.float64)
    power = -math.log(curves["vanilla"][-1] / curves["vanilla"][-2]) / math.log(horizons[-1] / horizons[-2])
    middle = len(horizons) // 2
    measurements = {
        "exact_never_sampled": exact(formula),
        "never_sampled": proportion_interval(missed, members),
        "exact_minus_simulated": mean_interval(formula - flags),
        "runs_changed_by_reward": Estimate(changed, changed, changed, members * len(outputs), "runs (count)"),
        "low_probability": proportion_interval(vanilla["low"][-1][0], members),
        "low_minus_never": _from_counts(vanilla["low_minus_never"][0], members),
        "natural_never_sampled": proportion_interval(natural["never"][-1][0], members),
        "natural_low_probability": proportion_interval(natural["low"][-1][0], members),
        "natural_low_minus_never": _from_counts(natural["low_minus_never"][0], members),
        "natural_late_decline": exact(1 - curves["natural"][-1] / curves["natural"][middle]),
        "vanilla_power": exact(power),
        "vanilla_relative_power": exact(power * 2 * lr * bad),
        "never_sampled_floor": proportion_interval(floored["vanilla"], members),
        "natural_never_sampled_floor": proportion_interval(floored["natural"], members),
    }
    exact_table = {
        "algorithm": [name for name in curves for _ in horizons],
        "step": [step for _ in curves for step in horizons],
        "never": [share for curve in curves.values() for share in curve],
    }
    return Summary(measurements, {"simulated": _simulated_table(found, settings), "exact": exact_table})


def _difference_counts(low: torch.Tensor, never: torch.Tensor) -> list[int]:
    """Return how many members are [low but drew the arm, never drew it but are not low]."""
    return [int((low & ~never).sum()), int((never & ~low).sum())]


def _from_counts(counts: Sequence[int], members: int):
    """Return the paired difference of the shares from the counts of members in which the two flags disagree."""
    more, less = counts
    return mean_interval([1.0] * more + [-1.0] * less + [0.0] * (members - more - less))


def _simulated_table(found: dict, settings: Settings) -> dict[str, list]:
    """One row an algorithm, floor, multiplier and recorded step."""
    spread_names = ("never", "never_low", "never_high", "low", "low_low", "low_high")
    names = ("algorithm", "floor", "multiplier", "step", *spread_names)
    members, rows = settings["members"], []
    for (algorithm, floor), output in found.items():
        for index, multiplier in enumerate(settings["multipliers"]):
            for record, step in enumerate(output["steps"]):
                shares = [proportion_interval(output[key][record][index], members) for key in ("never", "low")]
                spread = [round(x, 6) for share in shares for x in (share.value, share.low, share.high)]
                rows.append((algorithm, floor, multiplier, step, *spread))
    return as_columns(names, rows)


EXPERIMENT = Experiment(jobs, run, summarise)
