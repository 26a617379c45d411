"""Groups and arms in words."""

from chisel.core.results import Result
from chisel.core.tables import as_rows

NETWORKS = {
    "T": "transformer",
    "Q": "quadratic",
    "E": "embedding",
    "L": "norm, little<br>decay",
    "C": "norm",
    "P": "no norm, little<br>decay",
    "S": "norm, much<br>decay",
}
ARMS = {
    "x1": "base rate",
    "rate": "rate",
    "decay": "decay",
    "both": "both",
    "noise_03": "noise .003",
    "noise_10": "noise .010",
    "noise_20": "noise .020",
}


def arm_words(arm: str) -> str:
    """Return an arm in words, such as "10x", or "50x, constant"."""
    if arm in ARMS:
        return ARMS[arm]
    multiplier, _, decay = arm.removeprefix("x").partition("_")
    return f"{multiplier}x" + (f", decay {decay}" if decay else "")


def row_words(group: str, arm: str) -> str:
    """Return a network and its arm as the label of a row, such as "transformer, 10x", broken where it is long."""
    return f"{NETWORKS[group]}, {arm_words(arm)}".replace(", decay ", ",<br>decay ")


def pairs_of(result: Result) -> list[tuple[str, str]]:
    """Return the (group, arm) pairs of a result of `experiments.grid`, networks in the order of `NETWORKS`."""
    found = {(row["group"], row["arm"]) for row in as_rows(result.tables["runs"])}
    return sorted(found, key=lambda pair: (list(NETWORKS).index(pair[0]), by_size(pair[1])))


def by_size(arm: str) -> tuple[float, int, str]:
    """Return what sorts arms by their multiplier; those without one come in the order of `ARMS`."""
    number = arm.removeprefix("x").partition("_")[0]
    size = float(number) if number.replace(".", "").isdigit() else 1.0
    return size, list(ARMS).index(arm) if arm in ARMS else len(ARMS), arm
