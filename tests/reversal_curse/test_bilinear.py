"""The bilinear score by hand, and why tying makes the transpose the inverse."""

import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.bilinear import bilinear_scores


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(0, "bilinear", *shape), dtype=torch.float64)


def test_values_by_hand():
    E, W, U = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 5.0], [2.0, 0.0]]), torch.tensor([[3.0, 4.0], [1.0, 0.0]])
    assert bilinear_scores(E, W, U).tolist() == [[8.0, 0.0]]


def test_sizes_may_all_differ():
    E, W, U = drawn(5, 2), drawn(3, 2), drawn(4, 3)
    scores = bilinear_scores(E, W, U)
    assert scores.shape == (5, 4)
    assert torch.allclose(scores[3, 1], U[1] @ (W @ E[3]))


def test_tied_scores_under_the_transpose_are_the_scores_transposed():
    E, W, U = drawn(4, 3), drawn(3, 3), drawn(4, 3).flip(0)
    assert torch.allclose(bilinear_scores(E, W.T, E), bilinear_scores(E, W, E).T)
    assert not torch.allclose(bilinear_scores(E, W.T, U), bilinear_scores(E, W, U).T)


def test_gradients_reach_all_three():
    tables = [drawn(4, 3).requires_grad_(), drawn(2, 3).requires_grad_(), drawn(5, 2).requires_grad_()]
    assert torch.autograd.gradcheck(bilinear_scores, tables)
