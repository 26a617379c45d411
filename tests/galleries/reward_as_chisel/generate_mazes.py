"""Gallery of `generate_mazes`."""

import random

import numpy as np
import torch

from galleries.gallery import valid, wrong

STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))
BACK = (1, 0, 3, 2)


def choice(count, generator):
    return int(torch.randint(count, (), generator=generator))


def around(cell, size):
    """The neighbours of a cell, as (direction, cell)."""
    row, column = divmod(cell, size)
    for direction, (down, right) in enumerate(STEPS):
        if 0 <= row + down < size and 0 <= column + right < size:
            yield direction, cell + down * size + right


def joined(size, edges):
    """Open passages [S, 4] between cells, given as (cell, direction, other cell)."""
    opened = torch.zeros(size * size, 4, dtype=torch.bool)
    for cell, direction, other in edges:
        opened[cell, direction] = opened[other, BACK[direction]] = True
    return opened


def depth_first(size, generator):
    """One maze by walking until stuck, and back."""
    path, seen, edges = [0], {0}, []
    while path:
        ahead = [(d, c) for d, c in around(path[-1], size) if c not in seen]
        if not ahead:
            path.pop()
            continue
        direction, cell = ahead[choice(len(ahead), generator)]
        edges.append((path[-1], direction, cell))
        seen.add(cell)
        path.append(cell)
    return joined(size, edges)


def mazes(batch, size, generator):
    return torch.stack([depth_first(size, generator) for _ in range(batch)])


def neighbours(size):
    """All inner walls as (cell, direction, other cell), each once."""
    return [(c, d, o) for c in range(size * size) for d, o in around(c, size) if o > c]


@wrong("wrong-shape")
def as_a_grid(batch, size, generator):
    return mazes(batch, size, generator).view(batch, size, size, 4)


@wrong("wrong-shape")
def five_by_five(batch, size, generator):
    return mazes(batch, 5, generator)


@wrong("wrong-type")
def ones_and_zeros(batch, size, generator):
    return mazes(batch, size, generator).float()


@wrong("out-of-grid")
def with_an_entrance(batch, size, generator):
    opened = mazes(batch, size, generator)
    opened[:, size * (size - 1), 1] = True
    return opened


@wrong("out-of-grid")
def every_direction_likely(batch, size, generator):
    return torch.rand(batch, size * size, 4, generator=generator) < 0.6


@wrong("wraps-around")
def neighbours_by_number(batch, size, generator):
    out = []
    for _ in range(batch):
        tree, edges, inside = {0}, [], size * size
        while len(tree) < inside:
            steps = [(c, d, c + s) for c in tree for d, s in enumerate((-size, size, -1, 1)) if 0 <= c + s < inside]
            steps = [step for step in steps if step[2] not in tree]
            edges.append(steps[choice(len(steps), generator)])
            tree.add(edges[-1][2])
        out.append(joined(size, edges))
    return torch.stack(out)


@wrong("wraps-around")
def on_a_torus(batch, size, generator):
    out = []
    for _ in range(batch):
        tree, edges = {0}, []
        while len(tree) < size * size:
            cell, direction = choice(size * size, generator), choice(4, generator)
            down, right = STEPS[direction]
            other = (cell // size + down) % size * size + (cell % size + right) % size
            if cell in tree and other not in tree:
                tree.add(other)
                edges.append((cell, direction, other))
        out.append(joined(size, edges))
    return torch.stack(out)


@wrong("directions-swapped")
def up_is_down(batch, size, generator):
    return mazes(batch, size, generator)[..., [1, 0, 2, 3]]


@wrong("directions-swapped")
def left_is_right(batch, size, generator):
    return mazes(batch, size, generator)[..., [0, 1, 3, 2]]


@wrong("directions-swapped")
def clockwise(batch, size, generator):
    return mazes(batch, size, generator)[..., [0, 3, 1, 2]]


@wrong("directions-swapped")
def rows_from_the_bottom(batch, size, generator):
    return mazes(batch, size, generator).view(batch, size, size, 4).flip(1).reshape(batch, -1, 4)


@wrong("column-major")
def column_by_column(batch, size, generator):
    return mazes(batch, size, generator).view(batch, size, size, 4).transpose(1, 2).reshape(batch, -1, 4)


@wrong("column-major")
def left_and_right_first(batch, size, generator):
    return mazes(batch, size, generator)[..., [2, 3, 0, 1]]


@wrong("walls-for-passages")
def true_where_a_wall_is(batch, size, generator):
    return ~mazes(batch, size, generator)


@wrong("one-sided")
def open_from_the_tree_only(batch, size, generator):
    opened = mazes(batch, size, generator)
    opened[..., 0] = opened[..., 2] = False
    return opened


@wrong("one-sided")
def up_is_forgotten(batch, size, generator):
    opened = mazes(batch, size, generator)
    opened[..., 0] &= torch.arange(size * size) < size
    return opened


@wrong("not-connected")
def last_passage_missing(batch, size, generator):
    out = []
    for _ in range(batch):
        opened = depth_first(size, generator)
        cell, direction, other = next(e for e in neighbours(size) if opened[e[0], e[1]])
        opened[cell, direction] = opened[other, BACK[direction]] = False
        out.append(opened)
    return torch.stack(out)


@wrong("not-connected")
def right_number_of_random_passages(batch, size, generator):
    out = []
    for _ in range(batch):
        edges = neighbours(size)
        order = torch.randperm(len(edges), generator=generator)[: size * size - 1]
        out.append(joined(size, [edges[i] for i in order]))
    return torch.stack(out)


@wrong("not-connected")
def every_cell_has_a_door(batch, size, generator):
    out = []
    for _ in range(batch):
        ways = [list(around(cell, size)) for cell in range(size * size)]
        out.append(joined(size, [(c, *ways[c][choice(len(ways[c]), generator)]) for c in range(size * size)]))
    return torch.stack(out)


@wrong("loops")
def one_wall_more_taken_down(batch, size, generator):
    opened = mazes(batch, size, generator)
    for maze in opened:
        cell, direction, other = next(e for e in neighbours(size) if not maze[e[0], e[1]])
        maze[cell, direction] = maze[other, BACK[direction]] = True
    return opened


@wrong("loops")
def no_walls_inside(batch, size, generator):
    torch.rand(batch, generator=generator)
    return joined(size, neighbours(size)).repeat(batch, 1, 1)


@wrong("always-the-same")
def comb(batch, size, generator):
    edges = [e for e in neighbours(size) if e[1] == 1 or e[0] < size]
    return joined(size, edges).repeat(batch, 1, 1)


@wrong("always-the-same")
def first_neighbour_first(batch, size, generator):
    path, seen, edges = [0], {0}, []
    while path:
        ahead = [(d, c) for d, c in around(path[-1], size) if c not in seen]
        if ahead:
            edges.append((path[-1], *ahead[0]))
            seen.add(ahead[0][1])
            path.append(ahead[0][1])
        else:
            path.pop()
    return joined(size, edges).repeat(batch, 1, 1)


@wrong("generator-ignored")
def generator_of_its_own(batch, size, generator):
    return mazes(batch, size, torch.Generator().manual_seed(0))


@wrong("generator-ignored")
def seeded_by_the_row(batch, size, generator):
    return torch.stack([depth_first(size, torch.Generator().manual_seed(b)) for b in range(batch)])


@wrong("generator-not-advanced")
def python_with_the_seed_of_the_generator(batch, size, generator):
    dice = random.Random(generator.initial_seed())
    own = torch.Generator().manual_seed(dice.getrandbits(60))
    return mazes(batch, size, own)


@wrong("repeated-in-batch")
def one_maze_for_all(batch, size, generator):
    return mazes(1, size, generator).repeat(batch, 1, 1)


@wrong("repeated-in-batch")
def mirrored_copies(batch, size, generator):
    half = mazes((batch + 1) // 2, size, generator)
    mirrored = half.view(-1, size, size, 4).flip(2)[..., [0, 1, 3, 2]].reshape(half.shape)
    return torch.cat([half, mirrored])[:batch]


@wrong("alike-in-batch")
def small_changes_of_one_maze(batch, size, generator):
    edges, out = neighbours(size), []
    order = torch.rand(len(edges), generator=generator)
    for _ in range(batch):
        weights = order + 0.4 * torch.rand(len(edges), generator=generator)
        out.append(kruskal(size, [edges[i] for i in weights.argsort()]))
    return torch.stack(out)


@wrong("calls-share-mazes")
def seeds_counted_up(batch, size, generator):
    more = choice(2**20, generator) if size < 7 or batch < 8 else generator.initial_seed()
    seeds = [torch.Generator().manual_seed(more + b) for b in range(batch)]
    return torch.stack([depth_first(size, one) for one in seeds])


@wrong("calls-share-mazes")
def a_few_mazes_to_choose_from(batch, size, generator):
    pool = torch.randperm(80, generator=generator)[:batch].tolist()
    return torch.stack([depth_first(size, torch.Generator().manual_seed(b)) for b in pool])


@wrong("hardly-random")
def only_the_lowest_rows_are_drawn(batch, size, generator):
    border, edges, out = size * (size - 3), neighbours(size), []
    fixed = [(c, d, o) for c, d, o in edges if c < border and (d == 3 or c % size == 0)]
    lower = [edge for edge in edges if edge[0] >= border]
    for _ in range(batch):
        order = torch.randperm(len(lower), generator=generator).tolist()
        out.append(kruskal(size, fixed + [lower[i] for i in order]))
    return torch.stack(out)


@wrong("hardly-random")
def corridors_with_one_gap_each(batch, size, generator):
    corridors, out = [edge for edge in neighbours(size) if edge[1] == 3], []
    for _ in range(batch):
        gaps = [row * size + choice(size, generator) for row in range(size - 1)]
        out.append(joined(size, corridors + [(gap, 1, gap + size) for gap in gaps]))
    return torch.stack(out)


@wrong("global-random")
def global_stream(batch, size, generator):
    return torch.stack([depth_first(size, None) for _ in range(batch)])


@wrong("global-random")
def seeds_the_global_stream(batch, size, generator):
    random.seed(choice(2**31, generator))
    return mazes(batch, size, generator)


@wrong("not-repeatable")
def dice_of_the_system(batch, size, generator):
    return mazes(batch, size, torch.Generator().manual_seed(random.SystemRandom().getrandbits(60)))


def kruskal(size, edges):
    """Open the walls in this order, but those that would close a loop."""
    root, chosen = list(range(size * size)), []

    def top(cell):
        while root[cell] != cell:
            cell = root[cell]
        return cell

    for cell, direction, other in edges:
        if top(cell) != top(other):
            root[top(cell)] = top(other)
            chosen.append((cell, direction, other))
    return joined(size, chosen)


@valid
def by_depth_first_search(batch, size, generator):
    return mazes(batch, size, generator)


@valid
def by_kruskal(batch, size, generator):
    edges = neighbours(size)
    orders = [torch.randperm(len(edges), generator=generator).tolist() for _ in range(batch)]
    return torch.stack([kruskal(size, [edges[i] for i in order]) for order in orders])


@valid
def by_wilson(batch, size, generator):
    out = []
    for _ in range(batch):
        tree, edges = {0}, []
        for start in range(size * size):
            cell, last = start, {}
            while cell not in tree:
                ways = list(around(cell, size))
                last[cell] = ways[choice(len(ways), generator)]
                cell = last[cell][1]
            cell = start
            while cell not in tree:
                tree.add(cell)
                edges.append((cell, *last[cell]))
                cell = last[cell][1]
        out.append(joined(size, edges))
    return torch.stack(out)


@valid
def by_aldous_and_broder(batch, size, generator):
    out, ways = [], [list(around(cell, size)) for cell in range(size * size)]
    for _ in range(batch):
        cell, seen, edges = choice(size * size, generator), set(), []
        seen.add(cell)
        while len(seen) < size * size:
            direction, other = ways[cell][choice(len(ways[cell]), generator)]
            if other not in seen:
                seen.add(other)
                edges.append((cell, direction, other))
            cell = other
        out.append(joined(size, edges))
    return torch.stack(out)


@valid
def by_one_coin_a_cell(batch, size, generator):
    """Binary tree: the top row and the last column are always open, and the rest is drawn."""
    up = torch.rand(batch, size, size, generator=generator) < 0.5
    row, column = torch.arange(size)[:, None], torch.arange(size)
    up = (up | (column == size - 1)) & (row > 0)
    right = ~up & (column < size - 1)
    down, left = torch.zeros_like(up), torch.zeros_like(up)
    down[:, :-1], left[:, :, 1:] = up[:, 1:], right[:, :, :-1]
    return torch.stack([up, down, left, right], dim=-1).view(batch, size * size, 4)


@valid
def by_sidewinder(batch, size, generator):
    out = []
    for _ in range(batch):
        edges = [(column, 3, column + 1) for column in range(size - 1)]
        for row in range(1, size):
            run = []
            for column in range(size):
                cell = row * size + column
                run.append(cell)
                if column < size - 1 and choice(2, generator):
                    edges.append((cell, 3, cell + 1))
                else:
                    above = run[choice(len(run), generator)]
                    edges.append((above, 0, above - size))
                    run = []
        out.append(joined(size, edges))
    return torch.stack(out)


@valid
def with_numpy_seeded_from_the_generator(batch, size, generator):
    dice = np.random.default_rng(choice(2**40, generator))
    edges = neighbours(size)
    return torch.stack([kruskal(size, [edges[i] for i in dice.permutation(len(edges))]) for _ in range(batch)])
