"""Experiment 3: what a baseline leaves alone (the expected gradient) and what it changes (variance, commitment).

The first half is exact. The second stacks thousands of runs of a 3-armed bandit; every baseline and learning rate sees
the same random draws, so a difference between two baselines is a paired difference.
"""

from collections.abc import Sequence

import torch

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import exact, mean_interval, proportion_interval
from chisel.core.tables import as_columns
from chisel.update_strength.bandit import follow_expected, grad_variance, optimal_baseline, simulate

SLOW, FAST = 0.1, 0.5  # the learning rates that the criteria speak of
BELOW, LEAST, ABOVE = ("minimum", -0.5), ("minimum", 0.0), ("minimum", 0.5)
VALUE, ZERO = ("value", 0.0), ("zero", 0.0)


def label(baseline: tuple[str, float]) -> str:
    """Return a baseline's name as figures print it, such as "b* - 0.5", "V" or "-1"."""
    reference, offset = baseline
    name = {"minimum": "b*", "value": "V", "zero": ""}[reference]
    if not name:
        return f"{offset:g}"
    return name if offset == 0 else f"{name} {'-' if offset < 0 else '+'} {abs(offset):g}"


def jobs(settings: Settings) -> list[Job]:
    """One job an algorithm and learning rate. All share a seed, and so their draws."""
    return [
        {"seed": 0, "members": settings["members"], "algorithm": algorithm, "learning_rate": lr}
        for algorithm in settings["algorithms"]
        for lr in settings["learning_rates"]
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Count, for each baseline and recorded step, the members committed to the best arm and to a worse one."""
    start = torch.tensor(settings["start_logits"], dtype=torch.float64, device=device)
    rewards = torch.tensor(settings["rewards"], dtype=torch.float64, device=device)
    baselines = [(reference, offset) for reference, offset in settings["baselines"]]
    steps, natural, lr = settings["steps"], job["algorithm"] == "natural", job["learning_rate"]
    random = generator(job["seed"], "bandit", device=device)
    draws = torch.rand(steps, job["members"], generator=random, dtype=torch.float64, device=device)  # [T, M]
    record = _record_steps(steps)
    probs = simulate(start, rewards[:, None], lr, baselines, draws, natural, record).probs  # [R, A, C, M]
    committed = probs > settings["threshold"]
    best = committed[:, rewards.argmax()]  # [R, C, M]
    worse = committed.any(1) & ~best
    expected = follow_expected(start, rewards, lr, baselines, steps, natural)  # [A, C]
    return {
        "steps": record,
        "worse": worse.sum(-1).tolist(),  # [R][C]
        "best": best.sum(-1).tolist(),
        "final_worse": ["".join("01"[flag] for flag in row) for row in worse[-1].int().tolist()],  # C strings, M long
        "expected_worse": (
            (expected.amax(0) > settings["threshold"]) & (expected.argmax(0) != rewards.argmax())
        ).tolist(),
    }


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Turn counts into shares with intervals, add the exact half, and compare baselines run by run."""
    baselines = [(reference, offset) for reference, offset in settings["baselines"]]
    cells = [(job["algorithm"], job["learning_rate"]) for job in jobs(settings)]
    found = dict(zip(cells, outputs, strict=True))

    def final(algorithm: str, lr: float, baseline: tuple[str, float]) -> torch.Tensor:
        flags = found[algorithm, lr]["final_worse"][baselines.index(baseline)]
        return torch.tensor([int(flag) for flag in flags], dtype=torch.float64)  # [M]

    def share(algorithm: str, lr: float, baseline: tuple[str, float]):
        flags = final(algorithm, lr, baseline)
        return proportion_interval(int(flags.sum()), len(flags))

    def difference(algorithm: str, lr: float, one: tuple[str, float], other: tuple[str, float]):
        return mean_interval(final(algorithm, lr, one) - final(algorithm, lr, other))

    def expected_share(algorithm: str):
        flags = [flag for (name, _), output in found.items() if name == algorithm for flag in output["expected_worse"]]
        return exact(sum(flags) / len(flags))

    measurements = {
        **_exact_measurements(settings),
        "commit_below_minus_above": difference("natural", SLOW, BELOW, ABOVE),
        "commit_zero_minus_value": difference("natural", SLOW, ZERO, VALUE),
        "commit_below": share("natural", SLOW, BELOW),
        "commit_minimum": share("natural", SLOW, LEAST),
        "commit_above": share("natural", SLOW, ABOVE),
        "commit_zero": share("natural", SLOW, ZERO),
        "commit_value_slow": share("natural", SLOW, VALUE),
        "commit_value_fast": share("natural", FAST, VALUE),
        "vanilla_below_minus_above": difference("vanilla", FAST, BELOW, ABOVE),
        "vanilla_below": share("vanilla", FAST, BELOW),
        "vanilla_above": share("vanilla", FAST, ABOVE),
        "commit_expected_gradient": expected_share("natural"),
        "commit_expected_gradient_vanilla": expected_share("vanilla"),
    }
    if (negative := ("zero", -1.0)) in baselines:
        measurements["commit_minus_one"] = share("natural", SLOW, negative)
    expected = [
        (*cell, label(baseline), flag)
        for cell in cells
        for baseline, flag in zip(baselines, found[cell]["expected_worse"], strict=True)
    ]
    tables = {
        **_exact_tables(settings),
        "commitment": _commitment_table(found, baselines, settings),
        "expected": as_columns(("algorithm", "learning_rate", "baseline", "worse"), expected),
    }
    return Summary(measurements, tables)


def _record_steps(steps: int) -> list[int]:
    """Return about 20 step counts from 1 to `steps`, evenly spaced on a log scale."""
    spaced = torch.logspace(0, torch.tensor(float(steps)).log10().item(), 20, dtype=torch.float64)
    return sorted({*(round(step) for step in spaced.tolist()), steps})


def _commitment_table(found: dict, baselines: Sequence[tuple[str, float]], settings: Settings) -> dict[str, list]:
    """One row an algorithm, learning rate, baseline and recorded step."""
    names = ("algorithm", "learning_rate", "baseline", "reference", "offset", "step", "worse", "low", "high", "best")
    rows = []
    for (algorithm, lr), output in found.items():
        for index, baseline in enumerate(baselines):
            for record, step in enumerate(output["steps"]):
                share = proportion_interval(output["worse"][record][index], settings["members"])
                spread = (round(share.value, 5), round(share.low, 5), round(share.high, 5))
                best = round(output["best"][record][index] / settings["members"], 5)
                rows.append((algorithm, lr, label(baseline), *baseline, step, *spread, best))
    return as_columns(names, rows)


def _natural_variance(probs: torch.Tensor, rewards: torch.Tensor, baseline: float) -> float:
    """Return the total variance of the one-draw natural gradient.

    The Fisher matrix does not see a constant added to all logits, so its pseudo-inverse gives the drawn logit's
    (r - b) / pi(a) less its mean over logits. Without that, the part softmax ignores would count as variance.
    """
    directions = torch.eye(len(probs), dtype=probs.dtype) - 1 / len(probs)  # [A, A]
    gradients = ((rewards - baseline) / probs)[:, None] * directions  # [A, A], row a: the gradient if a is drawn
    return float(probs @ (gradients - probs @ gradients).square().sum(1))


def _bandit(settings: Settings, logits: str) -> tuple[torch.Tensor, torch.Tensor]:
    return (
        torch.tensor(settings[logits], dtype=torch.float64).softmax(0),
        torch.tensor(settings["rewards"], dtype=torch.float64),
    )


def _exact_measurements(settings: Settings) -> dict:
    probs, rewards = _bandit(settings, "variance_logits")
    least, value = optimal_baseline(probs, rewards), float(probs @ rewards)
    variance = {name: grad_variance(probs, rewards, b) for name, b in _named(least, value)}
    scores = torch.eye(len(probs), dtype=torch.float64) - probs  # [A, A]
    expected = torch.stack([(probs * (rewards - b)) @ scores for b in (0.0, -1.0, least, value, 10.0)])
    bias = (expected - expected[0]).norm(dim=1).max() / expected[0].norm()

    start, _ = _bandit(settings, "start_logits")
    natural_least = float(((1 / start) * rewards).sum() / (1 / start).sum())
    below, above = (_natural_variance(start, rewards, natural_least + offset) for offset in (-0.5, 0.5))
    return {
        "bias": exact(float(bias)),
        "variance_zero": exact(variance["0"]),
        "variance_value": exact(variance["V"]),
        "variance_minimum": exact(variance["b*"]),
        "variance_ten": exact(variance["10"]),
        "variance_ratio_value_minimum": exact(variance["V"] / variance["b*"]),
        "natural_variance_gap": exact(abs(below - above) / min(below, above)),
    }


def _exact_tables(settings: Settings) -> dict[str, dict[str, list]]:
    probs, rewards = _bandit(settings, "variance_logits")
    least, value = optimal_baseline(probs, rewards), float(probs @ rewards)
    grid = torch.linspace(-1, 2, 61, dtype=torch.float64).tolist()
    named = _named(least, value)
    return {
        "variance": {"baseline": grid, "variance": [grad_variance(probs, rewards, b) for b in grid]},
        "variance_named": {
            "name": [name for name, _ in named],
            "baseline": [b for _, b in named],
            "variance": [grad_variance(probs, rewards, b) for _, b in named],
        },
    }


def _named(least: float, value: float) -> list[tuple[str, float]]:
    return [("0", 0.0), ("V", value), ("b*", least), ("10", 10.0)]


EXPERIMENT = Experiment(jobs, run, summarise)
