"""Three claims about coins."""

from chisel.core.claims import Claim, Criterion

CHAPTER = "Coins"
_SETTINGS = {"tosses": 20000, "bias": 0.1, "sides": ("heads", "tails")}


def _claim(name: str, title: str, *criteria: Criterion, note: str = "") -> Claim:
    return Claim(
        id=name,
        title=title,
        statement=f"{title}, whoever tosses it.",
        source="A remark heard in a queue",
        experiment="samplebook.coins.experiments:EXPERIMENT",
        statistic="The share of heads over all tosses.",
        criteria=criteria,
        controls=("a coin that nobody touched",),
        presets={"laptop": _SETTINGS, "gpu": _SETTINGS},
        note=note,
    )


CLAIMS = (
    _claim("coin-fair", "A coin is fair", Criterion("even", "Heads exceed .4.", "heads", "low", ">", 0.4)),
    _claim(
        "coin-lands",
        "A coin lands",
        Criterion("lands", "It lands at all.", "landed", "value", ">=", 1.0),
        Criterion("flat", "It never stands on its edge.", "edge", "high", "<=", 0.0, "scope"),
        note="The `thick` coin was picked after looking.",
    ),
    _claim(
        "coin-remembers",
        "A coin remembers",
        *(Criterion(f"heads-{i}", f"Heads exceed .{i}.", "heads", "low", ">", i / 10) for i in range(1, 5)),
        Criterion("gap", "The gap exceeds .2.", "gap", "low", ">", 0.2),
        Criterion("landed", "It lands.", "landed", "low", ">", 0.2),
    ),
)
