"""Mazes with two tiles and a state: what is seen, what pays, and the vectors that are read off a network."""

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reward_as_chisel.appetites import (
    HUNGRY,
    INPUTS,
    THIRSTY,
    Appetites,
    appetite_task,
    as_long_as,
    draw_appetites,
    draw_states,
    state_vector,
    vectors_by_tiles,
)
from chisel.reward_as_chisel.measurements import cells_but_start, reach_before
from chisel.reward_as_chisel.model import new_policy
from chisel.reward_as_chisel.steering import activations, steer_each
from chisel.reward_as_chisel.world import NO_CHEESE, WorldError, generate_mazes


def world(batch: int = 12, size: int = 3, seed: int = 0) -> Appetites:
    return draw_appetites(batch, size, cells_but_start(size), generator(seed, "world"))


def net(size: int = 3):
    return new_policy("field", generator(0, "net"), size=size, channels=6, blocks=2, inputs=INPUTS)


def test_what_is_seen():
    mazes = world()
    seen, rows = mazes.observations, torch.arange(12)
    assert seen.shape == (12, INPUTS, 3, 3)
    assert torch.equal(seen[:, :4].flatten(2).transpose(1, 2), mazes.opened.float())
    for channel, cells in ((4, mazes.cheese), (5, mazes.water)):
        assert torch.equal(seen[:, channel].sum((1, 2)), torch.ones(12))
        assert bool((seen[rows, channel, cells // 3, cells % 3] == 1).all())
    assert torch.equal(seen[:, 6:].amin((2, 3)), mazes.state) and torch.equal(seen[:, 6:].amax((2, 3)), mazes.state)


def test_a_state_can_be_any_pair_of_levels_and_changes_nothing_else():
    mazes = world()
    felt = mazes.feeling(0.25, 0.75)
    assert felt.observations[:, 6].unique().tolist() == [0.25] and felt.observations[:, 7].unique().tolist() == [0.75]
    assert torch.equal(felt.observations[:, :6], mazes.observations[:, :6])
    assert torch.equal(felt.next_table, mazes.next_table)


def test_tiles_can_be_moved_and_taken_away():
    mazes = world()
    assert float(mazes.with_water(NO_CHEESE).observations[:, 5].sum()) == 0
    assert mazes.with_cheese(4).cheese.tolist() == [4] * 12 and torch.equal(mazes.with_cheese(4).water, mazes.water)
    assert torch.equal(mazes.with_water(mazes.cheese).water_targets, mazes.targets)
    assert float(mazes.without_cheese().observations[:, 4].sum()) == 0
    for wrong in (9, -2):
        with pytest.raises(WorldError, match="no cell"):
            mazes.with_water(wrong)


def test_rows_and_devices_keep_all_parts_together():
    mazes = world()
    some = mazes[torch.tensor([3, 1])]
    assert isinstance(some, Appetites) and len(some) == 2
    assert torch.equal(some.observations, mazes.observations[[3, 1]])
    assert torch.equal(mazes.to("cpu").observations, mazes.observations)


def test_cheese_and_water_are_drawn_in_two_cells_and_states_by_halves():
    mazes = world(6000)
    assert not bool((mazes.cheese == mazes.water).any())
    for cells in (mazes.cheese, mazes.water):
        shares = torch.bincount(cells, minlength=9) / 6000
        assert shares[6] == 0 and (shares[cells_but_start(3)] - 1 / 8).abs().max() < 5 * (1 / 8 / 6000) ** 0.5
    assert torch.equal(mazes.state.sum(1), torch.ones(6000))
    assert abs(float(mazes.state[:, 0].mean()) - 0.5) < 5 * 0.5 / 6000**0.5
    with pytest.raises(ValueError, match="two cells"):
        draw_appetites(3, 3, torch.tensor([4]), generator(0, "world"))


def test_the_state_says_what_pays_and_either_tile_ends_an_episode():
    mazes, rows = world(40), torch.arange(40)
    task = appetite_task(mazes)
    hungry = mazes.state[:, 0]
    assert torch.equal(task.rewards[rows, mazes.cheese], hungry)
    assert torch.equal(task.rewards[rows, mazes.water], 1 - hungry)
    assert torch.equal(task.rewards.sum(1), torch.ones(40))
    assert torch.equal(task.terminal, mazes.targets | mazes.water_targets) and torch.equal(task.starts, ~task.terminal)


def test_a_control_is_paid_by_a_state_that_it_does_not_see():
    mazes = world(4000)
    wants = draw_states(4000, generator(0, "wants"))
    task = appetite_task(mazes, wants)
    assert torch.equal(task.observations, mazes.observations)
    paid = task.rewards[torch.arange(4000), mazes.cheese]
    assert torch.equal(paid, wants[:, 0])
    both = torch.stack([paid, mazes.state[:, 0]])
    assert abs(float(torch.corrcoef(both)[0, 1])) < 5 / 4000**0.5


def test_the_state_vector_is_a_mean_difference_and_a_constant_change_of_input_at_the_stem():
    policy, mazes = net(), world()
    expected = activations(policy, mazes.feeling(*HUNGRY), "blocks.0") - activations(
        policy, mazes.feeling(*THIRSTY), "blocks.0"
    )
    assert torch.allclose(state_vector(policy, mazes, "blocks.0"), expected.mean(0), atol=1e-6)
    assert float(expected.std(0).max()) > 1e-4  # past the stem it depends on the maze
    stem = state_vector(policy, mazes, "stem")
    assert torch.allclose(stem, state_vector(policy, world(seed=1), "stem"), atol=1e-5)
    thirsty = mazes.feeling(*THIRSTY)
    added = steer_each(policy, thirsty, stem.expand(12, -1, -1, -1), 1.0, "stem")
    with torch.no_grad():
        assert torch.allclose(added, policy(mazes.feeling(*HUNGRY).observations)[0], atol=1e-5)


@pytest.mark.parametrize("what", ["state", "tiles"])
def test_vectors_by_tiles_are_read_in_other_mazes_with_the_same_two_cells(what):
    policy, mazes = net(), world(30)
    others = generate_mazes(4, 3, generator(5, "others"))
    found = vectors_by_tiles(policy, mazes, others, "blocks.1", what)
    for row in range(30):
        nobody = torch.zeros(4, 2)
        same = Appetites(others, mazes.cheese[row].expand(4), mazes.water[row].expand(4), nobody)
        one, other = same.feeling(*HUNGRY), same.feeling(*THIRSTY)
        if what == "tiles":
            one, other = other.with_water(NO_CHEESE), other.with_cheese(NO_CHEESE)
        expected = activations(policy, one, "blocks.1") - activations(policy, other, "blocks.1")
        assert torch.allclose(found[row], expected.mean(0), atol=1e-6)
    closed = Appetites(torch.zeros_like(mazes.opened), mazes.cheese, mazes.water, mazes.state)
    assert torch.equal(vectors_by_tiles(policy, closed, others, "blocks.1", what), found)  # walls are not looked at


def test_unknown_vectors_and_layers_are_refused():
    policy, mazes = net(), world()
    with pytest.raises(ValueError, match="smell"):
        vectors_by_tiles(policy, mazes, mazes.opened, "blocks.0", "smell")
    with pytest.raises(AttributeError):
        state_vector(policy, mazes, "blocks.7")


def test_vectors_are_made_as_long_as_others():
    random = generator(0, "vectors")
    vectors, model = torch.randn(5, 3, 2, 2, generator=random), torch.randn(5, 3, 2, 2, generator=random)
    scaled = as_long_as(vectors, model)
    assert torch.allclose(scaled.flatten(1).norm(dim=1), model.flatten(1).norm(dim=1))
    assert torch.allclose(torch.cosine_similarity(scaled.flatten(1), vectors.flatten(1)), torch.ones(5))
    assert float(as_long_as(torch.zeros(5, 3, 2, 2), model).abs().max()) == 0


def test_either_tile_or_none_comes_first():
    mazes = world(50, 4)
    logits = torch.randn(50, 16, 5, generator=generator(0, "logits"))
    cheese = reach_before(logits, mazes, mazes.targets, mazes.water_targets, 400)
    water = reach_before(logits, mazes, mazes.water_targets, mazes.targets, 400)
    both = reach_before(logits, mazes, mazes.targets | mazes.water_targets, torch.zeros_like(mazes.targets), 400)
    assert torch.allclose(cheese + water, both, atol=1e-5)
