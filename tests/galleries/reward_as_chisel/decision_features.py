"""Gallery of `decision_features`."""

from collections import deque

import numpy as np
import torch

from galleries.gallery import valid, wrong


def steps_from(table, cell, limit=None):
    """Steps from `cell` to every cell of one maze, [S]; the number of cells where the search does not get to."""
    cells = table.shape[0]
    steps, waiting = {int(cell): 0}, deque([int(cell)])
    while waiting:
        here = waiting.popleft()
        if limit is not None and steps[here] >= limit:
            continue
        for there in table[here].tolist():
            if there not in steps:
                steps[there] = steps[here] + 1
                waiting.append(there)
    return [steps.get(k, cells) for k in range(cells)]


def parts(table, cheese, corner, start, limit=None):
    """Shared steps, steps to the cheese and steps to the corner, of one maze."""
    from_start, from_cheese = steps_from(table, start, limit), steps_from(table, cheese, limit)
    a, b, c = from_start[cheese], from_start[corner], from_cheese[corner]
    return (a + b - c) // 2, (a + c - b) // 2, (b + c - a) // 2


def features(next_table, cheese, corner, start, change=lambda found: None, limit=None, size=None):
    """The right answer, with `change` made to the features of each maze."""
    rows = []
    size = size or round(next_table.shape[1] ** 0.5)
    for table, one, other, begin in zip(next_table, cheese.tolist(), corner.tolist(), start.tolist(), strict=True):
        shared, a, b = parts(table, one, other, begin, limit)
        down, right = one // size - other // size, one % size - other % size
        found = {
            "to_cheese": a, "to_corner": b, "euclid": (down**2 + right**2) ** 0.5, "forced": a == 0 or b == 0,
            "shared": shared, "cheese": one, "corner": other, "start": begin, "down": down, "right": right,
            "table": table, "size": size,
        }  # fmt: skip
        change(found)
        rows.append(found)
    out = {key: torch.tensor([float(row[key]) for row in rows]) for key in ("to_cheese", "to_corner", "euclid")}
    return {**out, "forced": torch.tensor([bool(row["forced"]) for row in rows])}


def altered(id, change):
    """Mark a wrong solution that is right but for `change`."""

    def solution(next_table, cheese, corner, start):
        return features(next_table, cheese, corner, start, change)

    return wrong(id)(solution)


def place(found, cell):
    return divmod(cell, found["size"])


def blocks(found, a, b):
    (down, right), (other_down, other_right) = place(found, a), place(found, b)
    return abs(down - other_down) + abs(right - other_right)


def line(found, a, b):
    (down, right), (other_down, other_right) = place(found, a), place(found, b)
    return ((down - other_down) ** 2 + (right - other_right) ** 2) ** 0.5


def fork(found):
    """The decision cell: as far from the start as what is shared, and on the way to both."""
    table, start, cheese = found["table"], found["start"], found["cheese"]
    from_start, from_cheese = steps_from(table, start), steps_from(table, cheese)
    from_corner = steps_from(table, found["corner"])
    a, b = found["shared"] + 0, from_start[cheese] - found["shared"]
    return next(
        c
        for c in range(len(table))
        if from_start[c] == a and from_cheese[c] == b and from_corner[c] == from_start[found["corner"]] - a
    )


exchanged = altered("swapped", lambda f: f.update(to_cheese=f["to_corner"], to_corner=f["to_cheese"]))
counted_from_the_start = altered(
    "from-the-start",
    lambda f: f.update(to_cheese=f["shared"] + f["to_cheese"], to_corner=f["shared"] + f["to_corner"]),
)
corner_counted_from_the_start = altered("from-the-start", lambda f: f.update(to_corner=f["shared"] + f["to_corner"]))
straight_from_the_decision = altered(
    "straight-for-path",
    lambda f: f.update(to_cheese=line(f, fork(f), f["cheese"]), to_corner=line(f, fork(f), f["corner"])),
)
blocks_from_the_decision = altered(
    "through-walls",
    lambda f: f.update(to_cheese=blocks(f, fork(f), f["cheese"]), to_corner=blocks(f, fork(f), f["corner"])),
)
blocks_from_the_start = altered(
    "through-walls",
    lambda f: f.update(to_cheese=blocks(f, f["start"], f["cheese"]), to_corner=blocks(f, f["start"], f["corner"])),
)
cells_counted = altered("off-by-one", lambda f: f.update(to_cheese=f["to_cheese"] + 1, to_corner=f["to_corner"] + 1))
first_cell_that_differs = altered(
    "off-by-one", lambda f: f.update(to_cheese=f["to_cheese"] - 1, to_corner=f["to_corner"] - 1)
)
steps_to_the_decision = altered("shared-part", lambda f: f.update(to_cheese=f["shared"], to_corner=f["shared"]))
steps_between = altered(
    "between-the-two",
    lambda f: f.update(to_cheese=f["to_cheese"] + f["to_corner"], to_corner=f["to_cheese"] + f["to_corner"]),
)
not_halved = altered(
    "wrong-path-length", lambda f: f.update(to_cheese=2 * f["to_cheese"], to_corner=2 * f["to_corner"])
)
share_of_the_way = altered(
    "wrong-path-length", lambda f: f.update(to_cheese=f["to_cheese"] / max(1, f["shared"] + f["to_cheese"]))
)

root_forgotten = altered("euclid-squared", lambda f: f.update(euclid=f["down"] ** 2 + f["right"] ** 2))
rows_and_columns = altered("euclid-along-axes", lambda f: f.update(euclid=abs(f["down"]) + abs(f["right"])))
larger_of_the_two = altered("euclid-along-axes", lambda f: f.update(euclid=max(abs(f["down"]), abs(f["right"]))))
way_between = altered("euclid-walked", lambda f: f.update(euclid=f["to_cheese"] + f["to_corner"]))
start_to_cheese = altered("euclid-other-ends", lambda f: f.update(euclid=line(f, f["start"], f["cheese"])))
decision_to_cheese = altered("euclid-other-ends", lambda f: f.update(euclid=line(f, fork(f), f["cheese"])))
numbers_subtracted = altered("euclid-of-indices", lambda f: f.update(euclid=abs(f["cheese"] - f["corner"])))
as_whole_numbers = altered("euclid-rounded", lambda f: f.update(euclid=int(f["euclid"])))
in_widths_of_the_maze = altered("euclid-rescaled", lambda f: f.update(euclid=f["euclid"] / f["size"]))
minus_for_plus = altered(
    "wrong-euclid",
    lambda f: f.update(euclid=abs(f["down"] ** 2 - f["right"] ** 2) ** 0.5 if f["down"] else f["euclid"]),
)

cheese_on_the_way_only = altered("corner-on-the-way-missed", lambda f: f.update(forced=f["to_cheese"] == 0))
corner_on_the_way_only = altered("cheese-on-the-way-missed", lambda f: f.update(forced=f["to_corner"] == 0))
cheese_strictly_before_the_corner = altered(
    "corner-on-the-way-missed", lambda f: f.update(forced=f["to_cheese"] == 0 < f["to_corner"])
)
kept_all = altered("forced-never", lambda f: f.update(forced=False))
left_out_all = altered("forced-always", lambda f: f.update(forced=True))
free_for_forced = altered("forced-inverted", lambda f: f.update(forced=not f["forced"]))
one_cell_is_a_choice = altered(
    "same-cell-not-forced", lambda f: f.update(forced=f["forced"] and f["cheese"] != f["corner"])
)
both_at_once = altered("wrong-forced", lambda f: f.update(forced=f["to_cheese"] == 0 and f["to_corner"] == 0))
near_counts_as_forced = altered("wrong-forced", lambda f: f.update(forced=min(f["to_cheese"], f["to_corner"]) <= 1))
parting_at_the_start = altered("wrong-forced", lambda f: f.update(forced=f["forced"] or f["shared"] == 0))
ends_left_out = altered(
    "wrong-forced", lambda f: f.update(forced=f["forced"] and f["start"] not in (f["cheese"], f["corner"]))
)

at_least_one_step = altered(
    "forced-lengths", lambda f: f.update(to_cheese=max(1, f["to_cheese"]), to_corner=max(1, f["to_corner"]))
)
no_lengths_where_forced = altered(
    "forced-lengths", lambda f: f.update(to_cheese=-1, to_corner=-1) if f["forced"] else None
)


@wrong("first-row-for-all")
def one_maze_for_all(next_table, cheese, corner, start):
    return features(next_table[:1].expand_as(next_table), cheese, corner, start)


@wrong("first-row-for-all")
def one_start_for_all(next_table, cheese, corner, start):
    return features(next_table, cheese, corner, start[:1].expand_as(start))


@wrong("rows-mixed")
def row_backwards(next_table, cheese, corner, start):
    return {key: value.flip(0) for key, value in features(next_table, cheese, corner, start).items()}


@wrong("rows-mixed")
def centred_over_the_batch(next_table, cheese, corner, start):
    found = features(next_table, cheese, corner, start)
    if len(start) > 1:
        found["euclid"] = found["euclid"] - found["euclid"].mean()
    return found


@wrong("start-assumed")
def always_from_the_bottom_left(next_table, cheese, corner, start):
    size = round(next_table.shape[1] ** 0.5)
    return features(next_table, cheese, corner, torch.full_like(start, size * (size - 1)))


@wrong("corner-assumed")
def always_to_the_top_right(next_table, cheese, corner, start):
    return features(next_table, cheese, torch.full_like(corner, round(next_table.shape[1] ** 0.5) - 1), start)


@wrong("wrong-elsewhere")
def columns_from_the_right_edge(next_table, cheese, corner, start):
    size = round(next_table.shape[1] ** 0.5)
    across = (size - 1 - cheese % size, cheese // size)
    found = features(next_table, cheese, corner, start)
    return {**found, "euclid": (across[0] ** 2 + across[1] ** 2).float().sqrt()}


@wrong("wrong-elsewhere")
def corner_in_the_top_row(next_table, cheese, corner, start):
    size = round(next_table.shape[1] ** 0.5)
    down, right = cheese // size, cheese % size - corner % size
    found = features(next_table, cheese, corner, start)
    return {**found, "euclid": (down**2 + right**2).float().sqrt()}


@wrong("cut-short")
def as_many_steps_as_three_sides(next_table, cheese, corner, start):
    return features(next_table, cheese, corner, start, limit=3 * round(next_table.shape[1] ** 0.5))


@wrong("cut-short")
def one_step_too_few(next_table, cheese, corner, start):
    return features(next_table, cheese, corner, start, limit=next_table.shape[1] - 2)


@wrong("size-assumed")
def five_columns(next_table, cheese, corner, start):
    return features(next_table, cheese, corner, start, size=5 if next_table.shape[1] != 16 else 4)


@wrong("stay-assumed")
def last_action_left_out(next_table, cheese, corner, start):
    return features(next_table[..., :-1], cheese, corner, start)


@wrong("wrong-shape")
def column_vectors(next_table, cheese, corner, start):
    return {key: value[:, None] for key, value in features(next_table, cheese, corner, start).items()}


@wrong("wrong-type")
def flags_as_numbers(next_table, cheese, corner, start):
    found = features(next_table, cheese, corner, start)
    return {**found, "forced": found["forced"].float()}


@wrong("wrong-type")
def a_tuple(next_table, cheese, corner, start):
    return tuple(features(next_table, cheese, corner, start).values())


@wrong("wrong-type")
def another_name(next_table, cheese, corner, start):
    found = features(next_table, cheese, corner, start)
    found["distance"] = found.pop("euclid")
    return found


@wrong("raised")
def five_actions_expected(next_table, cheese, corner, start):
    return features(next_table[..., torch.arange(5)], cheese, corner, start)


@wrong("input-changed")
def walls_marked_in_the_table(next_table, cheese, corner, start):
    found = features(next_table, cheese, corner, start)
    next_table[next_table == torch.arange(next_table.shape[1])[:, None]] = -1
    return found


@valid
def breadth_first(next_table, cheese, corner, start):
    return features(next_table, cheese, corner, start)


@valid
def more_keys_and_whole_numbers(next_table, cheese, corner, start):
    found = features(next_table, cheese, corner, start)
    lengths = {key: found[key].int() for key in ("to_cheese", "to_corner")}
    return {"decision": start.clone(), **found, **lengths, "euclid": found["euclid"].double()}


@valid
def ways_compared_cell_by_cell(next_table, cheese, corner, start):
    def way(table, begin, end):
        before, waiting = {begin: begin}, [begin]
        while waiting:
            here = waiting.pop()
            for there in table[here]:
                if there not in before:
                    before[there] = here
                    waiting.append(there)
        cells = [end]
        while cells[-1] != begin:
            cells.append(before[cells[-1]])
        return cells[::-1]

    size = int(next_table.shape[1] ** 0.5 + 0.5)
    columns = {"to_cheese": [], "to_corner": [], "euclid": [], "forced": []}
    for b, table in enumerate(next_table.tolist()):
        one, other, begin = int(cheese[b]), int(corner[b]), int(start[b])
        to_one, to_other = way(table, begin, one), way(table, begin, other)
        decision = [x for x in to_one if x in to_other][-1]
        columns["to_cheese"].append(len(to_one) - 1 - to_one.index(decision))
        columns["to_corner"].append(len(to_other) - 1 - to_other.index(decision))
        columns["euclid"].append(abs(complex(*divmod(one, size)) - complex(*divmod(other, size))))
        columns["forced"].append(one in to_other or other in to_one)
    return {key: torch.tensor(column) for key, column in columns.items()}


@valid
def powers_of_the_neighbour_matrix(next_table, cheese, corner, start):
    batch, cells, _ = next_table.shape
    size = round(cells**0.5)
    linked = torch.zeros(batch, cells, cells).scatter_(2, next_table, 1.0)
    linked = ((linked + torch.eye(cells)) > 0).float()
    steps, reached = torch.zeros(batch, cells, cells), torch.eye(cells).expand(batch, -1, -1)
    for _ in range(cells):
        steps = steps + (reached == 0)
        reached = ((reached @ linked) > 0).float()
    rows = torch.arange(batch)
    # The decision cell is the cell from which the three ends are nearest in all.
    decision = (steps[rows, start] + steps[rows, cheese] + steps[rows, corner]).argmin(dim=1)
    to_cheese, to_corner = steps[rows, decision, cheese], steps[rows, decision, corner]
    places = torch.stack([torch.arange(cells) // size, torch.arange(cells) % size], dim=1).double()
    return {
        "to_cheese": to_cheese,
        "to_corner": to_corner,
        "euclid": (places[cheese] - places[corner]).norm(dim=1),
        "forced": (to_cheese * to_corner) == 0,
    }


@valid
def floyd_and_warshall_in_numpy_with_four_moves(next_table, cheese, corner, start):
    batch, cells, _ = next_table.shape
    size, table = round(cells**0.5), next_table.numpy()
    steps = np.full((batch, cells, cells), np.inf)
    for action in range(4):
        np.put_along_axis(steps, table[:, :, action : action + 1], 1, axis=2)
    steps[:, np.arange(cells), np.arange(cells)] = 0
    for k in range(cells):
        steps = np.minimum(steps, steps[:, :, k : k + 1] + steps[:, k : k + 1, :])
    rows, a, b, s = np.arange(batch), cheese.numpy(), corner.numpy(), start.numpy()
    shared = (steps[rows, s, a] + steps[rows, s, b] - steps[rows, a, b]) / 2
    to_cheese, to_corner = steps[rows, s, a] - shared, steps[rows, s, b] - shared
    straight = np.hypot(a // size - b // size, a % size - b % size)
    return {
        "to_cheese": torch.from_numpy(to_cheese),
        "to_corner": torch.from_numpy(to_corner),
        "euclid": torch.from_numpy(straight).to(torch.float32),
        "forced": torch.from_numpy(np.minimum(to_cheese, to_corner) == 0),
    }
