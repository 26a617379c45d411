"""A scorer of names that runs, gives proper log-probabilities, and finds the curse in models that do not have it.

`silent_bug` says what is wrong with it. This module only shows it, and the settings to try it in.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from chisel.core.seeding import generator

Scorer = Callable[[Tensor, Tensor], Tensor]

# Unless the setting says otherwise: eight prompts, each with a name of its own, asked in an order that has nothing to
# do with the names' tokens; a vocabulary of 40 tokens; and a model that knows the right name, in single precision.
SETTINGS: Mapping[str, str] = {
    "both-ways": "the model was trained on every statement in both directions, and answers them all rightly",
    "one-pair": "there is just one prompt, with just one name",
    "sorted-pairs": "the pairs are sorted by the token of their name before they are asked, the smallest number first",
    "backward-sorted": "the pairs are sorted by the token of their name before they are asked, the largest first",
    "numbered-as-asked": "names were given their tokens in the order in which the pairs are asked: that of the first "
    "pair has the smallest number, and so on",
    "large-vocabulary": "the vocabulary has ten times as many tokens, and all the additional ones are no names",
    "no-idea": "after each prompt the model gives every token of the vocabulary the same probability",
    "prior-only": "whatever the prompt, the model gives each token the same probability as after any other prompt, but "
    "different tokens have different ones",
    "double-precision": "the logits are in double precision",
}

_PROMPTS, _VOCABULARY = 8, 40


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
    count = 1 if setting == "one-pair" else _PROMPTS
    vocabulary = (10 if setting == "large-vocabulary" else 1) * _VOCABULARY
    names = torch.randperm(_VOCABULARY, generator=random)[:count]
    while count > 1 and bool((names.diff() > 0).all()):  # where they are not to be sorted, chance must not sort them
        names = torch.randperm(_VOCABULARY, generator=random)[:count]
    if setting in ("sorted-pairs", "numbered-as-asked", "backward-sorted"):
        names = names.sort(descending=setting == "backward-sorted").values
    logits = torch.randn(count, vocabulary, generator=random)
    if setting == "no-idea":
        logits = torch.zeros_like(logits)
    elif setting == "prior-only":
        logits = logits[:1].repeat(count, 1)
    else:
        logits[torch.arange(count), names] += 6.0  # the model knows who belongs to whom
    return (logits.double() if setting == "double-precision" else logits), names
