"""Advantage actor-critic (A2C) in mazes: one update a rollout, many agents a maze, many networks in one batch.

Source: Mnih et al. (2016), arXiv 1602.01783; advantages by Schulman et al. (2016), arXiv 1506.02438.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn

from chisel.core.ensembles import Stack, clip_each, stack_modules
from chisel.core.progress import progress
from chisel.reward_as_chisel.chains import rollout
from chisel.reward_as_chisel.tasks import Task


def gae(rewards: Tensor, values: Tensor, last_value: Tensor, alive: Tensor, gamma: float, lam: float) -> Tensor:
    """Estimate advantages: how much better each step turned out than the critic expected.

    A row may hold several episodes one after another, so `alive` is taken literally at each step: where it is False
    nothing of what follows counts, neither rewards nor values. An episode that is alive at the end of its row was cut
    off, not ended, and goes on with `last_value`.

    How this is misread: `lam` is no second discount of rewards. At lam = 1 the advantage is the return minus the value,
    discounted by gamma alone; a smaller lam trusts the critic sooner.

    Args:
        rewards: [B, H] the reward of each step.
        values: [B, H] the critic's value of the state before each step.
        last_value: [B] its value of the state after the last step.
        alive: [B, H] bool, True when the episode goes on after step t.
        gamma: the discount factor, 0 to 1.
        lam: how far to look ahead before the critic is trusted, 0 to 1.

    Returns:
        [B, H] the advantages.

    Source: Schulman et al. (2016), arXiv 1506.02438, equation 16.
    """
    advantages = torch.zeros_like(rewards)
    later, next_value = torch.zeros_like(last_value), last_value
    for step in reversed(range(rewards.shape[1])):
        goes_on = alive[:, step].to(rewards.dtype)
        surprise = rewards[:, step] + gamma * next_value * goes_on - values[:, step]
        later = surprise + gamma * lam * later * goes_on
        advantages[:, step] = later
        next_value = values[:, step]
    return advantages


@dataclass(frozen=True)
class A2C:
    """How networks are trained.

    Attributes:
        updates: how many, one rollout each.
        mazes: of a rollout, drawn from the bank. agents: in each maze. horizon: steps of a rollout.
        gamma, lam: of the advantages.
        lr: of Adam, after `warmup` updates; it falls linearly to the share `last_lr` of it.
        entropy, value: weights of the entropy bonus and of the critic's squared error in the loss.
        clip: largest norm of a gradient.
        centre: whether the mean advantage is subtracted. Advantages are divided by their standard deviation anyway, or
            by `least_sd` if that is larger.
        train: which parameters move, by the start of their names; empty for all.
    """

    updates: int = 400
    mazes: int = 64
    agents: int = 16
    horizon: int = 25
    gamma: float = 0.95
    lam: float = 0.95
    lr: float = 4e-3
    warmup: int = 10
    last_lr: float = 0.1
    entropy: float = 0.01
    value: float = 0.5
    clip: float = 1.0
    centre: bool = False
    least_sd: float = 0.05
    train: tuple[str, ...] = ()

    def rate(self, update: int) -> float:
        """Return the learning rate of an update, counted from 0."""
        if update < self.warmup:
            return self.lr * (update + 1) / self.warmup
        done = (update - self.warmup) / max(1, self.updates - self.warmup)
        return self.lr * (1 - (1 - self.last_lr) * done)


Advantages = Callable[[Tensor, Tensor, Tensor, Tensor, float, float], Tensor]


class Trainer:
    """Networks in training, each in its own bank of mazes; what stands between two updates.

    Args:
        nets: M networks of one shape; they are copied.
        tasks: M banks of equal size.
        method: how to train.
        random: the only source of randomness, on the device of the banks.
        advantages: `gae`, or a learner's version of it.
    """

    def __init__(
        self,
        nets: Sequence[nn.Module],
        tasks: Sequence[Task],
        method: A2C,
        random: torch.Generator,
        advantages: Advantages = gae,
    ) -> None:
        if len(nets) != len(tasks):
            raise ValueError(f"{len(nets)} networks need as many banks, not {len(tasks)}")
        self.method, self.random, self.advantages = method, random, advantages
        self.bank = Task.stacked(tasks)
        self.stack: Stack = stack_modules(nets, random.device)
        for name, weights in self.stack.parameters.items():
            weights.requires_grad_(not method.train or name.startswith(method.train))
        self.optimiser = torch.optim.Adam([p for p in self.stack.parameters.values() if p.requires_grad], lr=method.lr)
        self.done = 0

    def run(self, updates: int, description: str = "training") -> None:
        """Make the next `updates` updates, behind a progress bar."""
        for _ in progress(range(updates), description):
            self.update()

    def update(self) -> None:
        """Collect one rollout with the networks as they are, and take one step of Adam."""
        loss = self._loss()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        clip_each(self.stack, self.method.clip)
        for group in self.optimiser.param_groups:
            group["lr"] = self.method.rate(self.done)
        self.optimiser.step()
        self.done += 1

    def nets(self) -> list[nn.Module]:
        """Return copies of the networks as they are now."""
        return self.stack.modules()

    def _loss(self) -> Tensor:
        method, members = self.method, self.stack.members
        batch = self.bank.draw(method.mazes, self.random)  # [M * B]
        observed = rearrange(batch.observations, "(m b) ... -> m b ...", m=members)
        logits, values = self.stack(observed)
        logits, values = logits.flatten(0, 1), values.flatten(0, 1)  # [M * B, S, A], [M * B, S]
        start = batch.draw_starts(method.agents, self.random)
        with torch.no_grad():
            states, actions, alive = rollout(
                logits, batch.next_table, start, batch.terminal, method.horizon, self.random
            )
            before, after = states[..., :-1], states[..., 1:]
            acting = torch.cat([~batch.at(batch.terminal, start).unsqueeze(-1), alive[..., :-1]], dim=-1)
            rewards = batch.at(batch.rewards, after) * acting
            expected, last = batch.at(values, before), batch.at(values, states[..., -1])
            rows = [x.flatten(0, 1) for x in (rewards, expected, last, alive)]
            surprise = self.advantages(rows[0], rows[1], rows[2], rows[3], method.gamma, method.lam).view_as(rewards)
            targets = surprise + expected
            weights = acting.to(logits.dtype)
            advantage = self._scaled(surprise, weights)
        log_probs = torch.log_softmax(logits, dim=-1)
        entropy = -(log_probs.exp() * log_probs).sum(-1)  # [M * B, S]
        taken = batch.at(log_probs.flatten(1), before * logits.shape[-1] + actions)
        gain = advantage * taken + method.entropy * batch.at(entropy, before)
        error = (batch.at(values, before) - targets) ** 2
        each = (weights * (method.value * error - gain)).view(members, -1).sum(1) / self._count(weights)
        return each.sum()  # the networks do not touch, so the gradient of the sum is each one's own

    def _count(self, weights: Tensor) -> Tensor:
        return weights.view(self.stack.members, -1).sum(1).clamp(min=1)

    def _scaled(self, surprise: Tensor, weights: Tensor) -> Tensor:
        """Return the advantages of each network in units of their standard deviation over the steps that count."""
        each, counts = surprise.reshape(self.stack.members, -1), self._count(weights)[:, None]
        used = weights.view_as(each)
        mean = (each * used).sum(1, keepdim=True) / counts
        sd = (((each - mean) ** 2 * used).sum(1, keepdim=True) / counts).sqrt()
        centred = each - mean if self.method.centre else each
        return (centred / sd.clamp(min=self.method.least_sd)).view_as(surprise)
