"""Taking back what was rewarded: a trained agent goes on training with the sign of its reward changed."""

import copy

import torch
from torch import nn

from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.training import A2C, Trainer

# Small and constant: the network is trained already, and what is asked is what changes first.
AFTERWARDS = A2C(lr=1e-3, warmup=0, last_lr=1.0)


def disreward(
    net: nn.Module, updates: int, sign: float, task: Task, generator: torch.Generator, method: A2C = AFTERWARDS
) -> nn.Module:
    """Train a *copy* of a network further, with every reward of the task multiplied by `sign`.

    With sign -1 the cheese costs what it paid. With sign +1 nothing has changed but the time: that is the control, for
    whatever happens there is not an effect of the sign.

    How this is misread: a reward of -1 does not tell the network to do nothing instead. It makes what it just did less
    likely, in all places that share parameters with where it did it.

    Args:
        net: the trained network, net(observations [B, C, n, n]) -> (logits [B, S, A], values [B, S]). Left exactly as
            it is: weights, gradients and mode.
        updates: how many updates to make, each one step of Adam with the learning rate `method.rate(u)`, u = 0, 1, ...
            No update gives an equal copy.
        sign: factor of all rewards of `task`, whether they are above or below 0. Any number, not only -1 and +1.
        task: the bank to train in, N mazes with what pays and what ends an episode; left as it is.
        generator: the only source of randomness; all draws of the updates come from it.
        method: how to train. All of its settings count; `Trainer([net], [task], method, generator)` follows them.

    Returns:
        a network like `net` that shares no tensor with it, trained further.
    """
    trainer = Trainer([copy.deepcopy(net)], [task.paying(sign)], method, generator)
    trainer.run(updates, "dis-rewarding" if sign < 0 else "training on")
    return trainer.nets()[0]
