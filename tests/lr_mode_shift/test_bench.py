"""The two ways that `make bench` times do the same work."""

import torch

from chisel.lr_mode_shift import bench


def test_a_stack_trains_the_same_networks_as_the_loop(monkeypatch):
    monkeypatch.setattr(bench, "STEPS", 3)
    together, alone = bench.train_as_stack(), bench.train_one_by_one()
    assert len(alone) == bench.MEMBERS
    for member, model in enumerate(alone):
        for name, own in model.named_parameters():
            assert torch.allclose(own, together[name][member], atol=1e-6)
    assert not torch.equal(together["left"][0], together["left"][1])
