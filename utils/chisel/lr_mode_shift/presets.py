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
