"""What a language model says after a prompt: scores of each name after each prompt, and exact answers.

Prompts and names are text here. A name may have several tokens; its score is the sum over them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from chisel.reversal_curse.measurements import completion_logprob
from chisel.reversal_curse.pretrained.loading import LanguageModel

_ELEMENTS = 2**26  # of logits at once: a quarter of a GiB


class PromptOnce(nn.Module):
    """A causal language model for rows that begin alike and end in padding: ids [B, L] -> logits [B, L, V + 1].

    What the rows share is read once, so one prompt with many names costs little more than the names. The padding has a
    token of its own, number V. It is certain where it comes next and impossible elsewhere, so it adds nothing to the
    log-probability of what is padded. Nothing follows the last position, so its logits are left at 0.
    """

    def __init__(self, net: nn.Module, vocabulary: int) -> None:
        super().__init__()
        self.net: Any = net
        self.padding = vocabulary

    def forward(self, ids: Tensor) -> Tensor:
        """Return the logits, those of the padding among them."""
        padded = ids[:, 1:] == self.padding
        read = ids[:, :-1].masked_fill(ids[:, :-1] == self.padding, 0)
        logits = torch.zeros(*ids.shape, self.padding + 1, device=ids.device)
        logits[..., self.padding] = -torch.inf
        shared = int((read == read[:1]).all(0).int().cumprod(0).sum())
        logits[:, :-1, : self.padding] = self._logits(read, shared)
        logits[:, :-1][padded] = -torch.inf
        logits[:, :-1, self.padding][padded] = 0.0
        return logits

    def _logits(self, ids: Tensor, shared: int) -> Tensor:
        if shared == ids.shape[1]:
            return self.net(ids[:1], use_cache=False).logits
        if len(ids) > 1 and shared > 0:
            start = self.net(ids[:1, :shared], use_cache=True)
            past = start.past_key_values
            if hasattr(past, "batch_repeat_interleave"):  # Else its state is no list of keys and values.
                past.batch_repeat_interleave(len(ids))
                rest = self.net(ids[:, shared:], past_key_values=past, use_cache=True).logits
                return torch.cat([start.logits.expand(len(ids), -1, -1), rest], dim=1)
        return self.net(ids, use_cache=False).logits


def name_scores(model: LanguageModel, prompts: Sequence[str], names: Sequence[str]) -> Tensor:
    """Return scores [N, M], in nats: log p(" " + name j | prompt i), summed over the name's tokens.

    Raises:
        ValueError: no prompt or no name, a name given twice, a prompt too long for the model's context, or a tokenizer
            that reads a name otherwise after one prompt than after another.
    """
    starts, endings = encode(model, prompts, names)
    vocabulary = int(model.net.net.config.vocab_size)
    longest = max(map(len, endings))
    answers = torch.tensor([ending + [vocabulary] * (longest - len(ending)) for ending in endings], device=model.device)
    reader = PromptOnce(model.net.net, vocabulary)
    reader.train(model.net.training)  # A wrapper is made in training mode, and sets what it holds to its own.
    rows = []
    for start in starts:
        size = max(1, _ELEMENTS // ((len(start) + longest) * vocabulary))
        asked = torch.tensor(start, device=model.device)
        found = [completion_logprob(reader, asked.expand(len(part), -1), part) for part in answers.split(size)]
        rows.append(torch.cat(found).float().cpu())
    return torch.stack(rows)


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
    rows = [torch.tensor(start + ending) for start, ending in zip(starts, endings, strict=True)]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True).to(model.device)  # [N, L]; what follows changes nothing
    size = max(1, _ELEMENTS // (ids.shape[1] * int(model.net.net.config.vocab_size)))
    with torch.no_grad():
        likeliest = torch.cat([model.net(part).argmax(-1) for part in ids.split(size)]).tolist()
    said = [
        likeliest[i][len(start) - 1 : len(start) + len(ending) - 1] == ending
        for i, (start, ending) in enumerate(zip(starts, endings, strict=True))
    ]
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
                    f"the tokenizer splits {name!r} otherwise after {prompt!r} than after {prompts[0]!r}, so its "
                    "scores cannot be compared: give the prompts one ending"
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
