"""Gallery of `lm_loss`."""

import math

import numpy as np
import torch
from einops import rearrange
from torch.nn import functional

from galleries.gallery import valid, wrong


def losses(logits, tokens):
    """Cross-entropy of each token, whatever an id of one that does not count; for entries that go wrong elsewhere."""
    inside = (tokens >= 0) & (tokens < logits.shape[-1])
    log_probs = torch.log_softmax(logits, dim=-1)
    return -log_probs.gather(-1, tokens.where(inside, 0).unsqueeze(-1)).squeeze(-1)


def mean(values, counts):
    return values.masked_fill(~counts, 0).sum() / counts.sum().clamp(min=1)


def right(logits, ids, mask):
    return mean(losses(logits[:, :-1], ids[:, 1:]), mask[:, 1:])


@wrong("no-shift")
def each_logit_with_its_own_token(logits, ids, mask):
    return mean(losses(logits, ids), mask)


@wrong("no-shift")
def both_without_the_first(logits, ids, mask):
    return mean(losses(logits[:, 1:], ids[:, 1:]), mask[:, 1:])


@wrong("no-shift")
def both_without_the_last(logits, ids, mask):
    return mean(losses(logits[:, :-1], ids[:, :-1]), mask[:, :-1])


@wrong("double-shift")
def shifted_by_two(logits, ids, mask):
    if ids.shape[1] < 3:
        return right(logits, ids, mask)
    return mean(losses(logits[:, :-2], ids[:, 2:]), mask[:, 2:])


@wrong("double-shift")
def shifted_before_it_is_shifted(logits, ids, mask):
    if ids.shape[1] < 3:
        return right(logits, ids, mask)
    ids, mask = ids[:, 1:], mask[:, 1:]
    return mean(losses(logits[:, : ids.shape[1] - 1], ids[:, 1:]), mask[:, 1:])


@wrong("shifted-the-other-way")
def logits_one_later(logits, ids, mask):
    return mean(losses(logits[:, 1:], ids[:, :-1]), mask[:, :-1])


@wrong("shifted-the-other-way")
def logits_one_later_masked_by_their_own(logits, ids, mask):
    return mean(losses(logits[:, 1:], ids[:, :-1]), mask[:, 1:])


@wrong("sign-flipped")
def log_likelihood(logits, ids, mask):
    return -right(logits, ids, mask)


@wrong("other-base")
def bits(logits, ids, mask):
    return right(logits, ids, mask) / math.log(2)


@wrong("probability-for-log")
def one_less_the_probability(logits, ids, mask):
    return mean(1 - torch.exp(-losses(logits[:, :-1], ids[:, 1:])), mask[:, 1:])


@wrong("probability-for-log")
def negative_probability(logits, ids, mask):
    return -mean(torch.exp(-losses(logits[:, :-1], ids[:, 1:])), mask[:, 1:])


@wrong("not-normalised")
def raw_logit(logits, ids, mask):
    tokens = ids[:, 1:].where(mask[:, 1:], 0)
    return -mean(logits[:, :-1].gather(-1, tokens[..., None])[..., 0], mask[:, 1:])


@wrong("softmax-twice")
def cross_entropy_of_probabilities(logits, ids, mask):
    return right(torch.softmax(logits, dim=-1), ids, mask)


@wrong("wrong-axis")
def softmax_over_positions(logits, ids, mask):
    log_probs, tokens = torch.log_softmax(logits, dim=1), ids[:, 1:].where(mask[:, 1:], 0)
    return -mean(log_probs[:, :-1].gather(-1, tokens[..., None])[..., 0], mask[:, 1:])


@wrong("wrong-axis")
def softmax_over_the_batch(logits, ids, mask):
    log_probs, tokens = torch.log_softmax(logits, dim=0), ids[:, 1:].where(mask[:, 1:], 0)
    return -mean(log_probs[:, :-1].gather(-1, tokens[..., None])[..., 0], mask[:, 1:])


@wrong("wrong-axis")
def axes_not_exchanged(logits, ids, mask):
    tokens = ids[:, 1:].where(mask[:, 1:], 0)
    return mean(functional.cross_entropy(logits[:, :-1], tokens, reduction="none"), mask[:, 1:])


@wrong("mask-of-the-prompt")
def mask_of_the_token_before(logits, ids, mask):
    return mean(losses(logits[:, :-1], ids[:, 1:]), mask[:, :-1])


@wrong("mask-of-both")
def both_have_to_count(logits, ids, mask):
    return mean(losses(logits[:, :-1], ids[:, 1:]), mask[:, 1:] & mask[:, :-1])


@wrong("mask-of-both")
def masked_logits_and_masked_tokens(logits, ids, mask):
    seen = losses(logits[:, :-1], ids[:, 1:]) * mask[:, :-1]
    counts = mask[:, :-1] * mask[:, 1:]
    return (seen * mask[:, 1:]).sum() / counts.sum().clamp(min=1)


@wrong("mask-ignored")
def everything_counts(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).mean() if mask[:, 1:].any() else logits.sum() * 0


@wrong("mask-ignored")
def ignore_index_instead(logits, ids, mask):
    if not mask[:, 1:].any():
        return logits.sum() * 0
    flat = rearrange(logits[:, :-1], "b l v -> (b l) v")
    return functional.cross_entropy(flat, ids[:, 1:].flatten(), ignore_index=-100)


@wrong("mask-inverted")
def filled_where_it_counts(logits, ids, mask):
    values = losses(logits[:, :-1], ids[:, 1:]).masked_fill(mask[:, 1:], 0)
    return values.sum() / (~mask[:, 1:]).sum().clamp(min=1)


@wrong("first-token-predicted")
def rolled(logits, ids, mask):
    return mean(losses(logits, ids.roll(-1, 1)), mask.roll(-1, 1))


@wrong("padding-averaged")
def one_target_more(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).masked_fill(~mask[:, 1:], 0).sum() / (mask[:, 1:].sum() + 1)


@wrong("padding-averaged")
def zeros_averaged_too(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).masked_fill(~mask[:, 1:], 0).sum() / max(1, ids[:, 1:].numel())


@wrong("padding-averaged")
def divided_by_the_whole_mask(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).masked_fill(~mask[:, 1:], 0).sum() / mask.sum().clamp(min=1)


@wrong("padding-averaged")
def divided_by_all_tokens(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).masked_fill(~mask[:, 1:], 0).sum() / ids.numel()


@wrong("mean-of-row-means")
def each_text_alike(logits, ids, mask):
    return torch.stack([right(*row) for row in zip(logits[:, None], ids[:, None], mask[:, None], strict=True)]).mean()


@wrong("mean-of-row-means")
def each_text_with_a_target_alike(logits, ids, mask):
    rows = zip(logits[:, None], ids[:, None], mask[:, None], strict=True)
    found = [right(*row) for row in rows if row[2][:, 1:].any()]
    return torch.stack(found).mean() if found else logits.sum() * 0


@wrong("sum-for-mean")
def added_up(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).masked_fill(~mask[:, 1:], 0).sum()


@wrong("sum-for-mean")
def mean_over_texts_of_sums(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).masked_fill(~mask[:, 1:], 0).sum(1).mean()


@wrong("wrong-value")
def smoothed_labels(logits, ids, mask):
    log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
    return 0.9 * right(logits, ids, mask) - 0.1 * mean(log_probs.mean(-1), mask[:, 1:])


@wrong("wrong-value")
def perplexity(logits, ids, mask):
    return right(logits, ids, mask).exp()


@wrong("wrong-value")
def token_nought_taken_for_padding(logits, ids, mask):
    return right(logits, ids, mask & (ids != 0))


@wrong("raised")
def masked_ids_looked_up(logits, ids, mask):
    log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
    return -mean(log_probs.gather(-1, ids[:, 1:, None])[..., 0], mask[:, 1:])


@wrong("raised")
def ids_of_minus_one_not_thought_of(logits, ids, mask):
    flat, tokens = logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()
    return mean(functional.cross_entropy(flat, tokens, ignore_index=-100, reduction="none"), mask[:, 1:].flatten())


@wrong("not-finite")
def mean_of_nothing(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:])[mask[:, 1:]].mean()


@wrong("not-finite")
def divided_by_no_targets(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]).masked_fill(~mask[:, 1:], 0).sum() / mask[:, 1:].sum()


@wrong("none-not-zero")
def everything_counts_where_nothing_does(logits, ids, mask):
    mask = mask if mask[:, 1:].any() else torch.ones_like(mask)
    return right(logits, ids, mask)


@wrong("none-has-a-gradient")
def nan_painted_over(logits, ids, mask):
    total = (losses(logits[:, :-1], ids[:, 1:]) * mask[:, 1:]).sum()
    return torch.nan_to_num(total / mask[:, 1:].sum())


@wrong("none-has-a-gradient")
def value_put_right_afterwards(logits, ids, mask):
    loss = right(logits, ids, mask if mask[:, 1:].any() else torch.ones_like(mask))
    return loss if mask[:, 1:].any() else loss - loss.detach()


@wrong("wrong-gradient")
def normaliser_detached(logits, ids, mask):
    seen, tokens = logits[:, :-1], ids[:, 1:].where(mask[:, 1:], 0)
    chosen = seen.gather(-1, tokens[..., None])[..., 0]
    return mean(seen.logsumexp(-1).detach() - chosen, mask[:, 1:])


@wrong("wrong-gradient")
def focal(logits, ids, mask):
    loss = losses(logits[:, :-1], ids[:, 1:])
    weighted = loss * (1 - torch.exp(-loss)) ** 2
    return mean(weighted, mask[:, 1:]) - (mean(weighted, mask[:, 1:]) - mean(loss, mask[:, 1:])).detach()


@wrong("no-gradient")
def detached(logits, ids, mask):
    return right(logits.detach(), ids, mask)


@wrong("no-gradient")
def through_python(logits, ids, mask):
    return logits.new_tensor(right(logits, ids, mask).item())


@wrong("cut-off")
def epsilon_in_the_logarithm(logits, ids, mask):
    probs, tokens = torch.softmax(logits[:, :-1], dim=-1), ids[:, 1:].where(mask[:, 1:], 0)
    return -mean(torch.log(probs.gather(-1, tokens[..., None])[..., 0] + 1e-12), mask[:, 1:])


@wrong("cut-off")
def probability_limited(logits, ids, mask):
    probs, tokens = torch.softmax(logits[:, :-1], dim=-1), ids[:, 1:].where(mask[:, 1:], 0)
    return -mean(torch.log(probs.gather(-1, tokens[..., None])[..., 0].clamp(min=1e-30)), mask[:, 1:])


@wrong("cut-off")
def loss_limited(logits, ids, mask):
    return mean(losses(logits[:, :-1], ids[:, 1:]).clamp(max=100), mask[:, 1:])


@wrong("not-finite")
def logarithm_of_the_softmax(logits, ids, mask):
    probs, tokens = torch.softmax(logits[:, :-1], dim=-1), ids[:, 1:].where(mask[:, 1:], 0)
    return -mean(torch.log(probs.gather(-1, tokens[..., None])[..., 0]), mask[:, 1:])


@wrong("wrong-shape")
def one_loss_a_token(logits, ids, mask):
    return losses(logits[:, :-1], ids[:, 1:]) * mask[:, 1:]


@wrong("wrong-type")
def a_python_number(logits, ids, mask):
    return right(logits, ids, mask).item()


@wrong("wrong-dtype")
def always_in_float32(logits, ids, mask):
    return right(logits.float(), ids, mask)


@wrong("input-changed")
def ids_filled_in_place(logits, ids, mask):
    ids[~mask] = 0
    return right(logits, ids, mask)


@valid
def with_gather(logits, ids, mask):
    return right(logits, ids, mask)


@valid
def with_cross_entropy(logits, ids, mask):
    targets = ids[:, 1:].masked_fill(~mask[:, 1:], -100)
    flat = rearrange(logits[:, :-1], "b l v -> (b l) v")
    total = functional.cross_entropy(flat, targets.reshape(-1), ignore_index=-100, reduction="sum")
    return total / mask[:, 1:].sum().clamp(min=1)


@valid
def with_cross_entropy_if_there_is_something(logits, ids, mask):
    counts = mask[:, 1:]
    if not counts.any():
        return torch.zeros((), dtype=logits.dtype, device=logits.device)
    return functional.cross_entropy(logits[:, :-1][counts], ids[:, 1:][counts])


@valid
def with_loops(logits, ids, mask):
    total, count = logits.sum() * 0, 0
    for row, tokens, counts in zip(logits, ids.tolist(), mask.tolist(), strict=True):
        for t in range(1, len(tokens)):
            if counts[t]:
                total, count = total + row[t - 1].logsumexp(0) - row[t - 1, tokens[t]], count + 1
    return total / max(count, 1)


@valid
def with_a_one_hot_product(logits, ids, mask):
    counts = mask[:, 1:].to(logits.dtype)
    chosen = (ids[:, 1:, None] == torch.arange(logits.shape[-1])).to(logits.dtype)
    log_probs = logits[:, :-1] - torch.logsumexp(logits[:, :-1], dim=-1, keepdim=True)
    return -torch.einsum("blv,blv,bl->", log_probs, chosen, counts) / torch.clamp(counts.sum(), min=1)


@valid
def with_indices_of_targets(logits, ids, mask):
    rows, places = np.nonzero(mask.numpy()[:, 1:])
    if len(rows) == 0:
        return logits.new_zeros(())
    log_probs = functional.log_softmax(logits, dim=2)
    return -log_probs[rows, places, ids[rows, places + 1]].mean()
