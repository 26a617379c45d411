"""Settings that several claims share. Pure values: a listing of claims needs no torch."""

# The classic size, as far as it can be known; Nanda et al. (2023), arXiv 2301.05217, with a smaller batch.
CLASSIC = {
    "architecture": "transformer",
    "p": 113,
    "width": 128,
    "hidden": 512,
    "heads": 4,
    "fraction": 0.3,
    "batch": 512,
    "lr": 1e-3,
    "weight_decay": 1.0,
    "warmup": 10,
    "switch_step": 1000,
}

# Three networks on addition modulo 31, each with the step by which it has memorised its training set.
SMALL = {"p": 31, "width": 64, "hidden": 128, "heads": 4, "fraction": 0.6, "batch": 128, "lr": 1e-3, "warmup": 10}
TRANSFORMER = {"architecture": "transformer", "weight_decay": 1.0, "switch_step": 600}
QUADRATIC = {"architecture": "quadratic", "weight_decay": 0.3, "switch_step": 500}
EMBEDDING = {"architecture": "embedding", "weight_decay": 1.0, "switch_step": 300, "batch": 0}

# The same for accelerators, modulo 113.
LARGE = {**SMALL, "p": 113, "width": 128, "hidden": 512, "fraction": 0.3, "batch": 512}
TRANSFORMER_LARGE = {**TRANSFORMER, "switch_step": 1000}
QUADRATIC_LARGE = {**QUADRATIC, "switch_step": 1000, "fraction": 0.5}
EMBEDDING_LARGE = {**EMBEDDING, "switch_step": 1000, "fraction": 0.5}

# Every step for 100 steps after the switch, then ever more seldom; figures show fewer of them.
LOOKS = {
    "before": 50,
    "stages": ((100, 1), (300, 5), (4000, 20)),
    "drawn": ((40, 2), (100, 5), (300, 20), (1000, 50), (4000, 100)),
}
# Seeds of the claims: the looks that thresholds rest on had others. `compare` as in `experiments.grid`.
RUNS = {**LOOKS, "first_seed": 10, "members": 10, "stack": 5, "compare": ()}
BRIEF = {"before": 200, "stages": ((30, 1), (100, 5), (4000, 20)), "members": 5}  # for samples
RUNS_LARGE = {**RUNS, "members": 20, "stack": 20}


def arms(*multipliers: float, decay: str = "coupled") -> dict[str, dict[str, object]]:
    """Return arms by name, such as x10 or x10_constant: the changes that each makes to a `Setting`."""
    suffix = "" if decay == "coupled" else f"_{decay}"
    changes = {
        f"x{multiplier:g}{suffix}": {"multiplier": float(multiplier), "decay": decay} for multiplier in multipliers
    }
    return {**changes, **({"x1": {}} if "x1" in changes else {})}


def group(setting: dict[str, object], after: int, *multipliers: float, **more: object) -> dict[str, object]:
    """Return a group of `experiments.grid`: arms with these multipliers, watched for `after` steps from the switch."""
    return {"setting": setting, "after": after, "arms": arms(*multipliers), **more}
