"""The check of `completion_logprob`: one row against the chain rule, batches, modes, gradients, ends, and errors.

The chain rule is taken literally: each token is asked for with a reading of its own, of all that stands before it.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close
from chisel.checking.limits import OutOfTime
from chisel.checking.settings import restore_settings, torch_settings
from chisel.reversal_curse.checks._readers import Reader, steps

check = Check(
    exercise="completion_logprob",
    solution="chisel.reversal_curse.measurements:completion_logprob",
    arguments=("model", "prompt_ids", "completion_ids"),
    returns=TensorLike(like="model", shape=lambda a: (len(a["prompt_ids"]),)),
    example="a model that gives each of 4 tokens the same probability, whatever it reads; prompt_ids [[0, 1]], "
    "completion_ids [[2, 3, 3]]  ->  3 tokens of probability 1/4 each: [-4.159]",
    read="the section 'Scoring a name' of the chapter",
)

FIRST = Diagnosis(
    "first-token-only",
    "only the first token of the completion counts",
    "Two names that begin alike would get the same score.",
)
LAST = Diagnosis(
    "last-token-only",
    "only the last token of the completion counts",
    "Two names that end alike may get the same score, however different their beginnings are.",
)
MEAN = Diagnosis(
    "mean-for-sum",
    "the tokens' log-probabilities are averaged, not added",
    "The probability of a completion is the product of those of its tokens, and the logarithm of a product is a sum.",
)
PROMPT = Diagnosis(
    "prompt-included",
    "the prompt's own probability is part of the result",
    "Asked for is the completion *given* the prompt. With the prompt's probability in it, scores of different prompts "
    "cannot be compared.",
)
OFF_BY_ONE = Diagnosis(
    "off-by-one",
    "each token is looked up in the logits of the wrong position",
    "The logits at a position are for the token after it. What comes right after the prompt is told by the prompt's "
    "last position.",
)
ALONE = Diagnosis(
    "prompt-ignored",
    "the model has not read the prompt, or not all of it",
    "The same completion after another prompt has another probability: all that stands before a token is read.",
)
UNCONDITIONED = Diagnosis(
    "tokens-taken-apart",
    "a token does not depend on the completion's tokens before it",
    "Once the first name is out, the second is another question. The chain rule has in each condition all that was "
    "said.",
)
NAMES = Diagnosis(
    "names-only",
    "probabilities are taken over the completion's tokens, or those of the batch, alone",
    "Over the whole vocabulary the probabilities sum to 1. Over a few names, a model that hardly thinks of any of them "
    "looks as if it were sure.",
)
AXIS = Diagnosis(
    "wrong-axis",
    "the softmax runs along the wrong axis",
    "At each position of each row, the probabilities of the V tokens sum to 1.",
)
PROBABILITY = Diagnosis(
    "probability-for-log",
    "this is a probability, not its logarithm",
    "A log-probability is never above 0, and those of a chain add up.",
)
RAW = Diagnosis(
    "not-normalised",
    "raw logits are added up",
    "Adding a constant to all logits of a position changes no probability, so it may not change the score.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "this is the loss of the completion, not its log-probability",
    "A log-probability is never above 0; the likeliest name has the largest.",
)
BASE = Diagnosis(
    "other-base",
    "the logarithm has another base",
    "Scores of this chapter are in nats: one of two equally likely tokens has -log 2 = -0.693.",
)
VALUE = Diagnosis(
    "wrong-logprob",
    "this is not the log-probability of the completion after the prompt",
    "Ask the model for each token of the completion in turn, after all that stands before it.",
)
ROWS = Diagnosis(
    "rows-mixed",
    "a row has another score in a batch than alone",
    "Each completion belongs to the prompt of its own row, whatever the other rows are.",
)
TRAINING = Diagnosis(
    "training-mode",
    "the model is asked in training mode",
    "With dropout, say, the same question would get another answer each time. It is asked in evaluation mode.",
)
GRADIENTS = Diagnosis(
    "gradients-left-on",
    "the result carries gradients",
    "A whole graph is kept for each score that is measured. With thousands of names it fills the memory.",
)
EMPTY = Diagnosis(
    "empty-not-zero",
    "an empty completion has not log-probability 0",
    "Saying nothing more is certain: a product of no probabilities is 1. And a slice that begins at `-0` is not empty.",
)
CUT_OFF = Diagnosis(
    "cut-off",
    "for a very unlikely completion the score is too large",
    "A small constant is added to the probability, or it is limited. Names that are hardly thought of are just what is "
    "to be compared.",
)
MODE_LOST = Diagnosis(
    "mode-lost-on-error",
    "when the model raises, its mode stays changed",
    "Whoever catches the error goes on training in evaluation mode, and nothing says so.",
)
GRADIENTS_LOST = Diagnosis(
    "gradients-lost-on-error",
    "when the model raises, gradients stay switched off",
    "Whoever catches the error goes on training without gradients. A `with` block ends in any case.",
)
SWALLOWED = Diagnosis(
    "error-swallowed",
    "the model raises, and nobody hears of it",
    "A score that could not be measured is then taken for one that was.",
)


@check.property(
    "chain",
    "a row's score is the sum of the log-probabilities of its tokens in turn",
    *(FIRST, LAST, MEAN, PROMPT, OFF_BY_ONE, ALONE, UNCONDITIONED, NAMES, AXIS, PROBABILITY, RAW, SIGN, BASE, VALUE),
)
def chain(attempt: Attempt, draw: Draw) -> None:
    for before, after, tokens in ((3, 2, 4), (1, 1, 3), (4, 1, 5), (1, 3, 4), (2, 5, 6)):
        reader = Reader(draw, tokens).eval()
        row = torch.cat([draw.integers(0, tokens, before), draw.permutation(tokens)[:after]])
        prompt, completion = row[None, :before], row[None, before:]
        got, want = attempt(reader, prompt, completion), steps(reader, row)[before - 1 :].sum()[None]
        if not close(got, want):
            tried = attempt.describe((reader, prompt, completion))
            attempt.expect(got, want, "wrong-logprob", tried, _suspects(reader, row, before))


@check.property("batch", "a row has the same score in a batch as alone", ROWS)
def batch(attempt: Attempt, draw: Draw) -> None:
    for rows, before, after, tokens in ((4, 3, 2, 4), (3, 1, 3, 5), (2, 2, 2, 3)):
        reader = Reader(draw, tokens).eval()
        prompts, completions = (draw.integers(0, tokens, rows, length) for length in (before, after))
        got, pairs = attempt(reader, prompts, completions), zip(prompts, completions, strict=True)
        alone = torch.stack([attempt(reader, p[None], c[None], remember=False)[0] for p, c in pairs])
        attempt.expect(got, alone, "rows-mixed", attempt.describe((reader, prompts, completions)))


@check.property("mode", "the model is asked in evaluation mode", TRAINING)
def mode(attempt: Attempt, draw: Draw) -> None:
    for rows, before, after in ((1, 3, 2), (3, 2, 1)):
        reader = Reader(draw, 4).eval()
        prompts, completions = draw.integers(0, 4, rows, before), draw.integers(0, 4, rows, after)
        calm = attempt(reader, prompts, completions)
        reader.train()
        got, tried = attempt(reader, prompts, completions), attempt.describe((reader, prompts, completions))
        attempt.expect(got, calm, "training-mode", f"{tried}\nwith the model in training mode, and before in the other")


@check.property("gradients", "the score is measured without gradients", GRADIENTS)
def gradients(attempt: Attempt, draw: Draw) -> None:
    reader, prompts, completions = Reader(draw, 4).eval(), draw.integers(0, 4, 2, 3), draw.integers(0, 4, 2, 2)
    got = attempt(reader, prompts, completions)
    if got.requires_grad:
        attempt.fail("gradients-left-on", attempt.describe((reader, prompts, completions)), "`requires_grad` is True")


@check.property("empty", "an empty completion is certain", EMPTY)
def empty(attempt: Attempt, draw: Draw) -> None:
    for rows, before in ((2, 3), (1, 1)):
        arguments = Reader(draw, 4).eval(), draw.integers(0, 4, rows, before), draw.integers(0, 4, rows, 0)
        got = attempt(*arguments)
        attempt.expect(got, torch.zeros(rows), "empty-not-zero", attempt.describe(arguments))


@check.property("unlikely", "a very unlikely completion has a finite score", CUT_OFF)
def unlikely(attempt: Attempt, draw: Draw) -> None:
    for sharpness in (60.0, 3000.0):
        reader = Reader(draw, 4, sharpness).eval()
        prompt = draw.integers(0, 4, 1, 2)
        with torch.no_grad():
            said = reader(prompt)[:, -1:].argmin(-1)
        want = steps(reader, torch.cat([prompt, said], dim=1)[0])[-1:]
        got = attempt(reader, prompt, said, float32=False)
        attempt.expect(got, want, "cut-off", attempt.describe((reader, prompt, said)))


@check.property(
    "errors",
    "an error of the model goes through, and leaves everything as it was",
    MODE_LOST,
    GRADIENTS_LOST,
    SWALLOWED,
)
def errors(attempt: Attempt, draw: Draw) -> None:
    for training in (True, False):
        reader, settings = Reader(draw, 3, longest=4).train(training), torch_settings()
        prompts, completions = draw.integers(0, 3, 2, 4), draw.integers(0, 3, 2, 2)
        tried = (
            attempt.describe((reader, prompts, completions)) + "\nwith a model that raises, as that is too long for it"
        )
        try:
            came_back = attempt.function(reader, prompts, completions)
        except OutOfTime:
            raise
        except BaseException as error:  # the model's own, or what the learner's code makes of it
            got = f"a {type(error).__name__}"
            if restore_settings(settings):
                attempt.fail("gradients-lost-on-error", tried, f"{got}, and gradients switched off")
            if reader.training != training:
                now = "training" if reader.training else "evaluation"
                attempt.fail("mode-lost-on-error", tried, f"{got}, and the model in {now} mode")
        else:
            attempt.fail("error-swallowed", tried, came_back)


def _suspects(reader: Reader, row: Tensor, before: int) -> Mapping[str, Sequence[Tensor]]:
    """What known mistakes make of a row whose first `before` tokens are the prompt."""
    every, said = steps(reader, row), row[before:]
    each = every[before - 1 :]
    with torch.no_grad():
        logits = reader(row[None])[0]
        alone = [steps(reader, row[start:])[-len(said) :].sum() for start in range(1, before)]
        after_nothing = steps(reader, said).sum()
    log_probs, places = torch.log_softmax(logits, -1), torch.arange(before - 1, len(row) - 1)

    def looked_up(table: Tensor, shift: int) -> list[Tensor]:
        where = places + shift
        return [table[where, said].sum()] if int(where.min()) >= 0 and int(where.max()) < len(row) else []

    some = torch.unique(said)
    among_names = logits[places] - torch.logsumexp(logits[places][:, some], -1, keepdim=True)
    along = [torch.log_softmax(logits[part], 0) for part in (slice(None), slice(before - 1, -1), slice(0, -1))]
    return {
        name: [value[None] for value in values]
        for name, values in {
            "mean-for-sum": [each.mean()],
            "first-token-only": [each[0]],
            "last-token-only": [each[-1]],
            "prompt-included": [every.sum(), every.mean(), *(every[start:].sum() for start in range(before - 1))],
            "off-by-one": [*looked_up(log_probs, 1), *looked_up(log_probs, -1), *looked_up(log_probs, 2)],
            "tokens-taken-apart": [log_probs[before - 1][said].sum()],
            "prompt-ignored": [*alone, after_nothing],
            "names-only": [among_names[range(len(said)), said].sum()],
            "probability-for-log": [each.sum().exp(), each.exp().sum(), each.exp().mean(), -each.sum().exp()],
            "not-normalised": [logits[places, said].sum(), logits[places, said].mean()],
            "sign-flipped": [-each.sum(), -each.mean()],
            "other-base": [each.sum() / math.log(2), each.sum() / math.log(10)],
            "wrong-axis": [each.sum() * 0]
            + [x[places if len(x) >= len(row) - 1 else range(len(said)), said].sum() for x in along],
        }.items()
    }
