"""Reading vectors out of a network, putting them back, and editing single channels."""

import pytest
import torch
from torch import nn

from chisel.core.seeding import generator
from chisel.reward_as_chisel import steering
from chisel.reward_as_chisel.model import new_policy
from chisel.reward_as_chisel.retargeting import Edit, other_channels, patch_mask, responses, retarget, top_share
from chisel.reward_as_chisel.steering import cheese_vector, steer
from chisel.reward_as_chisel.world import NO_CHEESE, Mazes, WorldError, draw_mazes, generate_mazes

LAYER = "blocks.0"
KINDS = pytest.mark.parametrize("kind", ["field", "place"])


def policy(kind: str = "field", seed: int = 0) -> nn.Module:
    """An untrained policy whose places are not all alike, as they are in a trained one."""
    net = new_policy(kind, generator(seed, "net"), size=4, channels=8, blocks=2)
    with torch.no_grad():
        net.get_parameter("places").copy_(torch.randn(8, 4, 4, generator=generator(seed, "places")))
    return net


def bare_mazes(count: int, label: str = "mazes") -> Mazes:
    return Mazes(generate_mazes(count, 4, generator(1, label)), torch.full((count,), NO_CHEESE))


def has_hooks(net: nn.Module) -> bool:
    return any(module._forward_hooks for module in net.modules())


@KINDS
def test_a_vector_of_one_maze_gives_back_that_maze_with_the_cheese(kind):
    """Why same-maze vectors are no evidence."""
    net, maze = policy(kind), bare_mazes(1)
    places = 16 if kind == "place" else 1
    with torch.no_grad():
        shown = net(maze.with_cheese(6).observations)[0]
    vector = steering.activations(net, maze.with_cheese(6), LAYER) - steering.activations(net, maze, LAYER)
    assert vector.shape == (places, 8, 4, 4)
    given_back = steering.edited(net, maze, LAYER, lambda out: out + vector)
    torch.testing.assert_close(given_back, shown, atol=1e-5, rtol=0)
    if kind == "field":
        torch.testing.assert_close(vector[0], cheese_vector(net, maze, 6, LAYER))


def test_at_the_first_linear_layer_every_maze_gives_the_same_vector():
    net = policy()
    assert steering.shared_part(net, bare_mazes(20), 6, "stem") == pytest.approx(1, abs=1e-4)
    assert steering.shared_part(net, bare_mazes(20), 6, LAYER) < 0.999


@KINDS
def test_the_vector_is_a_mean_over_mazes(kind):
    net, mazes = policy(kind), bare_mazes(6)
    parts = [cheese_vector(net, mazes[i : i + 1], 6, LAYER) for i in range(6)]
    torch.testing.assert_close(cheese_vector(net, mazes, 6, LAYER), torch.stack(parts).mean(0), atol=1e-5, rtol=0)


@KINDS
def test_steering_with_coefficient_zero_changes_nothing_and_leaves_no_hook(kind):
    net, mazes = policy(kind), bare_mazes(5).with_cheese(3)
    vector = cheese_vector(net, mazes, 6, LAYER)
    with torch.no_grad():
        plain = net(mazes.observations)[0]
    assert torch.equal(steer(net, mazes, vector, 0.0, LAYER), plain)
    assert not torch.allclose(steer(net, mazes, vector, 1.0, LAYER), plain)
    assert not has_hooks(net) and not steer(net, mazes, vector, 1.0, LAYER).requires_grad


def test_hooks_are_removed_also_when_the_network_fails():
    net, mazes = policy(), bare_mazes(2)
    with pytest.raises(RuntimeError):
        steer(net, mazes, torch.zeros(3, 4, 4), 1.0, LAYER)
    assert not has_hooks(net)
    with pytest.raises(AttributeError):
        cheese_vector(net, mazes, 6, "blocks.9")


@KINDS
def test_a_vector_for_each_maze_is_the_same_as_one_maze_after_another(kind):
    net, mazes = policy(kind), bare_mazes(3)
    vectors = torch.stack([cheese_vector(net, bare_mazes(5, "other"), cell, LAYER) for cell in (5, 6, 9)])
    together = steering.steer_each(net, mazes, vectors, -1.0, LAYER)
    for row in range(3):
        alone = steer(net, mazes[row : row + 1], vectors[row], -1.0, LAYER)
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-5, rtol=0)


def test_mazes_off_the_path_keep_the_cheese_off_it():
    opened, cells = generate_mazes(200, 4, generator(2)), torch.tensor([0, 5, 8])
    mazes, which = steering.mazes_off_the_path(opened, cells, 12)
    assert mazes.cheese.tolist() == [0] * 12 + [5] * 12 + [8] * 12 == cells[which].tolist()
    for maze in range(len(mazes)):
        assert int(mazes.cheese[maze]) not in path(mazes.opened[maze], 12, 3)
    with pytest.raises(WorldError, match="cell 0"):
        steering.mazes_off_the_path(opened[:10], cells, 12)


def path(opened: torch.Tensor, start: int, end: int) -> list[int]:
    """Cells from start to end in a perfect maze of 4 x 4, by depth-first search."""
    trail = [(start, [start])]
    while trail:
        cell, way = trail.pop()
        if cell == end:
            return way
        for direction, step in enumerate((-4, 4, -1, 1)):
            if opened[cell, direction] and cell + step not in way:
                trail.append((cell + step, [*way, cell + step]))
    raise AssertionError("the maze is not connected")


def test_cells_outside_leave_out_the_region_and_the_start():
    assert steering.cells_outside(4, 2).tolist() == [0, 1, 4, 5, 8, 9, 10, 11, 13, 14, 15]


def test_a_wrong_cell_touches_nothing_of_the_right_one():
    cells = steering.cells_outside(5, 3)
    for seed in range(20):
        wrong = steering.wrong_cells(cells, 5, generator(seed))
        assert torch.isin(wrong, cells).all()
        assert (torch.maximum((wrong // 5 - cells // 5).abs(), (wrong % 5 - cells % 5).abs()) > 1).all()
    with pytest.raises(WorldError):
        steering.wrong_cells(torch.tensor([0, 1, 4]), 4, generator(0))


CELLS = torch.tensor([5, 10])


def edited_layer(edit: Edit, into: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """What comes out of the layer in one maze with target 5, plain and edited."""
    net, maze = policy(), bare_mazes(1)
    found = responses(net, bare_mazes(6, "other"), CELLS, LAYER)
    plain = steering.activations(net, maze, LAYER)
    seen: list[torch.Tensor] = []
    block = net.get_submodule("blocks.1")
    handle = block.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    retarget(net, maze, CELLS[:1], found, torch.tensor([0]), edit, into)
    handle.remove()
    assert not has_hooks(net)
    return plain[0], seen[0][0]


@pytest.mark.parametrize("mode", ["set", "add"])
@pytest.mark.parametrize(("patch", "cells"), [("cell", 1), ("3x3", 9), ("painted", 9)])
def test_an_edit_touches_only_its_channels_in_its_cells(mode, patch, cells):
    plain, edited = edited_layer(Edit(LAYER, mode, patch, 5.0, 2))
    changed = plain != edited
    assert changed.sum() == 2 * cells and changed.flatten(1).any(1).sum() == 2
    assert changed[:, 1, 1].sum() == 2  # cell 5 of 4 x 4


def test_adding_and_setting_put_in_what_they_say():
    net, other = policy(), bare_mazes(6, "other")
    found = responses(net, other, CELLS, LAYER)
    first = int(found.order[0])
    plain, added = edited_layer(Edit(LAYER, "add", "cell", 2.0, 1))
    _, changed = edited_layer(Edit(LAYER, "set", "cell", 2.0, 1))
    _, painted = edited_layer(Edit(LAYER, "set", "painted", 2.0, 1))
    move = 2 * found.vectors[0, first]
    torch.testing.assert_close(added[first, 1, 1], plain[first, 1, 1] + move[1, 1])
    torch.testing.assert_close(changed[first, 1, 1], found.without[first, 1, 1] + move[1, 1])
    torch.testing.assert_close(painted[first, 0, 2], found.without[first, 0, 2] + move[1, 1])


def test_adding_all_of_a_vector_everywhere_it_reaches_is_steering():
    """On 3 x 3 mazes a patch around the middle is the whole board."""
    net = new_policy("field", generator(0, "net"), size=3, channels=8, blocks=2)
    mazes = Mazes(generate_mazes(7, 3, generator(3)), torch.full((7,), NO_CHEESE))
    middle = torch.full((7,), 4)
    found = responses(net, mazes, middle[:1], LAYER)
    edit = Edit(LAYER, "add", "3x3", 1.0, 8)
    logits = retarget(net, mazes, middle, found, torch.zeros(7, dtype=torch.long), edit)
    torch.testing.assert_close(logits, steer(net, mazes, found.vectors[0], 1.0, LAYER), atol=1e-5, rtol=0)


def test_channels_are_ranked_by_their_response_and_the_control_takes_others():
    found = responses(policy(), bare_mazes(6), CELLS, LAYER)
    assert sorted(found.order.tolist()) == list(range(8))
    shares = [top_share(found, CELLS, count) for count in (1, 4, 8)]
    assert 0 < shares[0] < shares[1] < shares[2] and shares[2] == pytest.approx(1)
    for count in (1, 2, 4):
        assert not set(other_channels(found.order, count).tolist()) & set(found.order[:count].tolist())
    assert (other_channels(found.order, 8) != found.order).all()


def test_edits_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="no edit"):
        edited_layer(Edit(LAYER, "replace", "cell", 1.0, 1))
    with pytest.raises(ValueError, match="a patch"):
        edited_layer(Edit(LAYER, "add", "row", 1.0, 1))


def test_a_patch_ends_at_the_wall():
    assert patch_mask(torch.tensor([0]), 4, 1)[0].nonzero().tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_vectors_do_not_depend_on_where_the_mazes_had_their_cheese():
    net, mazes = policy(), draw_mazes(6, 4, torch.arange(16), generator(4))
    torch.testing.assert_close(
        cheese_vector(net, mazes, 6, LAYER), cheese_vector(net, mazes.without_cheese(), 6, LAYER)
    )
