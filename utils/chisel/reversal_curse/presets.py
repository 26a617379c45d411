"""Settings that several claims share. Pure values: a listing of claims needs no torch."""

# The base configuration: 50 pairs, half of them stated both ways, in a decoder of two layers and width 64. What is not
# named here is as `Shape` and `Method` have it: 150 full-batch steps of AdamW at 3e-3.
BASE = {
    "pairs": 50,
    "both": 0.5,
    "augment": "none",
    "exposure": True,
    "taught": False,
    "shape": {},
    "method": {},
    "looks": (),
}
# A thousand pairs, more steps and a batch that holds about a sixth of the statements.
BASE_GPU = {**BASE, "pairs": 1000, "method": {"steps": 1000, "lr": 1e-3, "batch": 512}}
TIED = {"shape": {"tied": True}}
IDENTICAL = {"augment": "identical"}
# Settings of every claim on decoders: how many seeds, how many are trained as one stack, how large a score matrix gets.
SEEDS = {"first_seed": 0, "members": 10, "stack": 5, "most": 64, "matrices": (), "compare": (), "groups": {}}
# For samples.
FEW = {"members": 5, "base": {**BASE, "pairs": 30}}
