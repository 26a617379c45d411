"""The score of a completion: by the chain rule, over the whole vocabulary, with the model left as it was."""

import itertools
import math

import pytest
import torch
from torch import nn

from chisel.core.seeding import generator
from chisel.reversal_curse.measurements import completion_logprob
from chisel.reversal_curse.model import Decoder, Shape

TOKENS = 4


class Coin(nn.Module):
    """Token 0 has probability 1/4 after an even token and 1/2 after an odd one; the others share the rest."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        first = torch.where(ids % 2 == 0, 0.25, 0.5).double()
        return torch.stack([first, *[(1 - first) / 3] * 3], dim=-1).log() + 5


class Moody(nn.Module):
    """Dropout and nothing else between an embedding and the logits."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(TOKENS, TOKENS, generator=generator(0)))
        self.dropout = nn.Dropout(0.9)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.table[ids])


def decoder(context: int = 6) -> Decoder:
    return Decoder(Shape(TOKENS, context=context, layers=1, width=8, heads=2, spread=1.0), generator(3)).double()


def test_by_hand():
    prompt, completion = torch.tensor([[3, 2], [2, 1]]), torch.tensor([[0, 1, 0], [0, 0, 3]])
    found = completion_logprob(Coin(), prompt, completion)
    by_hand = [[0.25, 0.25, 0.5], [0.5, 0.25, 0.25]]
    assert found.tolist() == pytest.approx([sum(map(math.log, row)) for row in by_hand])


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_probabilities_of_all_completions_sum_to_one(length):
    every = torch.tensor(list(itertools.product(range(TOKENS), repeat=length)))
    prompt = torch.tensor([[2, 0, 1]]).expand(len(every), -1)
    assert completion_logprob(decoder(), prompt, every).exp().sum().item() == pytest.approx(1)


def test_a_completion_in_two_parts():
    model, ids = decoder(), torch.randint(TOKENS, (5, 6), generator=generator(1))
    whole = completion_logprob(model, ids[:, :2], ids[:, 2:])
    parts = completion_logprob(model, ids[:, :2], ids[:, 2:3]) + completion_logprob(model, ids[:, :3], ids[:, 3:])
    torch.testing.assert_close(whole, parts)
    alone = [completion_logprob(model, row[None, :2], row[None, 2:]) for row in ids]
    torch.testing.assert_close(whole, torch.cat(alone))


def test_nothing_more_is_certain():
    assert completion_logprob(decoder(), torch.tensor([[1], [2]]), torch.zeros(2, 0).long()).tolist() == [0, 0]


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_for_the_question_only(training):
    model, prompt, completion = Moody().train(training), torch.tensor([[1, 2]]), torch.tensor([[3, 0]])
    state = torch.get_rng_state()
    scores = [completion_logprob(model, prompt, completion) for _ in range(2)]
    assert torch.equal(*scores) and torch.equal(torch.get_rng_state(), state), "no dropout"
    assert model.training == training and model.dropout.training == training and not scores[0].requires_grad


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_put_back_when_the_prompt_is_too_long(training):
    model = decoder(context=3).train(training)
    with pytest.raises(ValueError, match="4 tokens is longer than the context of 3"):
        completion_logprob(model, torch.zeros(1, 3).long(), torch.zeros(1, 1).long())
    assert model.training == training and torch.is_grad_enabled()
