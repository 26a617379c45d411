"""The live experiments of the notebook, on the library's functions: laptop scale, and the gpu scale's code path."""

import pytest
import torch

from chisel.core.scale import LAPTOP, Scale
from chisel.core.seeding import generator
from chisel.reward_as_chisel import button, chains, disreward, paths, steering, training, world
from chisel.reward_as_chisel.agents import new_agents
from chisel.reward_as_chisel.presets import FIELD
from chisel.reward_as_chisel.training import A2C
from chisel.reward_as_chisel.workbench import agents, edits


class SmallGpu(Scale):
    """The gpu preset's code path at a size that a test can afford."""

    def pick(self, laptop: int, gpu: int) -> int:
        assert gpu > laptop, "the gpu preset is the larger one"
        return max(2, laptop // 2)


SCALES = [LAPTOP, SmallGpu("gpu", torch.device("cpu"))]


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """Make every training a few updates long, and keep checkpoints out of the user's folder."""
    monkeypatch.setenv("CHISEL_CACHE", str(tmp_path))
    for module in (agents, edits):
        monkeypatch.setattr(module, "FIELD", {**FIELD, "bank": 400, "method": {"updates": 4, "mazes": 8}})
    return tmp_path


@pytest.fixture(scope="module")
def untrained():
    return dict(zip((1, 2, 3), new_agents(FIELD, 0, 3), strict=True))


def points(figure):
    """The figure's lines and points by name, without the bands around them."""
    return {trace.name: list(trace.y) for trace in figure.data if trace.meta not in ("band", "drawing")}


def test_mazes_are_drawn_with_the_function_that_was_given():
    seen = []

    def spy(batch, size, random):
        seen.append((batch, size))
        return world.generate_mazes(batch, size, random)

    assert len(agents.drawn_mazes_figure(spy).data) == 16
    assert seen == [(4, 7)]


@pytest.mark.parametrize("scale", SCALES, ids=lambda s: s.name)
def test_sampled_shares_lie_on_the_diagonal_for_the_right_functions_only(scale):
    figure = agents.sampled_against_exact(chains.rollout, chains.hit_probability, scale)
    exact, sampled = torch.tensor(figure.data[1].x), torch.tensor(figure.data[1].y)
    assert (exact - sampled).abs().max() < 0.15

    def still(logits, *rest):
        return chains.hit_probability(torch.zeros_like(logits), *rest)

    wrong = agents.sampled_against_exact(chains.rollout, still, scale)
    assert (torch.tensor(wrong.data[1].x) - torch.tensor(wrong.data[1].y)).abs().max() > 0.15


def test_small_agents_learn_with_the_right_advantages_and_not_with_their_negative():
    right = points(agents.learning_figure(training.gae))["5 agents"]
    wrong = points(agents.learning_figure(lambda *a: -training.gae(*a), updates=50))["5 agents"]
    assert right[-1] > right[0] + 0.3
    assert wrong[-1] < wrong[0] + 0.05


def test_live_training_uses_the_learners_advantages_and_leaves_no_checkpoint(quick):
    calls = []

    def spy(*arguments):
        calls.append(arguments)
        return training.gae(*arguments)

    trained = agents.train_live(spy)
    assert set(trained) == {1, 2, 3} and len(calls) == 4
    assert not list(quick.rglob("*.pt"))
    for k, inside, elsewhere in agents.success_table(chains.hit_probability, trained):
        assert k in trained and inside and elsewhere


def test_influences_are_drawn_for_the_agents_and_for_a_random_walk(untrained):
    drawn = points(agents.influences_figure(paths.decision_features, untrained))
    assert set(drawn) == {"k = 2", "k = 3", "random walk"}
    way_to_cheese, way_to_corner, straight = drawn["random walk"]
    assert way_to_cheese < 0 < way_to_corner and abs(straight) < 0.3


def test_steering_starts_from_the_same_point_for_every_vector(untrained):
    drawn = points(
        edits.steering_figure(steering.cheese_vector, steering.steer, untrained[3], coefficients=(-1.0, 0.0))
    )
    assert len({round(values[1], 6) for values in drawn.values()}) == 1


def test_disreward_compares_both_signs_from_one_start(quick, untrained):
    def brief(net, updates, sign, task, random):
        return disreward.disreward(net, updates, sign, task, random, A2C(mazes=8, lr=1e-3, warmup=0))

    drawn = points(edits.disreward_figure(brief, untrained[3], at=(0, 3), repeats=2))
    assert len(drawn) == 4
    assert drawn["P(cheese), reward -1"][0] == drawn["P(cheese), reward +1"][0]
    assert drawn["P(cheese), reward -1"][1] != drawn["P(cheese), reward +1"][1]


def test_button_worlds_are_trained_closed_and_tested_open(quick):
    asked = []

    def spy(bank, p_open, random):
        asked.append(p_open)
        return button.button_world(bank, p_open, random)

    drawn = points(edits.button_figure(spy, chances=(0.0, 1.0)))
    assert asked == [0.0, 1.0, 1.0]
    assert all(0 <= chance <= 1 for values in drawn.values() for chance in values)


def test_the_live_banks_differ_from_the_mazes_that_agents_are_judged_in(untrained):
    unseen = agents._unseen(untrained[1], 50)
    again = world.generate_mazes(50, 5, generator(0, "bank", 1, 0))
    assert not torch.equal(unseen.opened, again)
