"""The check of `lm_loss`: which logits meet which token, who counts, batches without a target, gradients, sure models.

What each position's logits cost with each token of the row is one table; a right loss is the mean of some of its
entries, and known mistakes are means of others.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close

check = Check(
    exercise="lm_loss",
    solution="chisel.reversal_curse.training:lm_loss",
    arguments=("logits", "ids", "mask"),
    returns=TensorLike(like="logits", shape=lambda a: ()),
    example="V 2, ids [[1, 0, 1]], all of the mask True, logits [[[9, 0], [0, 0], [9, 9]]]  ->  after the first logits "
    "the token 0 costs next to nothing, after the second the token 1 costs log 2: the mean is 0.347",
    read="the section 'Scoring a name' of the chapter",
)

UNSHIFTED = Diagnosis(
    "no-shift",
    "logits are compared with the token that stands in their own place",
    "The model has already read that token, so it could repeat it without knowing anything. Its logits say what comes "
    "*next*.",
)
DOUBLE = Diagnosis(
    "double-shift",
    "logits are compared with the token two places later",
    "The shift is there twice. What follows next is never asked for.",
)
OTHER_WAY = Diagnosis(
    "shifted-the-other-way",
    "logits are compared with the token before them",
    "That is a token that the model has read, not one that it has to predict.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "minimising this makes the right token less probable",
    "A cross-entropy is never negative, and it is 0 for a model that is sure of the right token.",
)
BASE = Diagnosis(
    "other-base",
    "the logarithm has another base",
    "Losses and scores of this chapter are in nats: two equally likely tokens cost log 2 = 0.693.",
)
PROBABILITY = Diagnosis(
    "probability-for-log",
    "the probability stands where its logarithm belongs",
    "A token of probability 0.01 and one of 0.0001 would cost about the same.",
)
RAW = Diagnosis(
    "not-normalised",
    "the raw logit stands where the log-probability belongs",
    "Adding a constant to all logits of a position changes no probability, so it may not change the loss.",
)
TWICE = Diagnosis(
    "softmax-twice",
    "the softmax is applied twice",
    "`log_softmax` and `cross_entropy` take logits. Given probabilities, they see a model that is hardly ever sure.",
)
AXIS = Diagnosis(
    "wrong-axis",
    "the softmax runs along the wrong axis",
    "At each position of each row, the probabilities of the V tokens sum to 1.",
)
MASK_OF_PROMPT = Diagnosis(
    "mask-of-the-prompt",
    "the mask of the token before decides, not that of the target",
    "A token counts if its own mask is True. The last token of a prompt is masked, and what follows it is just what "
    "the model has to learn.",
)
BOTH = Diagnosis(
    "mask-of-both",
    "a token counts only if the one before it counts as well",
    "The first token after a prompt is a target, although the prompt does not count.",
)
IGNORED = Diagnosis(
    "mask-ignored",
    "tokens count whose mask is False",
    "Prompts and padding are not to be learnt.",
)
INVERTED = Diagnosis(
    "mask-inverted",
    "the tokens count whose mask is False, and the others do not",
    "The mask is True where a token counts, and `masked_fill` fills where it is given True.",
)
WRAPPED = Diagnosis(
    "first-token-predicted",
    "the first token of a row is a target of its last logits",
    "`roll` brings what leaves at one end in at the other. The last logits predict a token that is not there.",
)
PADDING = Diagnosis(
    "padding-averaged",
    "the sum is divided by more than the number of targets",
    "Masked tokens, or the first ones, are still counted in the average. With more padding, the same text would cost "
    "less.",
)
ROWS = Diagnosis(
    "mean-of-row-means",
    "each row is averaged on its own first",
    "The tokens of a short row then weigh more than those of a long one. The mean is over all targets together.",
)
SUM = Diagnosis(
    "sum-for-mean",
    "the losses are added up, not averaged over all targets",
    "With twice as many texts, or longer ones, the loss and its gradient would be larger.",
)
VALUE = Diagnosis(
    "wrong-value",
    "this is not the mean cross-entropy of the next tokens",
    "Write down for each target by how much its log-probability falls short of 0, and take the mean of that.",
)
NONE = Diagnosis(
    "none-not-zero",
    "without a target the loss is not 0",
    "Where no token counts, nothing is to be learnt: no loss and no gradient.",
)
GRADIENT_OF_NONE = Diagnosis(
    "none-has-a-gradient",
    "without a target, the loss has a gradient that is not 0",
    "The value is right, but 0 / 0 is still in the graph behind it (or another loss is). One such batch turns every "
    "parameter into NaN.",
)
GRADIENT = Diagnosis(
    "wrong-gradient",
    "the value is right and its gradient is not",
    "Part of the loss is cut off from the graph. The logits of *all* tokens matter: making one more probable makes "
    "the others less so.",
)
CUT_OFF = Diagnosis(
    "cut-off",
    "for a very unlikely token the loss is too small",
    "A small constant is added to the probability, or the probability or the loss is limited. These are the tokens "
    "with most to learn.",
)

# batch, length, vocabulary; in the first, a wrong axis of the shifted logits has the size of the right one
FULL = ((2, 4, 3), (1, 2, 5), (3, 3, 2), (3, 6, 4))
RAGGED = ((3, 6, 4), (1, 5, 3), (4, 4, 5))


@check.property(
    "value",
    "the loss is the mean cost of the next tokens that count",
    *(UNSHIFTED, DOUBLE, OTHER_WAY, SIGN, BASE, PROBABILITY, RAW, TWICE, AXIS),
    *(MASK_OF_PROMPT, BOTH, IGNORED, INVERTED, WRAPPED, PADDING, ROWS, SUM, VALUE),
)
def value(attempt: Attempt, draw: Draw) -> None:
    for batch, length, tokens in FULL:
        logits, ids = 2 * draw.normal(batch, length, tokens) + 1, _ids(draw, batch, length, tokens)
        _compare(attempt, logits, ids, torch.ones(batch, length, dtype=torch.bool))
    for batch, length, tokens in RAGGED:
        logits, ids = 2 * draw.normal(batch, length, tokens) + 1, _ids(draw, batch, length, tokens)
        masks = _masks(draw, batch, length)
        for mask in masks:
            _compare(attempt, logits, ids, mask)
        # Where nothing counts, any number may stand.
        anything = torch.tensor([-100, -1, tokens, 10**6])[draw.integers(0, 4, batch, length)]
        for mask in masks[:2]:
            _compare(attempt, logits, ids, mask, ids.where(mask, anything))


@check.property("none", "without a target there is no loss", NONE, GRADIENT_OF_NONE)
def none(attempt: Attempt, draw: Draw) -> None:
    for batch, length, tokens in ((2, 4, 3), (3, 1, 2), (1, 3, 5)):
        ids, first = _ids(draw, batch, length, tokens), torch.arange(length) == 0
        for mask in (torch.zeros(batch, length, dtype=torch.bool), first.repeat(batch, 1)):
            logits = draw.normal(batch, length, tokens).requires_grad_()
            got, tried = attempt(logits, ids, mask), attempt.describe((logits, ids, mask))
            if not close(got, 0.0):
                attempt.fail("none-not-zero", tried, got)
            if got.requires_grad:
                [gradient] = torch.autograd.grad(got, [logits], allow_unused=True)
                if gradient is not None and not close(gradient, torch.zeros_like(logits)):
                    attempt.fail(
                        "none-has-a-gradient", tried, f"a loss of 0 whose gradient by the logits is\n{gradient}"
                    )


@check.property("gradient", "the gradient is that of the cross-entropy", GRADIENT)
def gradient(attempt: Attempt, draw: Draw) -> None:
    for batch, length, tokens in ((1, 2, 3), (3, 5, 4)):
        logits, ids = (2 * draw.normal(batch, length, tokens)).requires_grad_(), _ids(draw, batch, length, tokens)
        mask = _masks(draw, batch, length)[0]
        tried = attempt.describe((logits, ids, mask))
        [got] = attempt.gradient(attempt(logits, ids, mask), [logits], tried)
        pull = torch.softmax(logits, -1)[:, :-1] - one_hot(ids[:, 1:], tokens)  # of one target, where it is one
        want = torch.zeros_like(logits)
        want[:, :-1] = pull * mask[:, 1:, None] / mask[:, 1:].sum()
        attempt.expect(got, want, "wrong-gradient", f"{tried}\nand the gradient by the logits")


@check.property("extreme", "a model that is sure and wrong has a large loss", CUT_OFF)
def extreme(attempt: Attempt, draw: Draw) -> None:
    for size in (40.0, 1e4):
        logits, ids = torch.zeros(1, 3, 4, dtype=torch.float64), torch.tensor([[0, 1, 2]])
        logits[0, 0, 3], logits[0, 1, 2] = size, -size
        mask = torch.tensor([[True, True, draw.integer(0, 2) > 0]])
        if mask[0, 2]:
            logits[0, 1, 2] = size
        want = torch.tensor([size, 0.0] if mask[0, 2] else [size]).double().mean()
        attempt.expect(attempt(logits, ids, mask), want, "cut-off", attempt.describe((logits, ids, mask)))


def _ids(draw: Draw, batch: int, length: int, tokens: int) -> Tensor:
    """Draw rows in which no token is the same as the one before it, or, where there are three, two before it."""
    ids = draw.integers(0, tokens, batch, length)
    for place in range(1, length):
        step = draw.integers(1, tokens, batch)
        ids[:, place] = (ids[:, place - 1] + step) % tokens
    return ids


def _masks(draw: Draw, batch: int, length: int) -> list[Tensor]:
    """Masks with another number of targets in each row: any; after a prompt; before padding."""
    places = torch.arange(length)
    any_ = draw.uniform(0, 1, batch, length) < 0.5
    any_[0, :3] = torch.tensor([False, True, False])[: len(any_[0, :3])]
    any_[-1, -2:], any_[-1, 0] = True, True
    prompts = 1 + draw.permutation(max(batch, length - 1))[:batch] % (length - 1)
    return [any_, places >= prompts[:, None], places <= prompts[:, None]]


def _compare(attempt: Attempt, logits: Tensor, ids: Tensor, mask: Tensor, given: Tensor | None = None) -> None:
    given = ids if given is None else given
    got, want = attempt(logits, given, mask), _mean(_costs(logits, ids), mask[:, 1:])
    if not close(got, want):
        attempt.expect(got, want, "wrong-value", attempt.describe((logits, given, mask)), _suspects(logits, ids, mask))


def _costs(logits: Tensor, ids: Tensor, step: int = 1) -> Tensor:
    """What the token `step` places later costs, position by position."""
    size = ids.shape[1] - abs(step)
    start, every = max(0, -step), torch.logsumexp(logits, -1).tolist()
    rows = [
        [every[b][t] - float(logits[b, t, token[t + step]]) for t in range(start, start + size)]
        for b, token in enumerate(ids.tolist())
    ]
    return torch.tensor(rows, dtype=logits.dtype).view(len(ids), size)


def _mean(costs: Tensor, counts: Tensor) -> Tensor:
    return costs[counts].mean() if bool(counts.any()) else costs.new_tensor(0.0)


def _suspects(logits: Tensor, ids: Tensor, mask: Tensor) -> Mapping[str, Sequence[Tensor]]:
    """What known mistakes give."""
    costs, targets, batch = _costs(logits, ids), mask[:, 1:], len(ids)
    right, total, probs = _mean(costs, targets), (costs * targets).sum(), torch.exp(-costs)
    chosen = logits[:, :-1].gather(2, ids[:, 1:, None])[..., 0]
    rows = [_mean(c, m) for c, m in zip(costs, targets, strict=True)]
    full = [rows[b] for b in range(batch) if bool(targets[b].any())]
    along = [torch.log_softmax(x, dim)[:, : costs.shape[1]] for x in (logits, logits[:, :-1]) for dim in (0, 1)]
    across = [-_mean(x.gather(2, ids[:, 1:, None])[..., 0], targets) for x in along]
    if costs.shape[1] == logits.shape[2]:
        turned = torch.log_softmax(logits[:, :-1], 1).mT  # what `cross_entropy` makes of [B, L, V]
        across.append(-_mean(turned.gather(2, ids[:, 1:, None])[..., 0], targets))
    last = logits[:, -1]  # and what it says of the first token
    around = torch.logsumexp(last, 1, keepdim=True) - last.gather(1, ids[:, :1])
    before, same, later = (_costs(logits, ids, step) for step in (-1, 0, 2))
    return {
        "no-shift": [_mean(same, mask), _mean(same[:, 1:], mask[:, 1:]), _mean(same[:, :-1], mask[:, :-1])],
        "double-shift": [_mean(later, m) for m in (mask[:, 2:], mask[:, 1:-1], mask[:, :-2])]
        if mask.shape[1] > 2
        else [],
        "shifted-the-other-way": [_mean(before, mask[:, :-1]), _mean(before, mask[:, 1:])],
        "sign-flipped": [-right],
        "other-base": [right / math.log(2), right / math.log(10)],
        "probability-for-log": [sign * _mean(probs, targets) + more for sign, more in ((-1, 0), (-1, 1), (1, 0))],
        "not-normalised": [-_mean(chosen, targets), _mean(chosen, targets)],
        "softmax-twice": [
            _mean(_costs(twice, ids), targets) for twice in (logits.softmax(-1), logits.log_softmax(-1).exp())
        ],
        "wrong-axis": [loss for loss in across if bool(loss != 0)],  # over a batch of one it is 0
        "mask-of-the-prompt": [_mean(costs, mask[:, :-1])],
        "mask-of-both": [_mean(costs, mask[:, :-1] & targets)],
        "mask-ignored": [costs.mean()],
        "mask-inverted": [_mean(costs, ~targets)] if batch > 1 else [],
        "first-token-predicted": [_mean(torch.cat([costs, around], 1), m) for m in (mask.roll(-1, 1), mask)],
        "padding-averaged": [
            total / costs.numel(),
            total / mask.numel(),
            total / mask.sum().clamp(min=1),
            total / (targets.sum() + 1),
        ],
        "mean-of-row-means": [torch.stack(rows).mean(), torch.stack(full).mean() if full else right],
        "sum-for-mean": [total, total / batch, costs.sum()],
    }
