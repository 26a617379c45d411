"""Statements that are only ever in the context, beside statements that are in the weights.

Here a statement is `relation subject object`, the relation first. A sequence holds a few statements about entities that
are drawn and paired anew each time, and then questions about them, in the direction that was stated or the other one.
So the answers can be read in the context and nowhere else. The same network is trained on facts as `make_facts` draws
them, one statement a sequence: what it knows of these is in its weights.

Source: in-context against in-weights after Chan et al. (2022), arXiv 2205.05055; that reversal works in the context is
noted by Berglund et al. (2023), arXiv 2309.12288.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chisel.core.ensembles import stack_modules
from chisel.core.progress import progress
from chisel.core.seeding import generator
from chisel.reversal_curse.statements import BACKWARD, FORWARD, Fact, Facts, sequences
from chisel.reversal_curse.training import Method

LENGTH = 3  # tokens of a statement and of a question with its answer


@dataclass(frozen=True)
class Reading:
    """What a sequence holds.

    Attributes:
        stated: statements, about two entities each.
        asked: questions, at most as many: each is about another statement.
        batch: sequences a step.
    """

    stated: int = 3
    asked: int = 3
    batch: int = 64

    @property
    def length(self) -> int:
        """How many tokens a sequence has."""
        return LENGTH * (self.stated + self.asked)


def draw_contexts(
    count: int, entities: Tensor, stated: int, asked: int, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw sequences of statements and questions, with the answers in place.

    Args:
        count: of sequences.
        entities: [P] tokens to draw from; each is at most once in the statements of a sequence.
        stated, asked: as in `Reading`.

    Returns:
        ids [count, L]; and inverse [count, asked] bool, whether a question is in the direction that was not stated.

    Raises:
        ValueError: too few entities, or more questions than statements.
    """
    if not 0 < asked <= stated or 2 * stated > len(entities):
        raise ValueError(f"{stated} statements with {asked} questions do not go with {len(entities)} entities")
    drawn = entities[torch.rand(count, len(entities), generator=random).argsort(1)[:, : 2 * stated]]
    subject, object_ = drawn[:, :stated], drawn[:, stated:]
    relation = torch.where(torch.rand(count, stated, generator=random) < 0.5, FORWARD, BACKWARD)
    inverse = torch.rand(count, asked, generator=random) < 0.5
    which = torch.rand(count, stated, generator=random).argsort(1)[:, :asked]  # the statement that a question is about
    about, from_, to = (part.gather(1, which) for part in (relation, subject, object_))
    questions = [
        torch.where(inverse, FORWARD + BACKWARD - about, about),
        torch.where(inverse, to, from_),
        torch.where(inverse, from_, to),
    ]
    statements = torch.stack([relation, subject, object_], dim=-1)
    return torch.cat([statements, torch.stack(questions, dim=-1)], dim=1).flatten(1), inverse


def relation_first(statements: Sequence[Fact]) -> Tensor:
    """Return `relation subject object` of each statement as token ids [N, 3]."""
    return sequences(statements)[:, [1, 0, 2]]


def answers_loss(logits: Tensor, ids: Tensor, first: int) -> Tensor:
    """Mean cross-entropy of the last token of each three, from the three with number `first` on.

    Args:
        logits: [B, L, V].
        ids: [B, L].
    """
    at = torch.arange(LENGTH * first + 2, ids.shape[1], LENGTH, device=ids.device)
    return nn.functional.cross_entropy(logits[:, at - 1].flatten(0, 1), ids[:, at].flatten())


def train_readers(
    nets: Sequence[nn.Module],
    worlds: Sequence[Facts],
    entities: Sequence[Tensor],
    seeds: Sequence[int],
    reading: Reading,
    method: Method,
    device: torch.device | str = "cpu",
    description: str = "training",
    looks: Sequence[int] = (),
) -> dict[int, list[nn.Module]]:
    """Train networks on statements in the context and, at every step, on all statements of their world.

    Args:
        entities: [P] the tokens that each network's contexts are drawn from.
        seeds: of the contexts.
        looks: numbers of steps after which to return copies; those after the last step always are.

    Returns:
        copies of the networks by the number of steps.
    """
    stack = stack_modules(nets, device)
    random = [generator(seed, "contexts") for seed in seeds]
    facts = torch.stack([relation_first((*world.train, *world.exposure)) for world in worlds]).to(device)
    optimiser = torch.optim.AdamW(
        stack.parameters.values(), lr=method.lr, betas=(0.9, method.beta2), weight_decay=method.weight_decay
    )
    kept: dict[int, list[nn.Module]] = {0: stack.modules()} if 0 in looks else {}
    for step in progress(range(method.steps), description):
        for group in optimiser.param_groups:
            group["lr"] = method.rate(step)
        drawn = [
            draw_contexts(reading.batch, own, reading.stated, reading.asked, source)[0]
            for own, source in zip(entities, random, strict=True)
        ]
        contexts = torch.stack(drawn).to(device)
        losses = [
            answers_loss(read, ids, reading.stated) + answers_loss(known, stated, 0)
            for read, ids, known, stated in zip(stack(contexts), contexts, stack(facts), facts, strict=True)
        ]
        optimiser.zero_grad(set_to_none=True)
        torch.stack(losses).sum().backward()  # the networks do not touch: the gradient of the sum is each one's own
        optimiser.step()
        if step + 1 in looks or step + 1 == method.steps:
            kept[step + 1] = stack.modules()
    return kept
