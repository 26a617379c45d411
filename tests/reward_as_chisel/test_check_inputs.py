"""What the checks of this chapter know beforehand is itself compared with something else."""

import itertools

import pytest
import torch

from chisel.checking import Draw
from chisel.reward_as_chisel.checks._networks import (
    Asked,
    Field,
    forwards_replaced,
    fresh,
    hooks_left,
    some_mazes,
)
from chisel.reward_as_chisel.checks._trees import corridor, grown, winding
from chisel.reward_as_chisel.mazes import next_cells

LAYERS = ("stem", "blocks.0", "blocks.1", "blocks", "summary", "head", "spread")


@pytest.mark.parametrize("seed", range(5))
def test_a_network_is_traced_as_it_runs(seed):
    draw = Draw(seed, "trace")
    net, (mazes, cell) = Field(draw, 3, 2), some_mazes(draw, 4, 3)
    logits, values = net(mazes.observations)
    traced, outputs = net.trace(mazes.observations)
    assert torch.allclose(logits, traced, atol=1e-6) and values.shape == (4, 9)
    assert cell not in mazes.cheese.tolist() and cell // 3 != cell % 3
    for layer in LAYERS:
        seen = []
        handle = net.get_submodule(layer).register_forward_hook(lambda module, given, out, to=seen: to.append(out))
        net(mazes.observations)
        handle.remove()
        assert torch.allclose(seen[0], outputs[layer], atol=1e-5), layer
        assert tuple(seen[0].shape[1:]) == net.row(layer), layer
        assert all(net.row(other) == net.row(layer) for other in net.like(layer)) and layer not in net.like(layer)


def test_no_two_mazes_of_a_batch_are_alike():
    for seed in range(300):
        opened = some_mazes(Draw(seed, "alike"), 4, 3)[0].opened
        assert len({tuple(one.flatten().tolist()) for one in opened}) == 4, seed


@pytest.mark.parametrize("seed", [252, 258, 315, 402, 1176])
def test_a_cheese_that_is_left_out_is_seen_on_seeds_that_once_drew_one_maze_twice(seed):
    from chisel.reward_as_chisel import checks
    from galleries.reward_as_chisel.cheese_vector import mazes_with_the_cheese_there_left_out

    assert checks.cheese_vector.run(mazes_with_the_cheese_there_left_out, seed=seed).id == "own-cheese-counts"


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_added_to_a_layer_reaches_the_logits_of_the_trace(layer):
    draw = Draw(1, "added")
    net, (mazes, _) = Field(draw, 4, 3), some_mazes(draw, 2, 4)
    push = draw.normal(*net.row(layer)).float()
    handle = net.get_submodule(layer).register_forward_hook(lambda *call: call[-1] + push)
    hooked = net(mazes.observations)[0]
    assert hooks_left(net) == [layer]
    handle.remove()
    assert not hooks_left(net)
    assert torch.allclose(hooked, net.trace(mazes.observations, {layer: push})[0], atol=1e-5)
    assert not torch.allclose(hooked, net(mazes.observations)[0], atol=1e-3)


def test_a_network_asked_once_a_cell_has_a_row_for_each():
    draw = Draw(2, "asked")
    net, (mazes, _) = Asked(draw, 3), some_mazes(draw, 2, 3)
    heads = net.heads(mazes.observations)
    assert heads.shape == (18, 6) and torch.equal(heads[9:, :5], net(mazes.observations)[0][1])
    state = torch.get_rng_state()
    Asked(draw, 3)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_replaced_forward_is_seen_and_one_put_back_is_not():
    net = fresh(Field(Draw(3, "forward"), 3, 2), training=False)
    assert not net.training and not forwards_replaced(net)
    forward = net.stem.forward
    net.stem.forward = lambda x: forward(x)
    assert forwards_replaced(net) == ["stem"]
    net.stem.forward = forward
    assert not forwards_replaced(net)


@pytest.mark.parametrize("seed", range(5))
def test_trees_are_perfect_mazes_and_know_their_ways(seed):
    draw = Draw(seed, "trees")
    size, line = 4, winding(4)
    tree = grown(size, draw.integer(0, 16), draw)
    for maze in (tree, tree.turned(), tree.restarted(3), tree.extended(6, draw), corridor(line, 5, size)):
        assert int(maze.opened.sum()) == 2 * (maze.size**2 - 1)
        assert torch.equal(maze.table(), next_cells(maze.opened))
        for cell, way in enumerate(maze.ways):
            assert way[0] == maze.start and way[-1] == cell and len(set(way)) == len(way)
            steps = itertools.pairwise(way)
            assert all(there in maze.table()[0, here] for here, there in steps)
    four = tree
    for _ in range(4):
        four = four.turned()
    assert four == tree and tree.restarted(3).start == 3
    choice = tree.choice(1, 14)
    both = set(tree.ways[1]) & set(tree.ways[14])
    assert choice.shared == len(both) - 1 and choice.to_cheese == len(tree.ways[1]) - len(both)
    assert tree.ways[1].index(tree.fork(choice)) == choice.shared
    picture = tree.drawn(choice).replace("\n", "")
    assert picture.count("-") + picture.count("|") == 15 and "C" in picture and "X" in picture
