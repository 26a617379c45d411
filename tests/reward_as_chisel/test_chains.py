"""Sampled walks and exact chances agree with each other, and with what one can work out by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chisel.core.seeding import generator
from chisel.reward_as_chisel.chains import hit_probability, rollout
from chisel.reward_as_chisel.world import STAY, draw_mazes, region_cells, start_cell

RIGHT, LEFT = 3, 2


def corridor(cells: int = 4) -> torch.Tensor:
    """A row of cells [1, S, 5]; at its ends one stays."""
    here = torch.arange(cells)
    left, right = (here - 1).clamp(min=0), (here + 1).clamp(max=cells - 1)
    return torch.stack([here, here, left, right, here], dim=-1)[None]


def always(action: int, cells: int = 4) -> torch.Tensor:
    logits = torch.full((1, cells, 5), -torch.inf)
    logits[..., action] = 0
    return logits


def at(cell: int, cells: int = 4) -> torch.Tensor:
    return torch.arange(cells)[None] == cell


def random_case(seed: int, batch: int = 6, size: int = 3):
    random = generator(seed, "case")
    mazes = draw_mazes(batch, size, region_cells(size, size), random)
    logits = 1.5 * torch.randn(batch, size * size, 5, generator=random)
    return mazes, logits, torch.full((batch,), start_cell(size))


def test_a_straight_walk():
    states, actions, alive = rollout(
        always(RIGHT), corridor(), torch.tensor([[0, 2, 3]]), at(3), 4, generator(0, "walk")
    )
    assert states[0].tolist() == [[0, 1, 2, 3, 3], [2, 3, 3, 3, 3], [3, 3, 3, 3, 3]]
    assert alive[0].tolist() == [[True, True, False, False], [False] * 4, [False] * 4]
    assert actions[0, 0, :3].tolist() == [RIGHT] * 3


@given(seed=st.integers(0, 1000), agents=st.integers(1, 7), steps=st.integers(1, 12))
def test_walks_keep_to_the_rules(seed, agents, steps):
    mazes, logits, start = random_case(seed)
    states, actions, alive = rollout(
        logits, mazes.next_table, start[:, None].repeat(1, agents), mazes.targets, steps, generator(seed)
    )
    assert states.shape == (6, agents, steps + 1) and actions.shape == alive.shape == (6, agents, steps)
    rows = torch.arange(6)[:, None, None]
    on_end = mazes.targets[rows, states]
    # An episode goes on exactly as long as no terminal cell has been stood on.
    assert torch.equal(alive, on_end.cumsum(-1)[..., 1:] == 0)
    led_to = mazes.next_table[rows, states[..., :-1], actions]
    begun = on_end.cumsum(-1)[..., :-1] == 0
    assert torch.equal(states[..., 1:], torch.where(begun, led_to, states[..., :-1]))


def test_actions_are_as_frequent_as_the_softmax_says():
    logits = torch.tensor([1.0, 0.0, -1.0, 2.0, -torch.inf]).expand(1, 1, 5)
    still = torch.zeros(1, 1, 5, dtype=torch.long)
    start, end = torch.zeros(1, 400, dtype=torch.long), torch.zeros(1, 1, dtype=torch.bool)
    actions = rollout(logits, still, start, end, 100, generator(0, "frequency"))[1]
    shares = torch.bincount(actions.flatten(), minlength=5) / actions.numel()
    torch.testing.assert_close(shares, torch.softmax(logits[0, 0], -1), rtol=0, atol=0.0125)  # five standard errors
    assert shares[4] == 0


def test_walks_depend_on_their_generator_alone():
    mazes, logits, start = random_case(0)
    before = torch.get_rng_state()
    one, two, other = (
        rollout(logits, mazes.next_table, start[:, None].repeat(1, 9), mazes.targets, 20, generator(seed))[0]
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two) and not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_chances_in_a_corridor():
    start, uniform = torch.tensor([0]), torch.zeros(1, 4, 5)
    assert hit_probability(always(RIGHT), corridor(), at(3), start, 3).item() == 1
    assert hit_probability(always(RIGHT), corridor(), at(3), start, 2).item() == 0
    assert hit_probability(always(LEFT), corridor(), at(3), start, 99).item() == 0
    assert hit_probability(always(STAY), corridor(), at(0), start, 0).item() == 1, "time 0 counts"
    for steps in range(8):  # one step to the right with chance 1/5 each time
        found = hit_probability(uniform, corridor(), at(1), start, steps).item()
        assert found == pytest.approx(1 - 0.8**steps, abs=1e-6)


def test_having_passed_counts_as_having_been_there():
    assert hit_probability(always(RIGHT), corridor(), at(1), torch.tensor([0]), 3).item() == 1


@pytest.mark.parametrize("seed", range(3))
def test_exact_chances_agree_with_walks(seed):
    mazes, logits, start = random_case(seed)
    exact = hit_probability(logits, mazes.next_table, mazes.targets, start, 12)
    agents = 8000
    states, _, _ = rollout(
        logits, mazes.next_table, start[:, None].repeat(1, agents), mazes.targets, 12, generator(seed, "walks")
    )
    met = mazes.targets[torch.arange(6)[:, None], states[..., -1]].float().mean(1)
    assert (met - exact).abs().max() < 5 * 0.5 / agents**0.5
    assert ((exact > 0.05) & (exact < 0.95)).any(), "otherwise this compares trivial cases"


@given(seed=st.integers(0, 1000))
def test_chances_grow_with_time_and_with_targets(seed):
    mazes, logits, start = random_case(seed)
    chances = torch.stack(
        [hit_probability(logits.double(), mazes.next_table, mazes.targets, start, steps) for steps in range(0, 20, 3)]
    )
    assert (chances >= 0).all() and (chances <= 1 + 1e-12).all()
    assert (chances.diff(dim=0) >= -1e-12).all()
    more = mazes.targets.clone()
    more[:, 4] = True
    assert (hit_probability(logits.double(), mazes.next_table, more, start, 18) >= chances[-1] - 1e-12).all()
    everywhere = torch.ones_like(more)
    assert (hit_probability(logits, mazes.next_table, everywhere, start, 5) == 1).all()


def test_chances_can_be_differentiated():
    mazes, logits, start = random_case(1)
    logits.requires_grad_()
    hit_probability(logits, mazes.next_table, mazes.targets, start, 9).sum().backward()
    assert logits.grad.isfinite().all() and logits.grad.abs().sum() > 0
