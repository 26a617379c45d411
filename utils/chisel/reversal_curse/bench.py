"""What batching buys: decoders trained as a stack, and all pairs of prompt and name scored at once."""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

from chisel.core.benches import Bench
from chisel.core.ensembles import stack_modules
from chisel.reversal_curse.experiments.scratch import new_decoder
from chisel.reversal_curse.measurements import completion_logprob, score_matrix
from chisel.reversal_curse.presets import BASE
from chisel.reversal_curse.statements import Fact, names, prompts, sequences
from chisel.reversal_curse.training import Method, lm_loss
from chisel.reversal_curse.world import make_facts

MEMBERS, STEPS = 5, 20


@cache
def worlds() -> list[tuple[nn.Module, Tensor]]:
    """Return untrained decoders, each with the sequences [N, 3] it is to learn."""
    drawn = [make_facts(BASE["pairs"], BASE["both"], seed) for seed in range(MEMBERS)]
    return [
        (new_decoder(BASE, facts.vocabulary, seed), sequences([*facts.train, *facts.exposure]))
        for seed, facts in enumerate(drawn)
    ]


def train(groups: Sequence[Sequence[int]]) -> list[nn.Module]:
    """Train decoders for `STEPS` steps, those of a group as one stack; return them all.

    It is `train_stack` without its progress bar, which would stand in the way of the report.
    """
    trained, method = [], Method(steps=STEPS)
    for group in groups:
        stack = stack_modules([worlds()[member][0] for member in group])
        ids = torch.stack([worlds()[member][1] for member in group])
        everything = torch.ones(ids.shape[1:], dtype=torch.bool)
        optimiser = torch.optim.AdamW(stack.parameters.values(), lr=method.lr, betas=(0.9, method.beta2))
        for _ in range(STEPS):
            losses = [lm_loss(logits, own, everything) for logits, own in zip(stack(ids), ids, strict=True)]
            optimiser.zero_grad(set_to_none=True)
            torch.stack(losses).sum().backward()
            optimiser.step()
        trained += stack.modules()
    return trained


@cache
def asked() -> list[Fact]:
    """Return the statements whose prompts and names are scored."""
    return list(make_facts(200, 0.5, 0).held_backward)


@cache
def decoder() -> nn.Module:
    """Return the decoder that scores them."""
    return new_decoder(BASE, make_facts(200, 0.5, 0).vocabulary, 0)


def score_one_by_one() -> Tensor:
    """Return the score matrix [N, N] of `asked`, each prompt and name on its own."""
    starts, answers = prompts(asked()), names(asked())
    rows = [[completion_logprob(decoder(), start[None], name[None]) for name in answers] for start in starts]
    return torch.stack([torch.cat(row) for row in rows])


BENCHES = [
    Bench(
        f"{MEMBERS} decoders, {STEPS} steps each on the base configuration's facts",
        lambda: train([range(MEMBERS)]),
        lambda: train([[member] for member in range(MEMBERS)]),
        names=("as one stack", "one after another"),
    ),
    Bench(
        "every name after every prompt, 50 of each",
        lambda: score_matrix(decoder(), asked()),
        score_one_by_one,
        names=("one batch", "pair by pair"),
    ),
]
