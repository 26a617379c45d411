"""The check of `fixed_scores`: every entry, by its own row and its own name; and models that are sure.

An entry is computed from its row and its name alone: how far the logit of the name lies below the logarithm of the
summed exponentials of all logits. Known mistakes are put side by side with it.
"""

import math

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close

check = Check(
    exercise="fixed_scores",
    solution="chisel.reversal_curse.silent_bug:fixed_scores",
    arguments=("logits", "names"),
    returns=TensorLike(like="logits", shape=lambda a: (len(a["names"]), len(a["names"]))),
    example="2 prompts, 4 tokens, names [3, 1], logits [[0, 0, 0, 0], [0, log 5, 0, 0]]  ->  each token has 1/4 after "
    "the first prompt, and token 1 has 5/8 after the second: [[-1.386, -1.386], [-2.079, -0.470]]",
    read="the section 'The silent bug' of the chapter",
)

STILL = Diagnosis(
    "bug-still-there",
    "the columns are still in the order of the vocabulary",
    "Column j belongs to name j. Take three names whose tokens are not in ascending order, and look where each one's "
    "probability has gone.",
)
UNSORTED = Diagnosis(
    "sorted-back-the-wrong-way",
    "the columns have been put in order the wrong way round",
    "Sorting is undone by the inverse of the order that sorted. For two names the two are the same; for more they are "
    "not.",
)
ROWS = Diagnosis(
    "rows-for-columns",
    "rows and columns are exchanged, or the rows are moved instead of the columns",
    "Row i belongs to prompt i, in the order in which the logits came.",
)
DIAGONAL = Diagnosis(
    "diagonal-only",
    "the right names have their scores, and the wrong ones have not",
    "What a right name gets is compared with what the *other* names get after the same prompt.",
)
ENTRY = Diagnosis(
    "wrong-entry",
    "an entry is not the log-probability of its name after its prompt",
    "Entry (i, j) is what the model gives to the token names[j] after prompt i. If every token were a name, the "
    "exponentials of a row would sum to 1.",
)
NAMES = Diagnosis(
    "names-only",
    "probabilities are taken over the names alone",
    "They are no longer the model's: over the whole vocabulary it may think of none of these names.",
)
RAW = Diagnosis(
    "not-normalised",
    "raw logits are returned",
    "Adding a constant to all logits of a prompt changes no probability, so it may not change a score.",
)
AXIS = Diagnosis(
    "wrong-axis",
    "the softmax runs over the prompts",
    "After each prompt, the probabilities of the tokens sum to 1.",
)
PROBABILITY = Diagnosis(
    "probability-for-log",
    "these are probabilities, not their logarithms",
    "A log-probability is never above 0.",
)
BASE = Diagnosis(
    "other-base",
    "the logarithm has another base",
    "Scores of this chapter are in nats: one of two equally likely tokens has -log 2 = -0.693.",
)
CUT_OFF = Diagnosis(
    "cut-off",
    "for a very unlikely name the score is too large",
    "A small constant is added to the probability, or it is limited. Wrong names are often very unlikely, and have to "
    "be told apart.",
)


@check.property(
    "entries",
    "entry (i, j) is the log-probability of name j after prompt i",
    *(STILL, UNSORTED, ROWS, NAMES, RAW, AXIS, PROBABILITY, BASE, CUT_OFF, DIAGONAL, ENTRY),
)
def entries(attempt: Attempt, draw: Draw) -> None:
    for count, tokens in ((5, 11), (3, 3), (6, 30), (4, 7), (1, 5)):
        logits, names = 2 * draw.normal(count, tokens) + 1, _names(draw, count, tokens)
        got, want = attempt(logits, names), _entries(logits, names)
        if close(got, want):
            continue
        if close(got, want, 1e-4):
            attempt.fail("cut-off", attempt.describe((logits, names)), got)
        order, chosen = names.argsort(), torch.stack([logits[:, name] for name in names.tolist()], dim=1)
        in_order, tried = want[:, order], attempt.describe((logits, names))
        suspects = {
            "bug-still-there": [in_order],
            "sorted-back-the-wrong-way": [in_order[:, order], want[:, order.argsort()]],
            "rows-for-columns": [want.T, in_order[order.argsort()], in_order[order], in_order.T, want[order]],
            "names-only": [torch.log_softmax(chosen, 1)],
            "not-normalised": [chosen],
            "wrong-axis": [chosen - torch.logsumexp(chosen, 0)],
            "probability-for-log": [want.exp(), -want.exp()],
            "other-base": [want / math.log(2), want / math.log(10)],
        }
        right = close(got.diagonal(), want.diagonal()) and count > 1
        attempt.expect(got, want, "diagonal-only" if right else "wrong-entry", tried, suspects)


@check.property("unlikely", "very unlikely names have finite scores of their own", CUT_OFF)
def unlikely(attempt: Attempt, draw: Draw) -> None:
    for size in (60.0, 3000.0):
        logits, names = torch.zeros(2, 5, dtype=torch.float64), torch.tensor([1, 4])
        logits[0, 2], logits[1, 4], logits[0, 4] = size, size, size / 2
        want = torch.tensor([[-size, -size / 2], [-size, 0.0]], dtype=torch.float64)
        attempt.expect(attempt(logits, names), want, "cut-off", attempt.describe((logits, names)))


def _entries(logits: Tensor, names: Tensor) -> Tensor:
    rows = [[row[name] - torch.logsumexp(row, 0) for name in names.tolist()] for row in logits]
    return torch.stack([torch.stack(row) for row in rows])


def _names(draw: Draw, count: int, tokens: int) -> Tensor:
    """Draw names of which sorting, sorting twice, sorting back and turning round make different orders."""
    while True:
        names = draw.permutation(tokens)[:count]
        order = names.argsort()
        ways = torch.arange(count), order, order.argsort(), order.flip(0)
        if count < 3 or len({tuple(way.tolist()) for way in ways}) == 4:
            return names
