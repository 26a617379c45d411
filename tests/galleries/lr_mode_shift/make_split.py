"""Gallery of `make_split`."""

import random
import secrets

import numpy as np
import torch

from galleries.gallery import valid, wrong


def table(p):
    """All rows in order."""
    pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
    return torch.cat([pairs, pairs.sum(1, keepdim=True) % p], 1)


def shuffled(n, seed):
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed))


def cut(rows, n):
    return rows[:n], rows[n:]


def right(p, fraction, seed):
    return cut(table(p)[shuffled(p * p, seed)], int(fraction * p * p))


@wrong("no-modulus")
def plain_sum(p, fraction, seed):
    return tuple(torch.stack([x[:, 0], x[:, 1], x[:, 0] + x[:, 1]], 1) for x in right(p, fraction, seed))


@wrong("numbers-from-one")
def from_one_to_p(p, fraction, seed):
    pairs = torch.cartesian_prod(torch.arange(1, p + 1), torch.arange(1, p + 1))
    rows = torch.cat([pairs, pairs.sum(1, keepdim=True) % p], 1)
    return cut(rows[shuffled(p * p, seed)], int(fraction * p * p))


@wrong("numbers-out-of-range")
def divided_by_one_more(p, fraction, seed):
    return tuple(torch.stack([x[:, 0], x[:, 1], x[:, :2].sum(1) % (p + 1)], 1) for x in right(p, fraction, seed))


@wrong("other-operation")
def product(p, fraction, seed):
    return tuple(torch.stack([x[:, 0], x[:, 1], x[:, 0] * x[:, 1] % p], 1) for x in right(p, fraction, seed))


@wrong("other-operation")
def sum_in_front(p, fraction, seed):
    train, val = right(p, fraction, seed)
    return train[:, [2, 0, 1]], val[:, [2, 0, 1]]


@wrong("labels-torn-off")
def labels_in_the_old_order(p, fraction, seed):
    train, val = right(p, fraction, seed)
    return torch.cat([train[:, :2], train.flip(0)[:, 2:]], 1), torch.cat([val[:, :2], val.flip(0)[:, 2:]], 1)


@wrong("wrong-label")
def divided_by_one_less(p, fraction, seed):
    return tuple(torch.stack([x[:, 0], x[:, 1], x[:, :2].sum(1) % (p - 1)], 1) for x in right(p, fraction, seed))


@wrong("wrong-label")
def one_more_than_the_sum(p, fraction, seed):
    return tuple(torch.stack([x[:, 0], x[:, 1], (x[:, 0] + x[:, 1] + 1) % p], 1) for x in right(p, fraction, seed))


@wrong("overlap")
def validated_on_all(p, fraction, seed):
    return right(p, fraction, seed)[0], table(p)


@wrong("overlap")
def two_independent_draws(p, fraction, seed):
    return right(p, fraction, seed)[0], right(p, fraction, seed + 1)[1]


@wrong("overlap")
def one_row_too_early(p, fraction, seed):
    rows, n = table(p)[shuffled(p * p, seed)], int(fraction * p * p)
    return rows[:n], rows[n - 1 :]


@wrong("pair-twice")
def with_replacement(p, fraction, seed):
    dice = torch.Generator().manual_seed(seed)
    chosen = torch.randint(p * p, (int(fraction * p * p),), generator=dice)
    left = torch.ones(p * p, dtype=torch.bool)
    left[chosen] = False
    return table(p)[chosen], table(p)[left]


@wrong("one-order-only")
def no_mirror_images(p, fraction, seed):
    rows = table(p)
    rows = rows[rows[:, 0] <= rows[:, 1]]
    return cut(rows[shuffled(len(rows), seed)], int(fraction * len(rows)))


@wrong("pairs-missing")
def without_zero(p, fraction, seed):
    rows = table(p)
    rows = rows[(rows[:, :2] > 0).all(1)]
    return cut(rows[shuffled(len(rows), seed)], int(fraction * len(rows)))


@wrong("pairs-missing")
def last_row_forgotten(p, fraction, seed):
    train, val = right(p, fraction, seed)
    return train, val[:-1]


@wrong("pairs-missing")
def doubles_left_out(p, fraction, seed):
    return tuple(x[x[:, 0] != x[:, 1]] for x in right(p, fraction, seed))


@wrong("fraction-ignored")
def half_of_them(p, fraction, seed):
    return right(p, 0.5, seed)


@wrong("shares-exchanged")
def validation_first(p, fraction, seed):
    return right(p, fraction, seed)[::-1]


@wrong("shares-exchanged")
def fraction_to_validate_on(p, fraction, seed):
    return right(p, 1 - fraction, seed)


@wrong("rounded-otherwise")
def rounded(p, fraction, seed):
    return cut(table(p)[shuffled(p * p, seed)], round(fraction * p * p))


@wrong("rounded-otherwise")
def rounded_up(p, fraction, seed):
    return cut(table(p)[shuffled(p * p, seed)], -int(-fraction * p * p // 1))


@wrong("wrong-size")
def whole_lines_counted(p, fraction, seed):
    return cut(table(p)[shuffled(p * p, seed)], p * int(fraction * p) + 1)


@wrong("wrong-size")
def each_pair_by_a_coin(p, fraction, seed):
    mine = torch.rand(p * p, generator=torch.Generator().manual_seed(seed)) < fraction
    return table(p)[mine], table(p)[~mine]


@wrong("seed-ignored")
def always_seed_7(p, fraction, seed):
    return right(p, fraction, 7)


@wrong("seed-ignored")
def nought_taken_for_none(p, fraction, seed):
    return right(p, fraction, seed or 1)


@wrong("seed-ignored")
def seed_decides_the_order_only(p, fraction, seed):
    train, val = right(p, fraction, 0)
    return train[shuffled(len(train), seed)], val[shuffled(len(val), seed)]


@wrong("seed-ignored")
def not_shuffled(p, fraction, seed):
    return cut(table(p), int(fraction * p * p))


@wrong("few-splits")
def a_few_to_choose_from(p, fraction, seed):
    return right(p, fraction, seed if seed < 999 else seed % 10)


@wrong("same-pairs-always")
def zeros_are_always_trained(p, fraction, seed):
    rows, n = table(p), int(fraction * p * p)
    rows = torch.cat([rows[:1], rows[1:][shuffled(p * p - 1, seed)]])
    return cut(rows, n)


@wrong("mirror-images-tied")
def mirror_images_together(p, fraction, seed):
    order = shuffled(p * p, seed)
    ones = [(i // p, i % p) for i in order.tolist() if i // p <= i % p]
    both = [pair for a, b in ones for pair in dict.fromkeys([(a, b), (b, a)])]
    return cut(torch.tensor([(a, b, (a + b) % p) for a, b in both]), int(fraction * p * p))


@wrong("in-order")
def a_stretch_from_a_random_place(p, fraction, seed):
    return cut(table(p).roll(seed % (p * p), 0), int(fraction * p * p))


@wrong("in-order")
def whole_numbers_held_out(p, fraction, seed):
    lines = table(p).view(p, p, 3)[shuffled(p, seed)]
    inner = lines[:, shuffled(p, seed + 1)]
    return cut(inner.reshape(p * p, 3), int(fraction * p * p))


@wrong("shares-forced")
def same_share_of_each_number(p, fraction, seed):
    lines = [table(p)[a * p : a * p + p][shuffled(p, seed + 1000 * a)] for a in range(p)]
    rows = torch.stack(lines, 1).reshape(p * p, 3)  # the first of each number, then the second of each
    return cut(rows, int(fraction * p * p))


@wrong("shares-forced")
def same_share_of_each_label(p, fraction, seed):
    rows = table(p)
    labels = [rows[rows[:, 2] == c][shuffled(p, seed + 1000 * c)] for c in range(p)]
    return cut(torch.stack(labels, 1).reshape(p * p, 3), int(fraction * p * p))


@wrong("global-random")
def seeds_torch(p, fraction, seed):
    torch.manual_seed(seed)
    return cut(table(p)[torch.randperm(p * p)], int(fraction * p * p))


@wrong("global-random")
def seeds_numpy(p, fraction, seed):
    np.random.seed(seed)
    return cut(table(p)[torch.from_numpy(np.random.permutation(p * p))], int(fraction * p * p))


@wrong("global-random")
def seeds_python(p, fraction, seed):
    random.seed(seed)
    rows = table(p).tolist()
    random.shuffle(rows)
    return cut(torch.tensor(rows), int(fraction * p * p))


@wrong("not-repeatable")
def new_at_every_call(p, fraction, seed):
    return right(p, fraction, secrets.randbelow(2**40))


@wrong("wrong-dtype")
def floats(p, fraction, seed):
    return tuple(x.float() for x in right(p, fraction, seed))


@wrong("wrong-shape")
def columns_for_rows(p, fraction, seed):
    return tuple(x.T for x in right(p, fraction, seed))


@wrong("wrong-type")
def four_tensors(p, fraction, seed):
    train, val = right(p, fraction, seed)
    return train[:, :2], train[:, 2], val[:, :2], val[:, 2]


@valid
def with_python_dice(p, fraction, seed):
    rows = [(a, b, (a + b) % p) for a in range(p) for b in range(p)]
    random.Random(seed).shuffle(rows)
    n = int(fraction * p * p)
    return torch.tensor(rows[:n]), torch.tensor(rows[n:])


@valid
def with_numpy_and_in_order(p, fraction, seed):
    chosen = np.random.default_rng(seed).choice(p * p, int(fraction * p * p), replace=False)
    mine = np.zeros(p * p, dtype=bool)
    mine[chosen] = True
    a, b = np.divmod(np.arange(p * p), p)
    rows = torch.from_numpy(np.stack([a, b, (a + b) % p], 1))
    return [rows[torch.from_numpy(mine)], rows[torch.from_numpy(~mine)]]


@valid
def by_random_keys(p, fraction, seed):
    keys = torch.rand(p, p, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    order = keys.flatten().argsort()
    a, b = order // p, order % p
    rows = torch.stack([a, b, (a + b).remainder(p)], -1)
    n = int(fraction * p * p)
    return torch.split(rows, [n, p * p - n])


@valid
def sets_of_tuples(p, fraction, seed):
    every = [(a, b) for a in range(p) for b in range(p)]
    mine = set(random.Random(f"{p} {seed}").sample(every, int(p * p * fraction)))
    train = torch.tensor([(a, b, (a + b) % p) for a, b in sorted(mine)])
    val = torch.tensor([(a, b, (a + b) % p) for a, b in every if (a, b) not in mine])
    return train, val
