"""The check of `bilinear_scores`: one pair, all pairs against pairs alone, unequal sizes, large scores, gradients.

Only the first property knows what a score is. The others compare the function with itself, so that each can fail alone.
"""

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close

check = Check(
    exercise="bilinear_scores",
    solution="chisel.reversal_curse.bilinear:bilinear_scores",
    arguments=("E", "W", "U"),
    returns=TensorLike(like="E", shape=lambda a: (len(a["E"]), len(a["U"]))),
    example="E [[1, 0]], W [[0, 5], [2, 0]], U [[3, 4], [1, 0]]: W turns [1, 0] into [0, 2], and the names score "
    "3 * 0 + 4 * 2 and 1 * 0 + 0 * 2  ->  [[8, 0]]",
    read="the section 'The smallest model that has it' of the chapter; Nickel, Tresp and Kriegel (2011)",
)

BACKWARD = Diagnosis(
    "relation-backward",
    "the relation is applied backward",
    "W takes what is read to what is to be written: its columns belong to E, its rows to U. Transposed, or with E and "
    "U in each other's place, it answers the question for the inverse relation.",
)
TIED = Diagnosis(
    "one-table-only",
    "E is used where U belongs, or U where E belongs",
    "An entity is read as its row of E and written as its row of U. If the two are the same, the model is tied.",
)
NO_RELATION = Diagnosis(
    "relation-ignored",
    "the relation plays no part, or only its diagonal does",
    "Another W must give other scores, and every entry of it can matter.",
)
SYMMETRIC = Diagnosis(
    "symmetrised",
    "the relation is mixed with its transpose",
    "A relation that equals its transpose says the same in both directions. That is not built in here.",
)
RESCALED = Diagnosis(
    "rescaled",
    "the scores are divided or multiplied by something, or lose their sign",
    "A score is the plain product: no square root of the width, no lengths of vectors, no minus and no absolute value.",
)
NOT_SCORES = Diagnosis(
    "not-scores",
    "what came back has gone through a softmax or another function",
    "Scores may be any number, also negative. Whoever calls the function makes probabilities of them.",
)
WRONG = Diagnosis(
    "wrong-score",
    "the score of a pair is another number",
    "Apply W to the entity's row of E, then multiply with the name's row of U and add up.",
)
TRANSPOSED = Diagnosis(
    "rows-columns-swapped",
    "rows are names and columns are entities, or the numbers were laid out that way",
    "Row i belongs to entity i, column j to name j. A `reshape` of the transposed matrix has the right shape, and each "
    "number in the wrong place.",
)
MIXED = Diagnosis(
    "pairs-mixed",
    "a pair has another score among others than alone",
    "Each score depends on one row of E and on one row of U. Every entity is scored with every name.",
)
SIZES = Diagnosis(
    "sizes-mixed-up",
    "the scores are wrong where what is read has another width than what is written",
    "W is [K, D]: it need not be square. A single number as width is a width, too.",
)
SQUASHED = Diagnosis(
    "squashed",
    "ten thousand times an argument does not give ten thousand times the score",
    "A score is proportional to each of E, W and U. Clamping, clipping and normalising undo that.",
)
CUT = Diagnosis(
    "gradient-cut",
    "one of the three gets no gradient, or a wrong one",
    "Training moves E, W and U. What is detached, or copied into a new tensor, stays as it was drawn.",
)


def _score(e: Tensor, w: Tensor, u: Tensor) -> Tensor:
    """Return the score of one entity and one name, [1, 1], as a sum over all pairs of coordinates."""
    terms = [u[0, k] * w[k, d] * e[0, d] for k in range(len(w)) for d in range(w.shape[1])]
    return torch.stack(terms).sum().view(1, 1)


@check.property(
    "one-pair",
    "the score of a pair is what W makes of the entity, times the name",
    *(BACKWARD, TIED, NO_RELATION, SYMMETRIC, RESCALED, NOT_SCORES, WRONG),
)
def one_pair(attempt: Attempt, draw: Draw) -> None:
    for width, sign in ((3, 1), (2, -1)):
        e, w, u = draw.normal(1, width), draw.normal(width, width), draw.normal(1, width)
        u = u * sign * _score(e, w, u).sign()  # one score is positive, the other negative
        got, want = attempt(e, w, u), _score(e, w, u)
        lengths = [e.norm(), u.norm(), e.norm() * u.norm(), (w @ e[0]).norm(), (w @ e[0]).norm() * u.norm(), w.norm()]
        suspects = {
            "relation-backward": [_score(e, w.T, u), _score(e, torch.linalg.inv(w), u)],
            "one-table-only": [_score(a, m, a) for a in (e, u) for m in (w, w.T)],
            "relation-ignored": [e @ u.T, _score(e, torch.diag(w.diagonal()), u), w.sum() * (e @ u.T)],
            "symmetrised": [_score(e, w + w.T, u) * factor for factor in (1.0, 0.5)],
            "rescaled": [
                *(want * factor for factor in (width**-0.5, 1 / width, width**0.5, width, 2, 0.5, -1)),
                *(want / length for length in lengths),
            ],
            "not-scores": [f(want) for f in (_ones, torch.zeros_like, torch.exp, torch.sigmoid, torch.tanh, _positive)],
        }
        attempt.expect(got, want, "wrong-score", attempt.describe((e, w, u)), suspects)


def _ones(x: Tensor) -> Tensor:
    return torch.ones_like(x)  # a softmax over one name


def _positive(x: Tensor) -> Tensor:
    return x.clamp(min=0)


@check.property("all-pairs", "every entity is scored with every name, as if they were alone", TRANSPOSED, MIXED)
def all_pairs(attempt: Attempt, draw: Draw) -> None:
    for entities, names in ((3, 3), (2, 4), (1, 3), (2, 1)):
        e, w, u = draw.normal(entities, 3), draw.normal(3, 3), draw.normal(names, 3)
        alone = [
            [attempt(e[i : i + 1], w, u[j : j + 1], remember=False) for j in range(names)] for i in range(entities)
        ]
        want = torch.cat([torch.cat(row, dim=1) for row in alone])
        tried = attempt.describe((e, w, u))
        suspects = {"rows-columns-swapped": [want.T.reshape(want.shape)]}
        attempt.expect(attempt(e, w, u), want, "pairs-mixed", tried, suspects)


@check.property("widths", "what is read and what is written may differ in width", SIZES)
def widths(attempt: Attempt, draw: Draw) -> None:
    for read, written in ((2, 4), (5, 3), (1, 3), (3, 1), (1, 1)):
        e, w, u = draw.normal(1, read), draw.normal(written, read), draw.normal(1, written)
        # Zeros make the narrower side as wide as the other, and add nothing.
        wide = max(read, written, 2)
        padded = torch.zeros(wide, wide, dtype=w.dtype)
        padded[:written, :read] = w
        want = attempt(_padded(e, wide), padded, _padded(u, wide), remember=False)
        attempt.expect(attempt(e, w, u), want, "sizes-mixed-up", attempt.describe((e, w, u)))


def _padded(rows: Tensor, width: int) -> Tensor:
    return torch.cat([rows, torch.zeros(len(rows), width - rows.shape[1], dtype=rows.dtype)], dim=1)


@check.property("proportional", "many times an argument gives as many times the score", SQUASHED)
def proportional(attempt: Attempt, draw: Draw) -> None:
    e, w, u = draw.normal(1, 3), draw.normal(3, 3), draw.normal(1, 3)
    once = attempt(e, w, u, remember=False)
    for factor in (1e4, -1e4):
        for larger in ((factor * e, w, u), (e, factor * w, u), (e, w, factor * u)):
            got, tried = attempt(*larger, remember=False), attempt.describe(larger)
            if not close(got / factor, once):
                attempt.fail("squashed", tried, got)


@check.property("gradient", "gradients reach E, W and U", CUT)
def gradient(attempt: Attempt, draw: Draw) -> None:
    e, w, u = (x.requires_grad_() for x in (draw.normal(2, 3), draw.normal(3, 3), draw.normal(2, 3)))
    scores, tried = attempt(e, w, u), attempt.describe((e, w, u))
    weights = draw.normal(2, 2)
    tried += "\nand the gradient of a weighted sum of the scores"
    found = attempt.gradient((weights * scores).sum(), (e, w, u), tried)
    step = 0.5  # a score is linear in each argument, so any step is a derivative
    for name, which, slope in zip("EWU", range(3), found, strict=True):
        arguments = [x.detach() for x in (e, w, u)]
        direction = draw.normal(*slope.shape)
        ahead, behind = list(arguments), list(arguments)
        ahead[which], behind[which] = arguments[which] + step * direction, arguments[which] - step * direction
        rise = (weights * (attempt(*ahead, remember=False) - attempt(*behind, remember=False))).sum() / (2 * step)
        if not close((slope * direction).sum(), rise):
            attempt.fail("gradient-cut", f"{tried} to {name}", slope)
