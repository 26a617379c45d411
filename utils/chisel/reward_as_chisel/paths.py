"""Shortest paths in perfect mazes, and what a choice between the cheese and the corner looks like."""

import torch
from torch import Tensor


def decision_features(next_table: Tensor, cheese: Tensor, corner: Tensor, start: Tensor) -> dict[str, Tensor]:
    """Describe the choice between two places in each of B perfect mazes.

    From the start the way to the cheese and the way to the corner are the same for a while. The last cell that they
    share is the *decision cell*: an agent that walks straight to one of the two shows there which one it wants.

    How this is misread: the straight-line distance says nothing about how far one has to walk. So both are here.

    Args:
        next_table: [B, S, A] int, where each action leads (into a wall: nowhere); the S cells of a square maze of any
            size, row by row. There may be an action that stays, or not.
        cheese: [B] int, its cell.
        corner: [B] int, the other place. Any cell, as the cheese and the start are; they may coincide.
        start: [B] int, where the agent starts.

    Returns:
        tensors [B]: `to_cheese` and `to_corner`, steps of the shortest path from the decision cell (any numeric dtype);
        `euclid`, the straight-line distance from cheese to corner in cells; and `forced` bool, True where one of the
        two lies on the path to the other, at its end included, so that there is nothing to decide.
    """
    batch, cells, _ = next_table.shape
    size = round(cells**0.5)
    rows = torch.arange(batch, device=next_table.device)
    ends = torch.stack([start, cheese, corner], dim=1).long()  # [B, 3]
    far = torch.full((batch, cells, 3), cells, device=next_table.device)
    steps = far.scatter(1, ends.unsqueeze(1), 0)  # [B, S, 3]: steps from each cell to each of the three ends
    for _ in range(cells):
        onward = steps[rows[:, None, None], next_table]  # [B, S, A, 3]
        steps = torch.minimum(steps, 1 + onward.amin(dim=2))
    start_cheese, start_corner, cheese_corner = steps[rows, cheese, 0], steps[rows, corner, 0], steps[rows, corner, 1]
    # Three paths in a tree meet in one cell. It splits each of the distances between their ends.
    to_cheese = (start_cheese + cheese_corner - start_corner) // 2
    to_corner = (start_corner + cheese_corner - start_cheese) // 2
    down, right = cheese // size - corner // size, cheese % size - corner % size
    return {
        "to_cheese": to_cheese,
        "to_corner": to_corner,
        "euclid": (down**2 + right**2).float().sqrt(),
        "forced": (to_cheese == 0) | (to_corner == 0),
    }
