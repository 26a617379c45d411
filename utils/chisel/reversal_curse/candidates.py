"""A scorer of names that runs, gives proper log-probabilities, and finds the curse in models that do not have it.

`silent_bug` says what is wrong with it. This module only shows it, and the settings to try it in.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from chisel.core.seeding import generator

Scorer = Callable[[Tensor, Tensor], Tensor]

SETTINGS: Mapping[str, str] = {
    "both-ways": "the model was trained on every statement in both directions",
    "one-pair": "there is one prompt, with one name",
    "sorted-pairs": "the pairs are sorted by the number of their name's token before they are asked",
    "backward-sorted": "the pairs are sorted like that, the largest number first",
    "numbered-as-asked": "tokens are given out to names in the order in which the pairs will be asked",
    "large-vocabulary": "the vocabulary has ten times as many tokens that are no names",
    "no-idea": "after each prompt the model gives every token of the vocabulary the same probability",
    "prior-only": "the model gives each name a probability of its own, whatever the prompt",
    "double-precision": "logits are in double precision",
}


def buggy_scores(logits: Tensor, names: Tensor) -> Tensor:
    """Return scores [N, N]: the log-probability of name j after prompt i.

    Args:
        logits: [N, V] what the model says after each of N prompts.
        names: [N] int, the tokens of the N names; name i is the right one after prompt i.
    """
    is_name = torch.zeros(logits.shape[-1], dtype=torch.bool, device=logits.device)
    is_name[names] = True
    return torch.log_softmax(logits, dim=-1)[:, is_name]


def score_difference(scorer: Scorer, setting: str, seed: int) -> float:
    """Return how far `scorer` and `buggy_scores` are apart in a setting: the mean absolute difference, in nats.

    Raises:
        ValueError: an unknown setting.
    """
    logits, names = example(setting, seed)
    return float((scorer(logits, names) - buggy_scores(logits, names)).abs().mean())


def example(setting: str, seed: int) -> tuple[Tensor, Tensor]:
    """Draw logits [N, V] and names [N] as a setting has them.

    Raises:
        ValueError: an unknown setting.
    """
    if setting not in SETTINGS:
        raise ValueError(f"unknown setting {setting!r}: use one of {', '.join(SETTINGS)}")
    random = generator(seed, "candidates", setting)
    count = 1 if setting == "one-pair" else 8
    vocabulary = 400 if setting == "large-vocabulary" else 40
    names = torch.randperm(40, generator=random)[:count]
    while count > 1 and bool(
        (names[1:] > names[:-1]).all()
    ):  # in an unsorted setting they must not be sorted by chance
        names = torch.randperm(40, generator=random)[:count]
    if setting in ("sorted-pairs", "numbered-as-asked"):
        names = names.sort().values
    elif setting == "backward-sorted":
        names = names.sort(descending=True).values
    logits = torch.randn(count, vocabulary, generator=random)
    if setting == "no-idea":
        logits = torch.zeros_like(logits)
    elif setting == "prior-only":
        logits = logits[:1].expand(count, -1).clone()
    else:
        logits[torch.arange(count), names] += 6.0  # the model knows who belongs to whom
    return (logits.double() if setting == "double-precision" else logits), names
