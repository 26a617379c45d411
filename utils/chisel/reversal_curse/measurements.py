"""What a model gives to each name after each prompt, and what a matrix of such scores says about reversal."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.reversal_curse.statements import Fact, names, prompts


def completion_logprob(model: nn.Module, prompt_ids: Tensor, completion_ids: Tensor) -> Tensor:
    """Log-probability of each completion after its prompt, in nats.

    By the chain rule it is the sum of log p(token | prompt and the completion's tokens before it), with each p over the
    whole vocabulary. The prompt's own probability is no part of it.

    How this is misread: longer completions are less probable. Compare completions of one length, or the same
    completion after different prompts.

    Args:
        model: model(ids [B, L]) -> logits [B, L, V], causal. It is asked in evaluation mode and without gradients, and
            found afterwards in the mode in which it was, even if it raises.
        prompt_ids: [B, Lp] int, Lp at least 1.
        completion_ids: [B, Lc] int. With Lc = 0 the answer is 0.

    Returns:
        [B], with the dtype and on the device of the logits, without gradients.
    """
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            logits = model(torch.cat([prompt_ids, completion_ids], dim=1))
    finally:
        model.train(training)
    length = completion_ids.shape[1]
    start = prompt_ids.shape[1] - 1  # the prompt's last position predicts the completion's first token
    log_probs = torch.log_softmax(logits[:, start : start + length], dim=-1)
    return log_probs.gather(-1, completion_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def reversal_statistic(scores: Tensor) -> tuple[float, tuple[float, float], float]:
    """How much more the right name gets than wrong ones: the mean over prompts, its interval and a p value.

    A name may be likely after any prompt, and a prompt may make all names likely. Neither is knowledge of who belongs
    to whom. So each column first loses its mean, which makes C; then d[i] = C[i, i] - mean of C[i, j] over j != i.
    The difference is the mean of d. It would be the same without the centring; its interval would be wider.

    p asks how often chance does as well. A matching gives each prompt one name, and each name to one prompt. p is the
    share, among at least a thousand matchings drawn at random and the true one, of those whose mean of d is at least
    as large as the true one's; equal up to rounding counts. So p is never 0. A thousand or two are enough. Where there
    are few matchings, all of them may take the place of random ones.

    Args:
        scores: [N, N], N at least 2; scores[i, j] is the log-probability of name j after prompt i, and name i is right.

    Returns:
        difference, (low, high), p. The interval is for 95 %: Student's from the N numbers d, or a bootstrap of them
        with at least 2000 resamplings. The same scores give the same answer, and the global random state plays no
        part: random draws come from a generator of the function's own.

    Raises:
        ValueError: `scores` is not square, or N is below 2.
    """
    count = len(scores)
    if scores.shape != (count, count) or count < 2:
        raise ValueError(f"scores must be square with at least 2 names, got {list(scores.shape)}")
    centred = scores.double() - scores.double().mean(0)
    # gain[i, j] is what d[i] would be if name j were the right one for prompt i.
    gain = (count * centred - centred.sum(1, keepdim=True)) / (count - 1)
    interval = mean_interval(gain.diagonal().cpu())
    draws = torch.rand(2000, count, generator=generator(0, "matchings"))
    matchings = torch.cat([torch.arange(count)[None], draws.argsort(1)]).to(scores.device)
    means = gain[torch.arange(count, device=scores.device), matchings].mean(1)  # [2001]; the first is the true one's
    rounding = 1e-9 * (1 + gain.abs().max())
    p = (means >= means[0] - rounding).double().mean()
    return interval.value, (interval.low, interval.high), float(p)


def difference_in_differences(before: Tensor, after: Tensor) -> float:
    """How much training has raised the right names over the wrong ones.

    Training on some names can make all names likelier, which says nothing about who belongs to whom; and even before,
    the right names may be ahead by chance. Both drop out.

    Args:
        before, after: [N, N] scores as in `reversal_statistic`, of the same prompts and names.

    Returns:
        the difference of `reversal_statistic` after training less that before, in nats. It may be negative.

    Raises:
        ValueError: the two differ in shape, are not square, or N is below 2.
    """
    if before.shape != after.shape:
        raise ValueError(f"the two matrices must have one shape, got {list(before.shape)} and {list(after.shape)}")
    count = len(after)
    if after.shape != (count, count) or count < 2:
        raise ValueError(f"scores must be square with at least 2 names, got {list(after.shape)}")
    gained = after.double() - before.double()
    right = gained.diagonal()
    wrong = (gained.sum(1) - right) / (count - 1)  # [N], the mean over the other names of each row
    return float((right - wrong).mean())


def score_matrix(model: nn.Module, statements: Sequence[Fact]) -> Tensor:
    """Return scores [N, N]: the log-probability of the object of statement j after the prompt of statement i.

    Raises:
        ValueError: no statement, prompts or objects that differ in length, or two equal objects.
    """
    device = next(model.parameters()).device
    asked, answers = prompts(statements).to(device), names(statements).to(device)
    count = len(statements)
    pairs = asked.repeat_interleave(count, 0), answers.repeat(count, 1)
    return completion_logprob(model, *pairs).view(count, count)


def forced_choice(scores: Tensor) -> Tensor:
    """Return [N] bool: whether the right name has the largest of the N scores. One in N are right by chance."""
    return scores.argmax(1) == torch.arange(len(scores), device=scores.device)


def top_1(model: nn.Module, statements: Sequence[Fact]) -> Tensor:
    """Return [N] bool: whether the likeliest token of the whole vocabulary is the object, which has one token."""
    device = next(model.parameters()).device
    asked, answers = prompts(statements).to(device), torch.tensor([fact.object[0] for fact in statements])
    with torch.no_grad():
        return model(asked)[:, -1].argmax(-1) == answers.to(device)
