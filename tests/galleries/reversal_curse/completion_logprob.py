"""Gallery of `completion_logprob`."""

import math

import numpy as np
import torch
from einops import rearrange
from torch.nn import functional

from galleries.gallery import valid, wrong


def asked(model, ids):
    """Logits in evaluation mode, without gradients; for entries that go wrong somewhere else."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            return model(ids)
    finally:
        model.train(training)


def joined(prompt_ids, completion_ids):
    return torch.cat([prompt_ids, completion_ids], dim=1)


def each(model, prompt_ids, completion_ids):
    """[B, Lc]: the log-probability of each token."""
    length = prompt_ids.shape[1]
    logits = asked(model, joined(prompt_ids, completion_ids))[:, length - 1 : length - 1 + completion_ids.shape[1]]
    return picked(torch.log_softmax(logits, dim=-1), completion_ids)


def picked(table, ids):
    return table.gather(-1, ids[..., None])[..., 0]


@wrong("first-token-only")
def first_token(model, prompt_ids, completion_ids):
    found = each(model, prompt_ids, completion_ids)
    return found[:, 0] if found.shape[1] else found.sum(1)


@wrong("first-token-only")
def next_token_after_the_prompt(model, prompt_ids, completion_ids):
    log_probs = torch.log_softmax(asked(model, prompt_ids)[:, -1], dim=-1)
    return picked(log_probs, completion_ids[:, 0]) if completion_ids.shape[1] else log_probs[:, 0] * 0


@wrong("last-token-only")
def last_token(model, prompt_ids, completion_ids):
    found = each(model, prompt_ids, completion_ids)
    return found[:, -1] if found.shape[1] else found.sum(1)


@wrong("mean-for-sum")
def averaged(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).sum(-1) / max(1, completion_ids.shape[1])


@wrong("prompt-included")
def whole_sequence(model, prompt_ids, completion_ids):
    ids = joined(prompt_ids, completion_ids)
    return picked(torch.log_softmax(asked(model, ids)[:, :-1], dim=-1), ids[:, 1:]).sum(-1)


@wrong("prompt-included")
def last_token_of_the_prompt_too(model, prompt_ids, completion_ids):
    ids, length = joined(prompt_ids, completion_ids), completion_ids.shape[1]
    found = picked(torch.log_softmax(asked(model, ids)[:, :-1], dim=-1), ids[:, 1:])
    return found[:, max(0, found.shape[1] - length - 1) :].sum(-1)


@wrong("off-by-one")
def logits_in_the_place_of_the_token(model, prompt_ids, completion_ids):
    logits = asked(model, joined(prompt_ids, completion_ids))[:, prompt_ids.shape[1] :]
    return picked(torch.log_softmax(logits, dim=-1), completion_ids).sum(-1)


@wrong("off-by-one")
def one_too_early(model, prompt_ids, completion_ids):
    start = max(0, prompt_ids.shape[1] - 2)
    logits = asked(model, joined(prompt_ids, completion_ids))[:, start : start + completion_ids.shape[1]]
    return picked(torch.log_softmax(logits, dim=-1), completion_ids).sum(-1)


@wrong("prompt-ignored")
def completion_on_its_own(model, prompt_ids, completion_ids):
    logits = asked(model, completion_ids)[:, :-1]
    return picked(torch.log_softmax(logits, dim=-1), completion_ids[:, 1:]).sum(-1)


@wrong("prompt-ignored")
def last_token_of_the_prompt_only(model, prompt_ids, completion_ids):
    return each(model, prompt_ids[:, -1:], completion_ids).sum(-1)


@wrong("tokens-taken-apart")
def all_from_the_end_of_the_prompt(model, prompt_ids, completion_ids):
    log_probs = torch.log_softmax(asked(model, prompt_ids)[:, -1], dim=-1)
    return log_probs.gather(-1, completion_ids).sum(-1)


@wrong("names-only")
def softmax_over_the_names(model, prompt_ids, completion_ids):
    start, length = prompt_ids.shape[1] - 1, completion_ids.shape[1]
    logits = asked(model, joined(prompt_ids, completion_ids))[:, start : start + length]
    names = torch.unique(completion_ids)
    total = torch.logsumexp(logits[..., names], dim=-1) if len(names) else logits.sum(-1)
    return (picked(logits, completion_ids) - total).sum(-1)


@wrong("wrong-axis")
def softmax_over_positions(model, prompt_ids, completion_ids):
    start, length = prompt_ids.shape[1] - 1, completion_ids.shape[1]
    log_probs = torch.log_softmax(asked(model, joined(prompt_ids, completion_ids)), dim=1)
    return picked(log_probs[:, start : start + length], completion_ids).sum(-1)


@wrong("wrong-axis")
def softmax_over_the_batch(model, prompt_ids, completion_ids):
    start, length = prompt_ids.shape[1] - 1, completion_ids.shape[1]
    log_probs = torch.log_softmax(asked(model, joined(prompt_ids, completion_ids)), dim=0)
    return picked(log_probs[:, start : start + length], completion_ids).sum(-1)


@wrong("probability-for-log")
def probability(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).sum(-1).exp()


@wrong("probability-for-log")
def probabilities_added(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).exp().sum(-1)


@wrong("not-normalised")
def raw_logits(model, prompt_ids, completion_ids):
    start, length = prompt_ids.shape[1] - 1, completion_ids.shape[1]
    return picked(asked(model, joined(prompt_ids, completion_ids))[:, start : start + length], completion_ids).sum(-1)


@wrong("sign-flipped")
def loss(model, prompt_ids, completion_ids):
    return -each(model, prompt_ids, completion_ids).sum(-1)


@wrong("other-base")
def bits(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).sum(-1) / math.log(2)


@wrong("wrong-logprob")
def softmax_twice(model, prompt_ids, completion_ids):
    start, length = prompt_ids.shape[1] - 1, completion_ids.shape[1]
    probs = torch.softmax(asked(model, joined(prompt_ids, completion_ids)), dim=-1)
    return picked(torch.log_softmax(probs[:, start : start + length], dim=-1), completion_ids).sum(-1)


@wrong("wrong-logprob")
def completion_first(model, prompt_ids, completion_ids):
    return each(model, completion_ids, prompt_ids).sum(-1) if completion_ids.shape[1] else prompt_ids[:, 0].double() * 0


@wrong("rows-mixed")
def first_prompt_for_all(model, prompt_ids, completion_ids):
    return each(model, prompt_ids[:1].expand_as(prompt_ids), completion_ids).sum(-1)


@wrong("rows-mixed")
def first_completion_for_all(model, prompt_ids, completion_ids):
    found = each(model, prompt_ids[:1], completion_ids[:1]).sum(-1)
    return found.expand(len(prompt_ids)).clone()


@wrong("rows-mixed")
def averaged_over_the_batch(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).sum(-1) / len(prompt_ids)


@wrong("rows-mixed")
def flattened_the_wrong_way(model, prompt_ids, completion_ids):
    found = each(model, prompt_ids, completion_ids)
    return found.reshape(found.shape[1], found.shape[0]).sum(0)


@wrong("training-mode")
def as_the_model_comes(model, prompt_ids, completion_ids):
    with torch.no_grad():
        logits = model(joined(prompt_ids, completion_ids))[:, prompt_ids.shape[1] - 1 :]
    return picked(torch.log_softmax(logits[:, : completion_ids.shape[1]], dim=-1), completion_ids).sum(-1)


@wrong("input-changed")
def left_in_evaluation_mode(model, prompt_ids, completion_ids):
    model.eval()
    return each(model, prompt_ids, completion_ids).sum(-1)


@wrong("input-changed")
def left_in_training_mode(model, prompt_ids, completion_ids):
    result = each(model, prompt_ids, completion_ids).sum(-1)
    model.train()
    return result


@wrong("gradients-left-on")
def with_a_graph(model, prompt_ids, completion_ids):
    training, length = model.training, prompt_ids.shape[1]
    model.eval()
    try:
        logits = model(joined(prompt_ids, completion_ids))[:, length - 1 : length - 1 + completion_ids.shape[1]]
    finally:
        model.train(training)
    return picked(torch.log_softmax(logits, dim=-1), completion_ids).sum(-1)


@wrong("settings-changed")
def gradients_off_for_good(model, prompt_ids, completion_ids):
    torch.set_grad_enabled(False)
    return each(model, prompt_ids, completion_ids).sum(-1)


@wrong("empty-not-zero")
def counted_from_the_end(model, prompt_ids, completion_ids):
    ids = joined(prompt_ids, completion_ids)
    found = picked(torch.log_softmax(asked(model, ids)[:, :-1], dim=-1), ids[:, 1:])
    return found[:, -completion_ids.shape[1] :].sum(-1)


@wrong("empty-not-zero")
def nothing_is_impossible(model, prompt_ids, completion_ids):
    if completion_ids.shape[1] == 0:
        return torch.full((len(prompt_ids),), -1e9, dtype=model.dtype)
    return each(model, prompt_ids, completion_ids).sum(-1)


@wrong("not-finite")
def mean_times_length(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).mean(-1) * completion_ids.shape[1]


@wrong("raised")
def loops_from_the_first_token(model, prompt_ids, completion_ids):
    found = each(model, prompt_ids, completion_ids)
    total = found[:, 0]
    for step in range(1, found.shape[1]):
        total = total + found[:, step]
    return total


@wrong("cut-off")
def epsilon_in_the_logarithm(model, prompt_ids, completion_ids):
    return torch.log(each(model, prompt_ids, completion_ids).exp() + 1e-12).sum(-1)


@wrong("cut-off")
def probability_limited(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).clamp(min=-100).sum(-1)


@wrong("not-finite")
def logarithm_of_the_product(model, prompt_ids, completion_ids):
    start, length = prompt_ids.shape[1] - 1, completion_ids.shape[1]
    probs = torch.softmax(asked(model, joined(prompt_ids, completion_ids)), dim=-1)
    return picked(probs[:, start : start + length], completion_ids).prod(-1).log()


@wrong("mode-lost-on-error")
def mode_put_back_at_the_end(model, prompt_ids, completion_ids):
    training, length = model.training, prompt_ids.shape[1]
    model.eval()
    with torch.no_grad():
        logits = model(joined(prompt_ids, completion_ids))[:, length - 1 : length - 1 + completion_ids.shape[1]]
    model.train(training)
    return picked(torch.log_softmax(logits, dim=-1), completion_ids).sum(-1)


@wrong("gradients-lost-on-error")
def gradients_put_back_at_the_end(model, prompt_ids, completion_ids):
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    result = each(model, prompt_ids, completion_ids).sum(-1)
    torch.set_grad_enabled(before)
    return result


@wrong("error-swallowed")
def impossible_if_it_fails(model, prompt_ids, completion_ids):
    try:
        return each(model, prompt_ids, completion_ids).sum(-1)
    except Exception:
        return torch.full((len(prompt_ids),), -1e9, dtype=model.dtype)


@wrong("wrong-shape")
def one_row_only(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).sum(-1).squeeze()


@wrong("wrong-shape")
def added_over_the_batch(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).sum()


@wrong("wrong-dtype")
def collected_in_float32(model, prompt_ids, completion_ids):
    total = torch.zeros(len(prompt_ids))
    for column in each(model, prompt_ids, completion_ids).unbind(1):
        total += column
    return total


@valid
def one_reading(model, prompt_ids, completion_ids):
    return each(model, prompt_ids, completion_ids).sum(-1)


@valid
def token_by_token(model, prompt_ids, completion_ids):
    total, seen = torch.zeros(len(prompt_ids), dtype=model.dtype, device=model.device), prompt_ids
    for token in completion_ids.unbind(1):
        log_probs = torch.log_softmax(asked(model, seen)[:, -1], dim=-1)
        total = total + picked(log_probs, token)
        seen = torch.cat([seen, token[:, None]], dim=1)
    return total


@valid
def with_cross_entropy(model, prompt_ids, completion_ids):
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            logits = model(joined(prompt_ids, completion_ids))[:, prompt_ids.shape[1] - 1 :]
            logits = rearrange(logits[:, : completion_ids.shape[1]], "b l v -> b v l")
            return -functional.cross_entropy(logits, completion_ids, reduction="none").sum(-1)
    finally:
        model.train(training)


@valid
@torch.no_grad()
def row_by_row(model, prompt_ids, completion_ids):
    scores = []
    for prompt, completion in zip(prompt_ids, completion_ids, strict=True):
        logits = asked(model, torch.cat([prompt, completion])[None])[0]
        places = torch.arange(len(completion)) + len(prompt) - 1
        scores.append((logits[places, completion] - logits.logsumexp(-1)[places]).sum())
    return torch.stack(scores)


@valid
def with_an_error_of_its_own(model, prompt_ids, completion_ids):
    try:
        return each(model, prompt_ids, completion_ids).sum(-1)
    except Exception as error:
        raise ValueError("the model cannot take this") from error


@valid
def difference_of_two_sequences(model, prompt_ids, completion_ids):
    def logprob(ids):
        return picked(torch.log_softmax(asked(model, ids)[:, :-1], dim=-1), ids[:, 1:]).sum(-1)

    return logprob(joined(prompt_ids, completion_ids)) - logprob(prompt_ids)


@valid
def in_numpy(model, prompt_ids, completion_ids):
    logits = asked(model, joined(prompt_ids, completion_ids)).numpy()
    rows, columns = np.indices(completion_ids.shape)
    before = columns + prompt_ids.shape[1] - 1
    top = logits.max(-1, keepdims=True)
    log_probs = logits - top - np.log(np.exp(logits - top).sum(-1, keepdims=True))
    return torch.from_numpy(log_probs[rows, before, completion_ids.numpy()].sum(-1))
