"""The critic of a trained policy: what it should say, and putting that there without touching the policy."""

import copy

import torch
from torch import Tensor, nn

from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.world import ACTIONS


def exact_values(logits: Tensor, task: Task, gamma: float) -> Tensor:
    """Return the values [N, S] float64 of a policy in N mazes: expected discounted rewards of an episode without limit.

    Args:
        logits: [N, S, A] of the policy. task: of the same mazes. gamma: discount factor, below 1.
    """
    probs = torch.softmax(logits.double(), dim=-1)
    gained = (probs * _after(task.rewards, task.next_table)).sum(-1)
    goes_on = probs * ~_after(task.terminal, task.next_table)
    cells = logits.shape[1]
    moves = torch.zeros(len(logits), cells, cells, dtype=probs.dtype, device=logits.device)
    moves = moves.scatter_add(2, task.next_table, goes_on)  # [N, S, S], from -> to
    identity = torch.eye(cells, dtype=probs.dtype, device=logits.device)
    return torch.linalg.solve(identity - gamma * moves, gained[..., None])[..., 0]


def refit_critic(net: nn.Module, task: Task, gamma: float) -> nn.Module:
    """Return a copy of a network whose critic is right about `task`, as far as its last layer allows.

    The row of the last layer that gives the value is replaced by the least-squares fit to `exact_values`. All other
    weights stay, so the policy is the same to the last bit.

    Args:
        net: a policy of `chisel.reward_as_chisel.model`, on the device of `task`.
        task: mazes to fit in.
        gamma: discount factor of the values.
    """
    refitted = copy.deepcopy(net)
    inputs: list[Tensor] = []
    handle = refitted.get_submodule("head").register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    try:
        with torch.no_grad():
            logits, _ = refitted(task.observations)
    finally:
        handle.remove()
    counts = ~task.terminal  # an agent never stands and acts on an end
    values = exact_values(logits, task, gamma)[counts]
    features = inputs[0].flatten(2).transpose(1, 2) if inputs[0].dim() == 4 else inputs[0]
    features = features.reshape(*counts.shape, -1)[counts].double()
    features = torch.cat([features, torch.ones_like(features[:, :1])], dim=1)
    # A hidden unit may never be active, so the normal equations get a ridge that is far too small to matter otherwise.
    gram = features.T @ features
    ridge = 1e-9 * gram.trace() * torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
    fitted = torch.linalg.solve(gram + ridge, features.T @ values)
    _set_critic(refitted, fitted[:-1], fitted[-1])
    return refitted


def scale_critic(net: nn.Module, factor: float) -> nn.Module:
    """Return a copy of a network whose values are `factor` times what they were; the policy is the same to the bit."""
    scaled = copy.deepcopy(net)
    head = scaled.get_submodule("head")
    _set_critic(scaled, factor * _tensor(head, "weight")[ACTIONS], factor * _tensor(head, "bias")[ACTIONS])
    return scaled


def _set_critic(net: nn.Module, weights: Tensor, bias: Tensor) -> None:
    head = net.get_submodule("head")
    with torch.no_grad():
        row = _tensor(head, "weight")[ACTIONS]
        row.copy_(weights.reshape(row.shape))
        _tensor(head, "bias")[ACTIONS] = bias


def _tensor(module: nn.Module, name: str) -> Tensor:
    return module.get_parameter(name)


def _after(table: Tensor, next_table: Tensor) -> Tensor:
    """Look [N, S] up in the cell that each action leads to: [N, S, A]."""
    return table.gather(1, next_table.flatten(1)).view(next_table.shape)
