"""The two ways that `make bench` times do the same work."""

import torch

from chisel.reversal_curse import bench
from chisel.reversal_curse.measurements import score_matrix


def test_scores_are_the_same_all_at_once_and_pair_by_pair(monkeypatch):
    few = bench.asked()[:5]
    monkeypatch.setattr(bench, "asked", lambda: few)
    assert torch.allclose(score_matrix(bench.decoder(), few), bench.score_one_by_one(), atol=1e-5)


def test_a_stack_trains_the_same_decoders_as_the_loop(monkeypatch):
    monkeypatch.setattr(bench, "STEPS", 2)
    together, alone = bench.train([range(2)]), bench.train([[0], [1]])
    for one, other in zip(together, alone, strict=True):
        for mine, yours in zip(one.parameters(), other.parameters(), strict=True):
            assert torch.allclose(mine, yours, atol=1e-4)
    first, second = (next(net.parameters()) for net in together)
    assert not torch.equal(first, second)
