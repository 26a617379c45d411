"""Gallery of `symmetrised_logits`."""

from collections import defaultdict

import numpy as np
import torch
from einops import einsum

from galleries.gallery import valid, wrong


def classes(logits, a=1, b=1, c=-1):
    """A combination of a, b and c modulo p, for each entry."""
    n = torch.arange(len(logits))
    return (a * n[:, None, None] + b * n[:, None] + c * n) % len(logits)


def averaged(logits, of):
    """The mean over all entries of the same class."""
    sums = torch.zeros(int(of.max()) + 1, dtype=logits.dtype).index_add(0, of.flatten(), logits.flatten())
    return (sums / torch.bincount(of.flatten()))[of]


def right(logits):
    return averaged(logits, classes(logits))


@wrong("still-varies")
def nothing_done(logits):
    return logits.clone()


@wrong("still-varies")
def half_way(logits):
    return (logits + right(logits)) / 2


@wrong("still-varies")
def half_way_only_for_even_classes(logits):
    return torch.where(classes(logits) % 2 == 0, right(logits), logits)


@wrong("still-varies")
def right_answers_and_those_one_off_alone(logits):
    return torch.where(classes(logits) < 2, right(logits), logits)


@wrong("other-combination")
def plus_c(logits):
    return averaged(logits, classes(logits, c=1))


@wrong("other-combination")
def minus_b(logits):
    return averaged(logits, classes(logits, b=-1))


@wrong("other-combination")
def without_c(logits):
    return averaged(logits, classes(logits, c=0))


@wrong("other-combination")
def means_read_backwards(logits):
    return right(logits)[0, 0][classes(logits)]


@wrong("modulus-missing")
def on_a_line(logits):
    n = torch.arange(len(logits))
    difference = n[:, None, None] + n[:, None] - n
    return averaged(logits, difference - difference.min())


@wrong("pairs-only")
def both_orders(logits):
    return (logits + logits.transpose(0, 1)) / 2


@wrong("pairs-only")
def over_a_alone(logits):
    return logits.mean(0, keepdim=True).expand_as(logits).clone()


@wrong("residual")
def what_is_left(logits):
    return logits - right(logits)


@wrong("sum-for-mean")
def summed(logits):
    return right(logits) * len(logits) ** 2


@wrong("sum-for-mean")
def divided_by_all_entries(logits):
    return right(logits) / len(logits)


@wrong("sum-for-mean")
def divided_by_p(logits):
    return right(logits) * len(logits)


@wrong("level-taken-out")
def centred(logits):
    return right(logits) - logits.mean()


@wrong("one-entry-for-all")
def first_of_each_class(logits):
    return logits[:, 0, 0][classes(logits)]


@wrong("one-entry-for-all")
def medians(logits):
    of = classes(logits)
    return torch.stack([logits[of == d].median() for d in range(len(logits))])[of]


@wrong("one-entry-for-all")
def largest(logits):
    of = classes(logits)
    return torch.stack([logits[of == d].max() for d in range(len(logits))])[of]


@wrong("wrong-means")
def mean_of_everything(logits):
    return logits.mean().expand_as(logits).clone()


@wrong("wrong-means")
def right_answer_against_the_rest(logits):
    of = classes(logits)
    if len(logits) < 3:
        return right(logits)
    return torch.where(of == 0, logits[of == 0].mean(), logits[of != 0].mean())


@wrong("wrong-means")
def clipped(logits):
    return right(logits.clamp(min=0)) if len(logits) > 2 else right(logits)


@wrong("small-modulus")
def small_moduli_left_alone(logits):
    return right(logits) if len(logits) > 2 else logits.clone()


@wrong("small-modulus")
def nought_for_one_class(logits):
    return right(logits) if len(logits) > 1 else torch.zeros_like(logits)


@wrong("raised")
def made_for_one_modulus(logits):
    n = torch.arange(31)
    difference = (n[:, None, None] + n[:, None] - n) % 31
    return averaged(logits, difference)


@wrong("wrong-shape")
def one_for_each_class(logits):
    return right(logits)[:, 0, 0]


@wrong("wrong-dtype")
def always_single(logits):
    return right(logits.float())


@wrong("wrong-dtype")
def sums_in_the_default_dtype(logits):
    of = classes(logits)
    return torch.tensor([float(logits[of == d].mean()) for d in range(len(logits))])[of]


@wrong("input-changed")
def in_place(logits):
    return logits.copy_(right(logits))


@wrong("returned-none")
def written_nowhere(logits):
    right(logits)


@valid
def with_index_add(logits):
    return right(logits)


@valid
def with_loops(logits):
    p = len(logits)
    found = defaultdict(list)
    for a in range(p):
        for b in range(p):
            for c in range(p):
                found[(a + b - c) % p].append(logits[a, b, c])
    means = {d: sum(entries) / len(entries) for d, entries in found.items()}
    result = torch.empty_like(logits)
    for a in range(p):
        for b in range(p):
            for c in range(p):
                result[a, b, c] = means[(a + b - c) % p]
    return result


@valid
def by_shifting(logits):
    p = len(logits)
    shifted = [logits.roll((i, j, i + j), (0, 1, 2)) for i in range(p) for j in range(p)]
    return torch.stack(shifted).mean(0)


@valid
def as_a_projection(logits):
    p = len(logits)
    indicator = torch.nn.functional.one_hot(classes(logits), p).to(logits.dtype)
    return einsum(indicator, indicator, logits, "a b c d, x y z d, x y z -> a b c") / p**2


@valid
def in_numpy(logits):
    values, p = logits.numpy(), len(logits)
    a, b, c = np.indices(values.shape)
    of = (a + b + (p - c)) % p
    sums = np.bincount(of.ravel(), weights=values.ravel(), minlength=p)
    return torch.from_numpy((sums / p**2)[of]).to(logits)


@valid
def by_fourier(logits):
    p = len(logits)
    k = torch.arange(p)
    spectrum = torch.fft.fftn(logits)
    kept = torch.zeros_like(spectrum)
    kept[k, k, -k % p] = spectrum[k, k, -k % p]
    return torch.fft.ifftn(kept).real
