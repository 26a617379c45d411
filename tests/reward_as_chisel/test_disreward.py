"""Taking the reward back, and the critics with which that begins."""

import pytest
import torch
from torch import Tensor

from chisel.core.seeding import generator
from chisel.reward_as_chisel.critics import exact_values, refit_critic, scale_critic
from chisel.reward_as_chisel.disreward import AFTERWARDS, disreward
from chisel.reward_as_chisel.model import FieldPolicy, PlacePolicy
from chisel.reward_as_chisel.tasks import Task, cheese_task
from chisel.reward_as_chisel.world import draw_mazes, region_cells

POLICIES = [FieldPolicy(3, channels=6, blocks=1), PlacePolicy(3, channels=4, blocks=1, hidden=8)]
for_each_policy = pytest.mark.parametrize("net", POLICIES, ids=lambda net: type(net).__name__)


def small_task(mazes: int = 30) -> Task:
    return cheese_task(draw_mazes(mazes, 3, region_cells(3, 2), generator(0)))


def answers(net: torch.nn.Module, task: Task) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        return net(task.observations)


def weights(net: torch.nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])


@for_each_policy
def test_the_trained_network_is_left_alone_and_the_copy_moves(net):
    before, task = weights(net).clone(), small_task()
    after = disreward(net, 2, -1.0, task, generator(1))
    assert torch.equal(weights(net), before)
    assert not torch.equal(weights(after), before)
    assert torch.equal(weights(disreward(net, 0, -1.0, task, generator(1))), before)


def test_the_sign_is_that_of_the_reward_and_nothing_else():
    net, task = POLICIES[0], small_task()
    minus = disreward(net, 2, -1.0, task, generator(1))
    assert torch.equal(weights(minus), weights(disreward(net, 2, 1.0, task.paying(-1), generator(1))))
    assert not torch.equal(weights(minus), weights(disreward(net, 2, 1.0, task, generator(1))))
    assert AFTERWARDS.rate(0) == AFTERWARDS.rate(1000)


def test_exact_values_of_a_policy_that_walks_straight_to_the_cheese():
    task = small_task()
    far = torch.where(task.terminal, 0, 9)
    for _ in range(9):
        far = torch.minimum(far, 1 + far.gather(1, task.next_table.flatten(1)).view(*far.shape, -1).amin(-1))
    after = far.gather(1, task.next_table.flatten(1)).view(task.next_table.shape)
    logits = torch.where(after < far[..., None], 40.0, 0.0)
    values = exact_values(logits, task, 0.9)
    counts = ~task.terminal
    assert torch.allclose(values[counts], 0.9 ** (far[counts].double() - 1), atol=1e-9)
    assert torch.allclose(exact_values(logits, task.paying(-1), 0.9)[counts], -values[counts])
    assert torch.equal(exact_values(logits, task.paying(0), 0.9), torch.zeros_like(values))


@for_each_policy
def test_a_new_critic_leaves_the_policy_alone(net):
    task = small_task()
    logits, values = answers(net, task)
    scaled_logits, scaled = answers(scale_critic(net, -2.0), task)
    fitted_logits, fitted = answers(refit_critic(net, task, 0.9), task)
    assert torch.equal(scaled_logits, logits) and torch.equal(fitted_logits, logits)
    assert torch.allclose(scaled, -2 * values, atol=1e-5)
    counts = ~task.terminal
    wanted = exact_values(logits, task, 0.9)[counts]

    def error(guess: Tensor) -> float:
        return float(((guess[counts] - wanted) ** 2).mean())

    assert error(fitted) < error(values)
    assert error(fitted) < float(wanted.var())  # better than the best constant
    assert not net.get_submodule("head")._forward_pre_hooks


@for_each_policy
def test_a_refitted_critic_is_the_best_that_the_last_layer_can_be(net):
    """Least squares: no small step of the value's weights makes it better."""
    task = small_task()
    fitted = refit_critic(net, task, 0.9)
    logits, values = fitted(task.observations)
    counts = ~task.terminal
    loss = ((values[counts] - exact_values(logits.detach(), task, 0.9)[counts]) ** 2).mean()
    [gradient] = torch.autograd.grad(loss, [fitted.get_parameter("head.weight")])
    assert float(gradient.abs().max()) < 1e-4
