"""The two worlds that `make bench` times are one world."""

import numpy as np
import pytest
import torch

from chisel.bench import in_words, paired_times
from chisel.reward_as_chisel import bench
from chisel.reward_as_chisel.world import start_cell


def test_both_worlds_answer_the_same_actions_alike():
    mazes = bench.sample_mazes(12)
    ours, theirs = bench.BatchedMazes(mazes, 3), [bench.gymnasium_mazes(mazes) for _ in range(3)]
    begun = torch.stack([torch.from_numpy(world.reset()[0]) for world in theirs], dim=1)
    assert torch.equal(ours.observe(), begun)
    ends = [0, 0]
    for actions in bench.random_actions(180, 12, 3):
        answers = ours.step(actions)
        plain = [world.step(actions[:, k].numpy())[:4] for k, world in enumerate(theirs)]
        for mine, other in zip(answers, zip(*plain, strict=True), strict=True):
            assert np.array_equal(mine.numpy(), np.stack(other, axis=1))
        ends[0] += int(answers[2].sum())
        ends[1] += int(answers[3].sum())
    assert min(ends) > 10, "both ways to end an episode were met, and what comes after them"


def test_an_observation_shows_the_maze_the_cheese_and_one_agent():
    mazes = bench.sample_mazes(4)
    world = bench.BatchedMazes(mazes, 2)
    seen = world.observe()
    assert seen.shape == (4, 2, 6, 5, 5)
    assert torch.equal(seen[:, :, :5], mazes.observations[:, None].expand(-1, 2, -1, -1, -1))
    assert (seen[:, :, 5].flatten(2).argmax(-1) == start_cell(5)).all() and (seen[:, :, 5].sum((2, 3)) == 1).all()
    kept = seen.clone()
    world.step(torch.zeros(4, 2, dtype=torch.long))
    assert torch.equal(seen, kept), "an observation is the caller's to keep"


def test_both_walks_find_the_same_cheese():
    found = bench.walk_batched()
    assert found.shape == (bench.MAZES, bench.AGENTS) and found.sum() > 100
    assert torch.equal(found[:, 0], bench.walk_in_gymnasium())


@pytest.mark.slow
def test_tables_are_at_least_fifteen_times_as_fast():
    # Thirty times on an idle core. CPU time and the best of the pairs, for other work may share the machine.
    [walks, _] = bench.BENCHES
    times = paired_times(walks.fast, walks.slow, 3)
    ours, theirs = (
        (bench.STEPS * bench.MAZES * agents) / min(column)
        for agents, column in zip((bench.AGENTS, 1), zip(*times, strict=True), strict=True)
    )
    assert ours >= 15 * theirs, in_words(walks, times)


def test_a_stack_trains_as_many_agents_as_the_loop(monkeypatch):
    monkeypatch.setattr(bench, "UPDATES", 1)
    assert len(bench.train([range(2)])) == len(bench.train([[0], [1]])) == 2
