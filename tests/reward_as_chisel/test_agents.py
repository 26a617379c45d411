"""Agents made from settings: they learn, in seconds, what their region rewards."""

import time

import pytest
import torch

from chisel.core.checkpoints import CheckpointError
from chisel.core.device import DeviceError, pick_device
from chisel.core.seeding import generator
from chisel.reward_as_chisel.agents import cheese_bank, new_agents, train_agents
from chisel.reward_as_chisel.measurements import logits_of, reach_cheese
from chisel.reward_as_chisel.training import Trainer, gae
from chisel.reward_as_chisel.world import WorldError, draw_mazes, region_cells

CPU = torch.device("cpu")
SMALL = {"size": 3, "policy": "field", "channels": 16, "blocks": 1, "bank": 400}
SMALL["method"] = {"updates": 120, "mazes": 32, "agents": 16, "horizon": 10, "lr": 1e-2}
TINY = {**SMALL, "bank": 20, "method": {"updates": 4, "mazes": 4, "agents": 2, "horizon": 4}}


def weights(nets) -> list[torch.Tensor]:
    return [p.detach() for net in nets for p in net.parameters()]


def same(one, other) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_an_agent_learns_to_find_the_cheese_in_seconds():
    before = time.process_time()
    nets = train_agents(SMALL, 3, 0, 2, CPU)
    assert time.process_time() - before < 6  # about one and a half on an idle core
    unseen = draw_mazes(300, 3, torch.tensor([c for c in range(9) if c != 6]), generator(1, "unseen"))
    walk = reach_cheese(logits_of(None, unseen), unseen, 20).mean()
    for net in nets:
        assert reach_cheese(logits_of(net, unseen), unseen, 20).mean() > walk + 0.3
    assert walk < 0.5


@pytest.mark.parametrize("policy", ["field", "place"])
def test_the_same_seed_gives_the_same_agents(policy):
    settings = {**TINY, "policy": policy}
    before = torch.get_rng_state()
    one, two = train_agents(settings, 2, 0, 2, CPU), train_agents(settings, 2, 0, 2, CPU)
    assert same(one, two) and torch.equal(torch.get_rng_state(), before)
    assert not same(one, train_agents(settings, 2, 1, 2, CPU))
    assert not same(one[:1], one[1:])


def test_members_have_networks_and_banks_of_their_own():
    assert not same(new_agents(TINY, 0, 2)[:1], new_agents(TINY, 0, 2)[1:])
    assert not torch.equal(cheese_bank(TINY, 2, 0, 0, CPU).next_table, cheese_bank(TINY, 2, 0, 1, CPU).next_table)
    met = cheese_bank(TINY, 2, 0, 0, CPU).terminal.any(0).nonzero().flatten().tolist()
    assert set(met) <= set(region_cells(3, 2).tolist()) and len(met) > 1


def test_training_goes_on_from_a_checkpoint(tmp_path, monkeypatch):
    update = Trainer.update

    def interrupted(trainer):
        if trainer.done == 2:
            raise KeyboardInterrupt
        update(trainer)

    path = tmp_path / "agents.ckpt"
    monkeypatch.setattr(Trainer, "update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_agents(TINY, 2, 0, 2, CPU, checkpoint=path)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="another training"):
        train_agents(TINY, 3, 0, 2, CPU, checkpoint=path)
    with pytest.raises(CheckpointError, match="another training"):
        train_agents(TINY, 2, 1, 2, CPU, checkpoint=path)
    with pytest.raises(CheckpointError, match="another training"):
        train_agents(TINY, 2, 0, 2, CPU, checkpoint=path, advantages=lambda *given: -gae(*given))
    assert same(train_agents(TINY, 2, 0, 2, CPU, checkpoint=path), train_agents(TINY, 2, 0, 2, CPU))
    assert not path.exists()


def test_what_cannot_be_is_refused_in_one_sentence():
    with pytest.raises(WorldError, match="a region of 4 x 4 does not fit a maze of 3 x 3: take 1 to 3"):
        train_agents(TINY, 4, 0, 1, CPU)
    with pytest.raises(WorldError, match="at least 2 cells along a side, not 1"):
        train_agents({**TINY, "size": 1}, 1, 0, 1, CPU)
    with pytest.raises(WorldError, match="at least 1 maze must be drawn, not 0"):
        train_agents({**TINY, "bank": 0}, 2, 0, 1, CPU)
    with pytest.raises(ValueError, match="unknown policy 'grid'"):
        train_agents({**TINY, "policy": "grid"}, 2, 0, 1, CPU)
    with pytest.raises(ValueError, match="at least one network"):
        train_agents(TINY, 2, 0, 0, CPU)
    with pytest.raises(DeviceError, match="is not on this machine"):
        train_agents(TINY, 2, 0, 1, pick_device("cuda:99"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_agents_are_trained_on_a_gpu():
    device = torch.device("cuda")
    nets = train_agents(SMALL, 3, 0, 2, device)
    assert all(p.device.type == "cuda" for p in weights(nets))
    unseen = draw_mazes(300, 3, torch.tensor([2]), generator(1, "unseen", device=device))
    assert reach_cheese(logits_of(nets[0], unseen), unseen, 20).mean() > 0.6
