"""Properties of the exact measurements: against sampling, against closed forms, and where nothing is to be found."""

import math

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reward_as_chisel.chains import hit_probability, rollout
from chisel.reward_as_chisel.measurements import (
    bottom_left,
    cells_but_start,
    cheese_in_region,
    corner_choice,
    expected_visits,
    first_of,
    held_out_mazes,
    logistic_fit,
    logits_of,
    mean_where,
    reach_before,
    reach_cheese,
    reach_region,
)
from chisel.reward_as_chisel.world import Mazes, corner_cell, draw_mazes, region_cells

CPU = torch.device("cpu")
SETTINGS = {"mazes": 40, "size": 4}


def some_mazes(batch: int = 6, size: int = 4, seed: int = 0) -> Mazes:
    return draw_mazes(batch, size, cells_but_start(size), generator(seed, "mazes"))


def some_logits(mazes: Mazes, seed: int = 1) -> torch.Tensor:
    return torch.randn(mazes.next_table.shape, generator=generator(seed, "logits"), dtype=torch.float64)


def test_visits_on_the_cheese_are_the_chance_of_reaching_it_and_all_sum_to_the_time_taken():
    mazes = some_mazes()
    logits, start = some_logits(mazes), bottom_left(mazes)
    visits = expected_visits(logits, mazes.next_table, mazes.targets, start, 20)
    reached = reach_cheese(logits, mazes, 20)
    assert torch.allclose((visits * mazes.targets).sum(1), reached)
    met = [hit_probability(logits, mazes.next_table, mazes.targets, start, steps) for steps in range(20)]
    going = (1 - torch.stack(met)).sum(0)
    assert torch.allclose(visits.sum(1), 1 + going)
    assert (visits.gather(1, start[:, None]) >= 1).all()


def test_visits_agree_with_sampled_episodes():
    mazes = some_mazes(2)
    logits, start = some_logits(mazes), bottom_left(mazes)
    agents, steps = 20_000, 12
    states, _, alive = rollout(
        logits, mazes.next_table, start[:, None].repeat(1, agents), mazes.targets, steps, generator(3)
    )
    began = torch.cat([torch.ones_like(alive[..., :2]), alive[..., :-1]], -1)  # True up to the arrival
    counted = torch.zeros(2, 16, dtype=torch.float64)
    counted.scatter_add_(1, states.flatten(1), began.double().flatten(1))
    expected = expected_visits(logits, mazes.next_table, mazes.targets, start, steps)
    assert torch.allclose(counted / agents, expected, atol=0.05)


def test_without_an_end_visits_sum_to_all_the_time_there_is():
    mazes = some_mazes().without_cheese()
    visits = expected_visits(some_logits(mazes), mazes.next_table, mazes.targets, bottom_left(mazes), 7)
    assert torch.allclose(visits.sum(1), torch.full((len(mazes),), 8.0, dtype=torch.float64))


def test_one_of_two_places_comes_first_and_never_both():
    mazes = some_mazes(30)
    mazes = mazes[mazes.cheese != corner_cell(mazes.size)]
    logits = some_logits(mazes)
    cheese, corner = first_of(logits, mazes, 30)
    either = mazes.targets | mazes.with_cheese(corner_cell(mazes.size)).targets
    met = hit_probability(logits, mazes.next_table, either, bottom_left(mazes), 30)
    assert torch.allclose(cheese + corner, met)
    assert (cheese <= reach_cheese(logits, mazes, 30) + 1e-12).all()
    none = torch.zeros_like(either)
    assert torch.allclose(reach_before(logits, mazes, either, none, 30), met)


def test_the_order_of_a_forced_maze_is_certain():
    mazes = some_mazes(200)
    choice = corner_choice(mazes)
    logits = some_logits(mazes)
    cheese, corner = first_of(logits, mazes, 40)
    on_the_way = (choice["to_cheese"] == 0) & (mazes.cheese != corner_cell(mazes.size))
    behind = (choice["to_corner"] == 0) & (mazes.cheese != corner_cell(mazes.size))
    assert on_the_way.any() and behind.any()
    assert (corner[on_the_way] == 0).all() and (cheese[behind] == 0).all()


def test_given_time_a_random_walk_chooses_by_the_ratio_of_the_ways():
    mazes = some_mazes(100)
    choice = corner_choice(mazes)
    free = ~choice["forced"]
    cheese, _ = first_of(torch.zeros(mazes.next_table.shape, dtype=torch.float64), mazes, 6000)
    ratio = choice["to_corner"] / (choice["to_cheese"] + choice["to_corner"])
    assert free.sum() > 10
    assert torch.allclose(cheese[free], ratio[free].double(), atol=1e-6)


def test_no_network_is_a_random_walk():
    mazes = some_mazes()
    assert (logits_of(None, mazes).softmax(-1) == 0.2).all()


def test_a_region_is_entered_sooner_the_larger_it_is():
    mazes = some_mazes().without_cheese()
    logits = some_logits(mazes)
    chances = torch.stack([reach_region(logits, mazes, k, 15) for k in (1, 2, 3, 4)])
    assert (chances.diff(dim=0) >= -1e-12).all()
    assert torch.allclose(chances[-1], torch.ones_like(chances[-1]))  # the whole maze holds the start
    assert torch.allclose(chances[0], reach_cheese(logits, mazes.with_cheese(corner_cell(4)), 15))


def test_held_out_mazes_are_an_agent_s_own_and_show_the_cheese_anywhere_but_at_the_start():
    mazes = held_out_mazes({"mazes": 400, "size": 4}, 0, 1, CPU)
    assert set(mazes.cheese.tolist()) == set(cells_but_start(4).tolist())
    again = held_out_mazes({"mazes": 400, "size": 4}, 0, 1, CPU)
    assert torch.equal(mazes.opened, again.opened) and torch.equal(mazes.cheese, again.cheese)
    for other in (held_out_mazes(SETTINGS, 0, 2, CPU), held_out_mazes(SETTINGS, 1, 1, CPU)):
        assert not torch.equal(mazes.opened[:40], other.opened)


def test_a_cheese_is_in_the_region_where_the_region_says_so():
    mazes = some_mazes(80)
    wanted = set(region_cells(4, 2).tolist())
    assert cheese_in_region(mazes, 2).tolist() == [cell in wanted for cell in mazes.cheese.tolist()]
    assert cheese_in_region(mazes, 4).all()


def test_a_mean_over_no_maze_is_refused():
    assert mean_where(torch.tensor([1.0, 2.0, 6.0]), [True, False, True]) == 3.5
    with pytest.raises(ValueError, match="no maze is left"):
        mean_where(torch.ones(3), torch.zeros(3, dtype=torch.bool))


def test_a_fit_finds_the_coefficients_that_made_exact_labels():
    features = torch.randn(400, 3, generator=generator(0), dtype=torch.float64)
    made = torch.tensor([0.3, -1.5, 0.0, 2.0], dtype=torch.float64)
    labels = torch.sigmoid(made[0] + features @ made[1:])
    weights = torch.rand(400, generator=generator(1), dtype=torch.float64)
    assert torch.allclose(logistic_fit(features, labels, weights, ridge=0.0), made, atol=1e-9)
    assert torch.allclose(logistic_fit(features, labels, 7 * weights), made, atol=1e-3)


def test_a_fit_of_one_yes_or_no_is_the_log_odds():
    features = torch.tensor([[0.0]] * 10 + [[1.0]] * 10)
    labels = torch.tensor([1.0] * 2 + [0.0] * 8 + [1.0] * 6 + [0.0] * 4)
    found = logistic_fit(features, labels, torch.ones(20), ridge=0.0)
    assert math.isclose(found[0], math.log(2 / 8), rel_tol=1e-9)
    assert math.isclose(found[1], math.log(6 / 4) - math.log(2 / 8), rel_tol=1e-9)
    heavy = logistic_fit(features, labels, torch.tensor([0.0] + [1.0] * 19), ridge=0.0)
    assert math.isclose(heavy[0], math.log(1 / 8), rel_tol=1e-9)


def test_labels_that_can_be_told_apart_exactly_still_give_finite_coefficients():
    features = torch.linspace(-2, 2, 50)[:, None]
    found = logistic_fit(features, (features[:, 0] > 0).float(), torch.ones(50))
    assert torch.isfinite(found).all() and found[1] > 5


def test_a_fit_without_rows_is_refused():
    with pytest.raises(ValueError, match="weight above 0"):
        logistic_fit(torch.ones(3, 1), torch.ones(3), torch.zeros(3))
