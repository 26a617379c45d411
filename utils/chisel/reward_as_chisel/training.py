"""Advantage actor-critic (A2C) in mazes: one update a rollout, many agents a maze, many networks in one batch.

In the order of an update: `collect` lets agents walk, `gae` says how much better each step turned out than expected,
`a2c_loss` turns that into something to descend. `Trainer` repeats it, and can be interrupted and resumed.

Source: Mnih et al. (2016), arXiv 1602.01783; advantages by Schulman et al. (2016), arXiv 1506.02438.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from einops import rearrange
from torch import Tensor, nn

from chisel.core.checkpoints import code_fingerprint, fingerprint, train_until
from chisel.core.ensembles import Stack, clip_each, stack_modules
from chisel.reward_as_chisel.chains import rollout
from chisel.reward_as_chisel.method import A2C
from chisel.reward_as_chisel.tasks import Task


class Steps(NamedTuple):
    """What K agents did in each of N mazes, H steps each.

    Attributes:
        states: [N, K, H + 1] int, the cell before each step and after the last.
        actions: [N, K, H] int. rewards: [N, K, H].
        acting: [N, K, H] bool, whether the step was made at all: False once the episode is over.
        alive: [N, K, H] bool, True when the episode goes on after the step.
    """

    states: Tensor
    actions: Tensor
    rewards: Tensor
    acting: Tensor
    alive: Tensor


def collect(batch: Task, logits: Tensor, method: A2C, random: torch.Generator) -> Steps:
    """Let agents walk from random starts, as `logits: [N, S, A]` say, in the N mazes of `batch`."""
    start = batch.draw_starts(method.agents, random)
    states, actions, alive = rollout(logits, batch.next_table, start, batch.terminal, method.horizon, random)
    acting = torch.cat([~batch.at(batch.terminal, start).unsqueeze(-1), alive[..., :-1]], dim=-1)
    rewards = batch.at(batch.rewards, states[..., 1:]) * acting
    return Steps(states, actions, rewards, acting, alive)


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


Advantages = Callable[[Tensor, Tensor, Tensor, Tensor, float, float], Tensor]


def scaled(advantages: Tensor, weights: Tensor, method: A2C) -> Tensor:
    """Return the advantages of each network in units of their standard deviation over the steps that count.

    Args:
        advantages: [M, ...], of M networks.
        weights: of that shape, 1 for a step that counts and 0 for another.
    """
    each, used = advantages.flatten(1), weights.flatten(1)
    counts = used.sum(1, keepdim=True).clamp(min=1)
    mean = (each * used).sum(1, keepdim=True) / counts
    sd = (((each - mean) ** 2 * used).sum(1, keepdim=True) / counts).sqrt()
    centred = each - mean if method.centre else each
    return (centred / sd.clamp(min=method.least_sd)).view_as(advantages)


def a2c_loss(
    batch: Task, logits: Tensor, values: Tensor, steps: Steps, members: int, method: A2C, advantages: Advantages = gae
) -> Tensor:
    """Return the loss [M] of each of `members` networks: the mean over the steps that its agents made.

    A step's loss is minus its advantage times the log-probability of its action, minus the entropy bonus, plus the
    critic's squared error. An episode that the rollout cut off goes on with the critic's value.

    Args:
        batch: N mazes, those of the first network first.
        logits: [N, S, A]. values: [N, S]. The networks' answers; gradients flow through them and through nothing else.
        steps: what agents did in these mazes.
        advantages: `gae`, or another estimator with its arguments.
    """
    before, weights = steps.states[..., :-1], steps.acting.to(logits.dtype)
    expected = batch.at(values, before)  # [N, K, H]
    with torch.no_grad():
        last = batch.at(values, steps.states[..., -1])
        rewards, baseline, bootstrap, alive = (x.flatten(0, 1) for x in (steps.rewards, expected, last, steps.alive))
        surprise = advantages(rewards, baseline, bootstrap, alive, method.gamma, method.lam).view_as(expected)
        targets = surprise + expected
        by_network = rearrange([surprise, weights], "x (m n) k h -> x m n k h", m=members)
        advantage = scaled(by_network[0], by_network[1], method).flatten(0, 1)
    log_probs = torch.log_softmax(logits, dim=-1)
    entropy = batch.at(-(log_probs.exp() * log_probs).sum(-1), before)
    taken = batch.at(log_probs.flatten(1), before * logits.shape[-1] + steps.actions)
    gain = method.policy * advantage * taken + method.entropy * entropy
    error = (expected - targets) ** 2
    each = (weights * (method.value * error - gain)).view(members, -1)
    return each.sum(1) / weights.view(members, -1).sum(1).clamp(min=1)


class Trainer:
    """Networks in training, each in its own bank of mazes; what stands between two updates.

    Args:
        nets: M networks of one shape; they are copied.
        tasks: M banks of equal size.
        method: how to train.
        random: the only source of randomness, on the device of the banks.
        advantages: `gae`, or a learner's version of it.

    Raises:
        ValueError: as many banks as networks are needed, on the device of `random`, and `method.train` must name some
            of the parameters.
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
        self.stack: Stack = stack_modules(nets, random.device)
        self.bank = Task.stacked(tasks)
        if self.bank.terminal.device != random.device:
            raise ValueError(f"the banks are on {self.bank.terminal.device} and the generator is on {random.device}")
        for name, weights in self.stack.parameters.items():
            weights.requires_grad_(not method.train or name.startswith(tuple(method.train)))
        moving = [p for p in self.stack.parameters.values() if p.requires_grad]
        if not moving:
            known = ", ".join(self.stack.parameters)
            raise ValueError(f"no parameter's name starts with {' or '.join(method.train)}; there are {known}")
        self.optimiser: torch.optim.Optimizer = torch.optim.Adam(moving, lr=method.lr)
        self.done = 0
        self._start = fingerprint([*self.stack.parameters.values(), random.get_state()])

    def update(self) -> None:
        """Collect one rollout with the networks as they are, and take one step of Adam."""
        batch = self.bank.draw(self.method.mazes, self.random)  # [M * B]
        observed = rearrange(batch.observations, "(m b) ... -> m b ...", m=self.stack.members)
        logits, values = (answers.flatten(0, 1) for answers in self.stack(observed))  # [M * B, S, A], [M * B, S]
        steps = collect(batch, logits.detach(), self.method, self.random)
        loss = a2c_loss(batch, logits, values, steps, self.stack.members, self.method, self.advantages)
        self.optimiser.zero_grad(set_to_none=True)
        loss.sum().backward()  # the networks do not touch, so the gradient of the sum is each one's own
        clip_each(self.stack, self.method.clip)
        for group in self.optimiser.param_groups:
            group["lr"] = self.method.rate(self.done)
        self.optimiser.step()
        self.done += 1

    def run(self, until: int, description: str = "training", checkpoint: Path | None = None, every: int = 25) -> None:
        """Train until `until` updates are done in all, behind a progress bar.

        Interrupted by Ctrl-C, the trainer stands as after its last complete update, and the same call goes on from
        there. With a `checkpoint` so does a new trainer, made of the same things in another process. Either way it ends
        as if nothing had happened, on a CPU to the last bit.

        Args:
            until: counted from the trainer's beginning, not from this call.
            checkpoint: the file that keeps the state, after each `every` updates and at Ctrl-C. If it is there, it is
                gone on from; at the end it is removed.

        Raises:
            ValueError: so many updates are done already.
            CheckpointError: the file is damaged or belongs to another training. It is left alone.
            StorageError: the file cannot be written.
        """
        train_until(self, until, description, checkpoint, every)

    def nets(self) -> list[nn.Module]:
        """Return copies of the networks as they are now."""
        return self.stack.modules()

    def state(self) -> dict[str, Any]:
        """Return a copy of all that changes in training."""
        adam = self.optimiser.state_dict()
        moments = {p: {name: value.clone() for name, value in of.items()} for p, of in adam["state"].items()}
        return {
            "done": self.done,
            "parameters": {name: p.detach().clone() for name, p in self.stack.parameters.items()},
            "adam": {"state": moments, "param_groups": [dict(group) for group in adam["param_groups"]]},
            "random": self.random.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back, or on, to a `state` of this trainer."""
        with torch.no_grad():
            for name, p in self.stack.parameters.items():
                p.copy_(state["parameters"][name])
        self.optimiser.load_state_dict(state["adam"])
        self.random.set_state(state["random"])
        self.done = state["done"]

    def identity(self) -> dict[str, Any]:
        """Return what tells this training from any other, by name: method, code, shapes, mazes, first weights, seed."""
        shapes = {f"shape of {name}": tuple(p.shape) for name, p in self.stack.parameters.items()}
        code, bank = code_fingerprint(self.advantages), fingerprint(vars(self.bank).values())
        return {**asdict(self.method), **shapes, "advantages": code, "bank": bank, "start": self._start}
