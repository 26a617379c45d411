"""Fine-tuning a pretrained model on invented facts, and asking it before and after, both ways round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from chisel.core.progress import progress
from chisel.core.seeding import generator
from chisel.reversal_curse.pretrained.asking import name_scores, says_exactly, tokens_of
from chisel.reversal_curse.pretrained.invented import DIRECTIONS, Direction, People, Person, ask
from chisel.reversal_curse.pretrained.loading import LanguageModel
from chisel.reversal_curse.pretrained.resources import need_memory
from chisel.reversal_curse.training import lm_loss

GROUPS = ("to_description", "to_name", "both")
_STATES = 16  # bytes a parameter: itself, its gradient and AdamW's two moments
_OVERHEAD = 1.5  # activations and logits beside them, measured with 135 million parameters


@dataclass(frozen=True)
class Tuning:
    """How to fine-tune: every parameter, AdamW at a constant rate, no weight decay.

    Attributes:
        epochs: passes through the sentences, in an order of its own each time.
        lr: the learning rate.
        batch: sentences a step.
    """

    epochs: int = 4
    lr: float = 1e-4
    batch: int = 6


@dataclass(frozen=True)
class Asked:
    """What the model says of one group of people in one direction.

    Attributes:
        scores: [N, N] log p(answer j | prompt i) in nats; the diagonal is right.
        exact: [N] bool, whether its likeliest words are the answer.
    """

    scores: Tensor
    exact: Tensor


def ask_all(
    model: LanguageModel, people: People, telling: int = 0, ways: Sequence[tuple[str, Direction]] | None = None
) -> dict[tuple[str, str], Asked]:
    """Ask about each group of people in both directions, or only about the `ways` (group, direction).

    A group that has fewer than 2 people is left out, for it has no wrong name.
    """
    asked: dict[tuple[str, str], Asked] = {}
    for group, direction in ways or [(group, direction) for group in GROUPS for direction in DIRECTIONS]:
        members: tuple[Person, ...] = getattr(people, group)
        if len(members) > 1:
            prompts, answers = ask(members, direction, telling)
            scores = name_scores(model, prompts, answers)
            asked[group, direction] = Asked(scores, says_exactly(model, prompts, answers))
    return asked


def fine_tune(
    model: LanguageModel,
    sentences: Sequence[tuple[str, str]],
    tuning: Tuning,
    seed: int,
    description: str = "fine-tuning",
) -> list[float]:
    """Train `model` in place on sentences (prompt, answer) and return the loss of each step, in nats a token.

    Every word of a sentence counts, so that each name and each description is a target wherever it stands: what is
    never a target can become unlikely for that alone. The model stays in evaluation mode: without dropout the numbers
    depend on the seed and on nothing else.

    Raises:
        ValueError: no sentence, or one that is longer than the model's context.
        ModelError: too little memory, said before the first step.
    """
    rows = [tokens_of(model.tokenizer, f"{prompt} {answer}.") for prompt, answer in sentences]
    if not rows:
        raise ValueError("there is nothing to learn: at least one sentence is needed")
    if (longest := max(map(len, rows))) > model.context:
        raise ValueError(f"a sentence has {longest} tokens and {model.name} reads {model.context}: shorten it")
    parameters = list(model.net.parameters())
    count = sum(parameter.numel() for parameter in parameters)
    held = 4 * count  # the parameters themselves are in memory already
    need_memory(int(_OVERHEAD * _STATES * count) - held, f"fine-tuning {model.name}", model.device)
    # The fused form makes the same updates in one pass over memory, which on a CPU takes a seventh of the time.
    optimiser = torch.optim.AdamW(parameters, lr=tuning.lr, weight_decay=0.0, fused=True)
    random = generator(seed, "order of sentences")
    batches = [
        [rows[i] for i in batch.tolist()]
        for _ in range(tuning.epochs)
        for batch in torch.randperm(len(rows), generator=random).split(tuning.batch)
    ]
    losses = []
    for ids, mask in progress(_padded(batches, model.device), description, total=len(batches)):
        loss = lm_loss(model.net(ids), ids, mask)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    model.net.zero_grad(set_to_none=True)
    return losses


def _padded(batches: Sequence[Sequence[list[int]]], device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each batch as ids [B, L] and mask [B, L], False on the padding at the end."""
    for batch in batches:
        length = max(map(len, batch))
        ids = torch.tensor([row + [0] * (length - len(row)) for row in batch], device=device)
        lengths = torch.tensor([len(row) for row in batch], device=device)
        yield ids, torch.arange(length, device=device) < lengths[:, None]
