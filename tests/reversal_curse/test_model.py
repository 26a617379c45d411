"""The decoder: shapes, what a position sees, what a tied head shares, and what it refuses."""

from dataclasses import replace

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.model import Decoder, Shape

SHAPE = Shape(vocabulary=9, context=5, layers=2, width=12, heads=3, spread=0.5)


def ids(batch: int = 3, length: int = 5, seed: int = 0) -> torch.Tensor:
    return torch.randint(SHAPE.vocabulary, (batch, length), generator=generator(seed, "ids"))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("layers", "width", "heads"), [(1, 4, 1), (2, 12, 3), (3, 8, 8)])
def test_logits_for_every_token_at_every_position(tied, causal, layers, width, heads):
    shape = replace(SHAPE, tied=tied, causal=causal, layers=layers, width=width, heads=heads)
    net = Decoder(shape, generator(0))
    for batch, length in ((3, 5), (1, 1), (2, 3)):
        logits = net(ids(batch, length))
        assert logits.shape == (batch, length, SHAPE.vocabulary) and logits.isfinite().all()


def test_a_position_depends_on_what_is_before_it_and_on_nothing_later():
    net, row = Decoder(SHAPE, generator(0)).double(), ids(1)
    logits = net(row)
    for place in range(5):
        other = row.clone()
        other[0, place] = (row[0, place] + 1) % SHAPE.vocabulary
        changed = (net(other) - logits).abs().amax(-1)[0] > 1e-9
        assert changed.tolist() == [later >= place for later in range(5)]
        torch.testing.assert_close(net(row[:, : place + 1]), logits[:, : place + 1])


def test_without_the_causal_mask_every_position_sees_every_other():
    net, row = Decoder(replace(SHAPE, causal=False), generator(0)).double(), ids(1)
    other = row.clone()
    other[0, 4] = (row[0, 4] + 1) % SHAPE.vocabulary
    assert ((net(other) - net(row)).abs().amax(-1) > 1e-9).all()


def test_order_matters_and_rows_do_not_meet():
    net, some = Decoder(SHAPE, generator(0)).double(), ids(4)
    logits = net(some)
    for row in range(4):
        torch.testing.assert_close(net(some[row : row + 1])[0], logits[row])
    turned = some[:, [1, 0, 2, 3, 4]]
    moved = (some[:, 0] != some[:, 1]).nonzero()[:, 0]
    assert len(moved) and not torch.isclose(net(turned)[moved, -1], logits[moved, -1]).all()


def test_a_tied_head_is_the_embedding_and_sends_its_gradient_there():
    row, unread = torch.tensor([[1, 2, 3]]), 7
    for tied in (True, False):
        net = Decoder(replace(SHAPE, tied=tied), generator(0))
        assert ("head" in dict(net.named_parameters())) is not tied
        net(row)[0, -1].log_softmax(-1)[unread].backward()
        grad = net.embedding.grad
        assert grad is not None and bool(grad[unread].any()) is tied, "a token that is written and never read"
    with torch.no_grad():
        net = Decoder(replace(SHAPE, tied=True), generator(0))
        before = net(row)
        net.embedding[unread] *= 2
        assert torch.allclose(net(row)[..., unread], 2 * before[..., unread])


def test_first_values_come_from_the_generator_alone():
    state = torch.get_rng_state()
    nets = [Decoder(SHAPE, generator(seed)) for seed in (1, 1, 2)]
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(nets[0](ids()), nets[1](ids())) and not torch.equal(nets[0](ids()), nets[2](ids()))
    assert nets[0].embedding.std().item() == pytest.approx(SHAPE.spread, rel=0.3)


def test_a_prompt_longer_than_the_context_is_refused():
    with pytest.raises(ValueError, match="a sequence of 6 tokens is longer than the context of 5"):
        Decoder(SHAPE, generator(0))(ids(1, 6))


@pytest.mark.parametrize("wrong", [{"heads": 5}, {"layers": 0}, {"vocabulary": 0}, {"width": 0}, {"context": 0}])
def test_impossible_shapes_are_refused(wrong):
    with pytest.raises(ValueError, match="the heads must divide the width"):
        Decoder(replace(SHAPE, **wrong), generator(0))
