"""Settings that several claims share. Pure values: a listing of claims needs no torch."""

# The agent of the chapter: trained in about seven CPU-seconds.
FIELD = {"size": 5, "policy": "field", "channels": 32, "blocks": 3, "bank": 6000, "method": {}}
# The ordinary kind, which sees where it is. It learns more slowly: about ninety CPU-seconds.
PLACE = {**FIELD, "policy": "place", "channels": 16, "method": {"updates": 1500}}
# For a GPU: longer ways, a deeper network, many agents at once.
FIELD_GPU = {
    "size": 9,
    "policy": "field",
    "channels": 64,
    "blocks": 5,
    "bank": 20_000,
    "method": {"updates": 3000, "mazes": 128, "horizon": 80, "lr": 2e-3},
}
EVALUATION = {"mazes": 1000, "steps": 50}
EVALUATION_GPU = {"mazes": 2000, "steps": 160}
