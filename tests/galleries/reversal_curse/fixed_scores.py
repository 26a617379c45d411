"""Gallery of `fixed_scores`."""

import math

import numpy as np
import torch

from chisel.reversal_curse.candidates import buggy_scores
from galleries.gallery import valid, wrong


def log_probs(logits):
    return torch.log_softmax(logits, dim=-1)


@wrong("bug-still-there")
def as_found(logits, names):
    return buggy_scores(logits, names)


@wrong("bug-still-there")
def names_sorted_first(logits, names):
    return log_probs(logits)[:, names.sort().values]


@wrong("bug-still-there")
def with_isin(logits, names):
    return log_probs(logits)[:, torch.isin(torch.arange(logits.shape[1]), names)]


@wrong("bug-still-there")
def names_made_unique(logits, names):
    return log_probs(logits)[:, torch.unique(names)]


@wrong("sorted-back-the-wrong-way")
def order_applied_once_more(logits, names):
    return buggy_scores(logits, names)[:, names.argsort()]


@wrong("rows-for-columns")
def rows_sorted_too(logits, names):
    return buggy_scores(logits, names)[names.argsort()]


@wrong("rows-for-columns")
def rows_sorted_back(logits, names):
    return buggy_scores(logits, names)[names.argsort().argsort()]


@wrong("rows-for-columns")
def prompts_in_columns(logits, names):
    return log_probs(logits)[:, names].T


@wrong("rows-for-columns")
def transposed_mask(logits, names):
    return buggy_scores(logits, names).T


@wrong("diagonal-only")
def right_names_alone(logits, names):
    return torch.diag(log_probs(logits)[torch.arange(len(names)), names])


@wrong("diagonal-only")
def right_names_written_over(logits, names):
    scores, every = buggy_scores(logits, names).clone(), torch.arange(len(names))
    scores[every, every] = log_probs(logits)[every, names]
    return scores


@wrong("wrong-entry")
def first_tokens(logits, names):
    return log_probs(logits)[:, : len(names)]


@wrong("diagonal-only")
def right_names_in_every_row(logits, names):
    return log_probs(logits)[torch.arange(len(names)), names].expand(len(names), -1).clone()


@wrong("wrong-entry")
def token_after_the_name(logits, names):
    return log_probs(logits)[:, (names + 1) % logits.shape[1]]


@wrong("wrong-entry")
def descending(logits, names):
    return buggy_scores(logits, names).flip(1)


@wrong("names-only")
def softmax_over_names(logits, names):
    return torch.log_softmax(logits[:, names], dim=-1)


@wrong("not-normalised")
def raw_logits(logits, names):
    return logits[:, names]


@wrong("wrong-axis")
def softmax_over_prompts(logits, names):
    return torch.log_softmax(logits, dim=0)[:, names]


@wrong("rows-for-columns")
def prompts_sorted_like_their_names(logits, names):
    return log_probs(logits)[:, names][names.argsort()]


@wrong("probability-for-log")
def probabilities(logits, names):
    return torch.softmax(logits, dim=-1)[:, names]


@wrong("other-base")
def bits(logits, names):
    return log_probs(logits)[:, names] / math.log(2)


@wrong("wrong-entry")
def softmax_twice(logits, names):
    return log_probs(torch.softmax(logits, dim=-1))[:, names]


@wrong("wrong-entry")
def centred(logits, names):
    scores = log_probs(logits)[:, names]
    return scores - scores.mean(0)


@wrong("cut-off")
def epsilon_in_the_logarithm(logits, names):
    return torch.log(torch.softmax(logits, dim=-1) + 1e-12)[:, names]


@wrong("cut-off")
def limited(logits, names):
    return log_probs(logits)[:, names].clamp(min=-50)


@wrong("not-finite")
def logarithm_of_the_softmax(logits, names):
    return torch.log(torch.softmax(logits, dim=-1))[:, names]


@wrong("wrong-shape")
def whole_vocabulary(logits, names):
    return log_probs(logits)


@wrong("wrong-shape")
def right_names(logits, names):
    return log_probs(logits)[torch.arange(len(names)), names]


@wrong("wrong-dtype")
def always_in_float32(logits, names):
    return log_probs(logits.float())[:, names]


@wrong("input-changed")
def normalised_in_place(logits, names):
    return logits.sub_(torch.logsumexp(logits, dim=-1, keepdim=True))[:, names]


@valid
def by_index(logits, names):
    return log_probs(logits)[:, names]


@valid
def sorted_back(logits, names):
    return buggy_scores(logits, names)[:, names.argsort().argsort()]


@valid
def with_gather(logits, names):
    return log_probs(logits).gather(1, names.expand(len(names), -1))


@valid
def entry_by_entry(logits, names):
    scores = torch.empty(len(names), len(names), dtype=logits.dtype, device=logits.device)
    for i in range(len(names)):
        for j, name in enumerate(names.tolist()):
            scores[i, j] = logits[i, name] - torch.logsumexp(logits[i], dim=0)
    return scores


@valid
def with_a_product(logits, names):
    chosen = (torch.arange(logits.shape[1])[:, None] == names).to(logits.dtype)
    return torch.einsum("nv,vm->nm", log_probs(logits), chosen)


@valid
def in_numpy(logits, names):
    values = logits.numpy()
    top = values.max(axis=1, keepdims=True)
    total = np.log(np.exp(values - top).sum(axis=1, keepdims=True)) + top
    return torch.from_numpy((values - total)[:, names.numpy()])
