"""What a language model says after a prompt: scores of every name after every prompt, and the right answer word by word.

Prompts and names are text here. A name may have several tokens; its score is the sum over them.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from chisel.reversal_curse.measurements import completion_logprob
from chisel.reversal_curse.pretrained.loading import LanguageModel

_ELEMENTS = 2**26  # of logits at once: a quarter of a GiB


def name_scores(model: LanguageModel, prompts: Sequence[str], names: Sequence[str]) -> Tensor:
    """Return scores [N, M], in nats: log p(" " + name j | prompt i), summed over the name's tokens.

    Raises:
        ValueError: no prompt or no name, a name given twice, a prompt too long for the model's context, or a tokenizer
            that reads a name otherwise after one prompt than after another.
    """
    starts, endings = encode(model, prompts, names)
    by_length = sorted(range(len(endings)), key=lambda j: len(endings[j]))
    scores = torch.empty(len(starts), len(endings))
    for i, start in enumerate(starts):
        for length, group in groupby(by_length, key=lambda j: len(endings[j])):
            columns = list(group)
            rows = max(1, _ELEMENTS // ((len(start) + length) * _vocabulary(model)))
            for first in range(0, len(columns), rows):
                chosen = columns[first : first + rows]
                asked = torch.tensor([start] * len(chosen), device=model.device)
                answers = torch.tensor([endings[j] for j in chosen], device=model.device)
                scores[i, chosen] = completion_logprob(model.net, asked, answers).float().cpu()
    return scores


def says_exactly(model: LanguageModel, prompts: Sequence[str], answers: Sequence[str]) -> Tensor:
    """Return [N] bool: whether the model, taking the likeliest token each time, writes answer i after prompt i.

    It does so exactly if each token of the answer is the likeliest one after the prompt and the tokens before it, so
    nothing needs to be generated.

    Raises:
        ValueError: as for `name_scores`; or there are not as many answers as prompts.
    """
    if len(prompts) != len(answers):
        raise ValueError(f"each prompt needs its answer: got {len(prompts)} prompts and {len(answers)} answers")
    starts, endings = encode(model, prompts, answers)
    said = []
    with torch.no_grad():
        for start, ending in zip(starts, endings, strict=True):
            logits = model.net(torch.tensor([start + ending], device=model.device))[0, len(start) - 1 : -1]
            said.append(logits.argmax(-1).tolist() == ending)
    return torch.tensor(said)


def encode(
    model: LanguageModel, prompts: Sequence[str], names: Sequence[str]
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the tokens of each prompt and those of " " + each name, checked against one another.

    Raises:
        ValueError: as for `name_scores`.
    """
    if not prompts or not names:
        raise ValueError("there is nothing to ask: at least one prompt and one name are needed")
    if repeated := sorted({name for name in names if list(names).count(name) > 1}):
        raise ValueError(f"each name may be there once, and these are there twice: {', '.join(repeated)}")
    starts = [tokens_of(model.tokenizer, prompt) for prompt in prompts]
    endings: list[list[int]] = []
    for name in names:
        seen: list[int] | None = None
        for prompt, start in zip(prompts, starts, strict=True):
            whole = tokens_of(model.tokenizer, f"{prompt} {name}")
            if whole[: len(start)] != start or len(whole) == len(start):
                raise ValueError(
                    f"the tokenizer joins the end of {prompt!r} with {name!r}, so the name has no tokens of its own: "
                    "end the prompt with another word"
                )
            if seen is not None and whole[len(start) :] != seen:
                raise ValueError(
                    f"the tokenizer splits {name!r} otherwise after {prompt!r} than after {prompts[0]!r}, so its scores "
                    "cannot be compared: give the prompts one ending"
                )
            seen = whole[len(start) :]
        endings.append(seen or [])
    longest = max(map(len, starts)) + max(map(len, endings))
    if longest > model.context:
        raise ValueError(
            f"the longest prompt with the longest name has {longest} tokens and {model.name} reads {model.context}: "
            "shorten it"
        )
    return starts, endings


def tokens_of(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of `text`, after the token that marks a beginning if this tokenizer puts one there itself.

    Nothing is put after the text, since the model is to go on with it.
    """
    mark = tokenizer.bos_token_id
    begins = mark is not None and tokenizer("a")["input_ids"][:1] == [mark]
    return [mark] * begins + tokenizer(text, add_special_tokens=False)["input_ids"]


def contrasts(scores: Tensor) -> Tensor:
    """Return [N]: for each prompt how much more its own name gets than the other names, columns centred, in nats.

    Their mean is the difference of `reversal_statistic`; they are for comparing prompt by prompt.

    Args:
        scores: [N, N]. The diagonal holds the right names.
    """
    centred = scores.double() - scores.double().mean(0)
    count = len(scores)
    return (count * centred.diagonal() - centred.sum(1)) / (count - 1)


def right_and_wrong(scores: Tensor) -> Mapping[str, float]:
    """Return the mean score of the right names ("right") and of the wrong ones ("wrong"), uncentred, in nats.

    Args:
        scores: [N, N]. The diagonal holds the right names.
    """
    right = scores.diagonal().double().mean()
    others = (scores.double().sum() - scores.diagonal().double().sum()) / (scores.numel() - len(scores))
    return {"right": float(right), "wrong": float(others)}


def _vocabulary(model: LanguageModel) -> int:
    return int(model.net.net.config.vocab_size)
