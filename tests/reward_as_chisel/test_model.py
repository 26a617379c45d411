"""Both policies answer for every cell; the place policy is told where it is and the field policy is not."""

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reward_as_chisel.model import POLICIES, new_policy
from chisel.reward_as_chisel.world import WorldError, draw_mazes, region_cells

SHAPE = {"size": 4, "channels": 6, "blocks": 2}


def observations(batch: int = 3, size: int = 4) -> torch.Tensor:
    return draw_mazes(batch, size, region_cells(size, size), generator(0, "mazes")).observations


@pytest.mark.parametrize("kind", POLICIES)
@pytest.mark.parametrize("inputs", [5, 6])
def test_answers_are_for_every_cell(kind, inputs):
    net = new_policy(kind, generator(0), inputs=inputs, **SHAPE)
    seen = torch.cat([observations(), torch.zeros(3, inputs - 5, 4, 4)], dim=1)
    logits, values = net(seen)
    assert logits.shape == (3, 16, 5) and values.shape == (3, 16)


@pytest.mark.parametrize("kind", POLICIES)
def test_mazes_of_a_batch_do_not_meet(kind):
    net = new_policy(kind, generator(0), **SHAPE)
    seen = observations(4)
    logits, values = net(seen)
    for row in range(4):
        alone = net(seen[row : row + 1])
        torch.testing.assert_close(logits[row], alone[0][0])
        torch.testing.assert_close(values[row], alone[1][0])


def test_the_place_policy_is_asked_with_the_agent_in_the_right_cell():
    net = new_policy("place", generator(0), **SHAPE)
    seen = observations(2)
    asked = []
    net.get_submodule("stem").register_forward_hook(lambda module, inputs, output: asked.append(inputs[0]))
    net(seen)
    [shown] = asked
    shown = shown.view(2, 16, 6, 4, 4)
    assert torch.equal(shown[:, :, 5].flatten(2), torch.eye(16).expand(2, -1, -1))
    assert torch.equal(shown[:, :, :5], seen[:, None].expand(-1, 16, -1, -1, -1))


def test_weights_depend_on_the_generator_alone_and_the_global_state_stays():
    before = torch.get_rng_state()
    nets = [new_policy("field", generator(seed), **SHAPE) for seed in (1, 1, 2)]
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(7)
    nets.append(new_policy("field", generator(1), **SHAPE))
    torch.set_rng_state(before)
    weights = [net.get_parameter("stem.weight") for net in nets]
    assert torch.equal(weights[0], weights[1]) and torch.equal(weights[0], weights[3])
    assert not torch.equal(weights[0], weights[2])


def test_names_of_layers_are_those_that_the_chapter_speaks_of():
    names = dict(new_policy("field", generator(0), **SHAPE).named_modules())
    assert {"stem", "blocks.0", "blocks.1", "head"} <= set(names)


@pytest.mark.parametrize("kind", POLICIES)
def test_other_observations_than_the_networks_are_refused(kind):
    net = new_policy(kind, generator(0), **SHAPE)
    with pytest.raises(WorldError, match="for observations of 5 x 4 x 4, not 5 x 5 x 5"):
        net(observations(size=5))
    with pytest.raises(WorldError, match="for observations of 5 x 4 x 4, not 6 x 4 x 4"):
        net(torch.zeros(2, 6, 4, 4))


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="unknown policy 'grid': use field or place"):
        new_policy("grid", generator(0), **SHAPE)
