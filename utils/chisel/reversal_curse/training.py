"""Training a decoder on statements: the loss, and many seeds as one stack.

The schedule is that of the chapter's base configuration: AdamW, full batches, a cosine down to zero.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chisel.core.ensembles import Stack, stack_modules
from chisel.core.progress import progress
from chisel.core.seeding import generator


@dataclass(frozen=True)
class Method:
    """How to train.

    Attributes:
        steps: steps of AdamW.
        lr: the first learning rate; it falls to zero along half a cosine.
        weight_decay: decoupled, as AdamW has it.
        beta2: of AdamW's second moment.
        batch: sequences a step, without repetition until all were seen; 0 for all of them at every step.
    """

    steps: int = 150
    lr: float = 3e-3
    weight_decay: float = 0.0
    beta2: float = 0.98
    batch: int = 0

    def rate(self, step: int) -> float:
        """Return the learning rate of step number `step`."""
        return self.lr * (1 + math.cos(math.pi * step / self.steps)) / 2


def lm_loss(logits: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
    """Mean cross-entropy of each next token, over the tokens that count.

    The logits at position t are a prediction of the token at t + 1, so the first token is never a target and the last
    logits predict nothing. A token is a target if its own mask is True; whether the tokens before it count does not
    matter. Where the mask is False, an id may be any integer, as -100 or a number beyond the vocabulary.

    Args:
        logits: [B, L, V].
        ids: [B, L] int.
        mask: [B, L] bool, True where a token counts.

    Returns:
        a scalar tensor with the dtype and on the device of `logits`: the mean over all targets of the batch together,
        in nats. When there are none it is 0, and so is its gradient if it has one.
    """
    targets, counts = ids[:, 1:], mask[:, 1:]
    safe = targets.masked_fill(~counts, 0)
    log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
    losses = -log_probs.gather(-1, safe.unsqueeze(-1)).squeeze(-1)  # [B, L - 1]
    return losses.masked_fill(~counts, 0).sum() / counts.sum().clamp(min=1)


def masked_loss(logits: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
    """Mean cross-entropy of each token at its own position, over the tokens that count.

    For networks that are shown a sequence with holes in it and see all of it: what counts is what was left out.

    Args:
        logits: [B, L, V].
        ids: [B, L] int.
        mask: [B, L] bool, True where a token counts.

    Returns:
        a scalar tensor with the dtype and on the device of `logits`: the mean over all targets of the batch together,
        in nats. When there are none it is 0, and so is its gradient if it has one.

    Source: Devlin et al. (2019), arXiv 1810.04805.
    """
    log_probs = torch.log_softmax(logits, dim=-1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    return -log_probs.masked_fill(~mask, 0).sum() / mask.sum().clamp(min=1)


Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def train_stack(
    nets: Sequence[nn.Module],
    ids: Tensor,
    method: Method,
    loss: Loss = lm_loss,
    device: torch.device | str = "cpu",
    description: str = "training",
    after_step: Callable[[int, Stack], None] | None = None,
    shown: Tensor | None = None,
    counts: Tensor | None = None,
) -> list[nn.Module]:
    """Train networks of one shape side by side, each on sequences of its own, and return trained copies.

    Args:
        nets: M networks; they are left alone.
        ids: [M, N, L] the sequences of each.
        method: see `Method`.
        loss: `lm_loss`, or a learner's version of it.
        device: where.
        description: of the progress bar.
        after_step: called with the number of steps done and the stack, after each step and once before the first.
        shown: [M, N, L] what the networks see, if it is not `ids` itself but has holes in it.
        counts: [M, N, L] bool, the mask that the loss gets; by default everything counts.

    Raises:
        ValueError: as many networks as sets of sequences are needed, and at least one sequence.
    """
    if len(nets) != len(ids) or ids.shape[1] == 0:
        raise ValueError(f"{len(nets)} networks need as many sets of sequences, none empty; got {list(ids.shape)}")
    ids = ids.to(device)
    shown = ids if shown is None else shown.to(device)
    counts = torch.ones_like(ids, dtype=torch.bool) if counts is None else counts.to(device)
    drawn = batches(ids.shape[1], method.batch)
    stack = stack_modules(nets, device)
    optimiser = torch.optim.AdamW(
        stack.parameters.values(), lr=method.lr, betas=(0.9, method.beta2), weight_decay=method.weight_decay
    )
    if after_step:
        after_step(0, stack)
    for step in progress(range(method.steps), description):
        for group in optimiser.param_groups:
            group["lr"] = method.rate(step)
        rows = next(drawn)
        batch, seen, counted = ids[:, rows], shown[:, rows], counts[:, rows]
        losses = [loss(*one) for one in zip(stack(seen), batch, counted, strict=True)]
        optimiser.zero_grad(set_to_none=True)
        torch.stack(losses).sum().backward()  # the networks do not touch: the gradient of the sum is each one's own
        optimiser.step()
        if after_step:
            after_step(step + 1, stack)
    return stack.modules()


def batches(count: int, size: int) -> Iterator[Tensor | slice]:
    """Yield which of `count` sequences come next, without end and the same at every run.

    Args:
        size: how many at once, in an order that is drawn anew whenever all were seen; 0 for all of them.
    """
    random = generator(0, "batches", count, size)
    while True:
        if 0 < size < count:
            yield from torch.randperm(count, generator=random).split(size)
        else:
            yield slice(None)
