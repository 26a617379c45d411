"""Many training runs as one: each member has its own split, first values, batches, rate, decay and switch.

What two runs have in common before their switches is computed once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from chisel.core.progress import progress
from chisel.core.seeding import derive_seed, generator
from chisel.lr_mode_shift.addition import make_split
from chisel.lr_mode_shift.batches import batch_order
from chisel.lr_mode_shift.models import Embedding, Quadratic, Transformer, embedding_forward, transformer_forward
from chisel.lr_mode_shift.optimiser import adamw_step
from chisel.lr_mode_shift.schedule import lr_at
from chisel.lr_mode_shift.settings import Setting
from chisel.lr_mode_shift.stacked import stacked_forward

Forward = Callable[[dict[str, Tensor], Tensor, Tensor], Tensor]
Probe = Callable[[Tensor, Tensor], Tensor]
BETAS = (0.9, 0.98)
CHUNK = 1024  # pairs at a time in an evaluation: what they need stays in the cache


@dataclass(frozen=True)
class Runs:
    """What M runs were like at K looks.

    Attributes:
        settings: of each run.
        steps: [K] int64, steps made before each look.
        curves: name -> [M, K] float64, on the CPU: "train_acc", "val_acc", "train_loss", "val_loss" (nats), "norm" (of
            all parameters together), and one for each probe.
        frozen: for each run the step that would have made it non-finite, or None. From there on its weights stay.
        params: name -> [M, ...], the last weights.
    """

    settings: tuple[Setting, ...]
    steps: Tensor
    curves: Mapping[str, Tensor]
    frozen: tuple[int | None, ...]
    params: Mapping[str, Tensor]


def new_model(setting: Setting) -> nn.Module:
    """Return the untrained network of a setting, as a module of its own."""
    random = generator(setting.seed, "first values", setting.architecture)
    if setting.architecture == "quadratic":
        return Quadratic(setting.p, setting.hidden, random)
    if setting.architecture == "embedding":
        return Embedding(setting.p, setting.width, setting.hidden, random)
    sizes = (setting.p, setting.width, setting.hidden, setting.heads)
    return Transformer(*sizes, random, setting.layer_norm)


def split_of(setting: Setting) -> tuple[Tensor, Tensor]:
    """Return the training and validation rows of a setting; see `make_split`."""
    return make_split(setting.p, setting.fraction, derive_seed(setting.seed, "split"))


def forward_of(setting: Setting) -> Forward:
    """Return the function (params, a, b) -> logits for stacks of a setting's architecture."""
    if setting.architecture == "quadratic":
        return stacked_forward
    if setting.architecture == "embedding":
        return embedding_forward
    return partial(transformer_forward, heads=setting.heads)


def train_stack(
    settings: Sequence[Setting],
    steps: int,
    looks: Sequence[int] | None = None,
    probes: Mapping[str, Probe] | None = None,
    device: torch.device | str = "cpu",
    forward: Forward | None = None,
    step_rule: Callable[..., tuple[dict[str, Tensor], dict[str, Any]]] = adamw_step,
    description: str = "training",
) -> Runs:
    """Train runs side by side, each as if it were alone.

    Runs that are equal up to some step are one until then, so that many multipliers from one switch on cost their
    common steps once. A member whose step would make a weight infinite or NaN keeps the weights that it has and takes
    part no longer: it is measured as it is. Its neighbours do not notice.

    Args:
        settings: of each run; they agree in `Setting.shape`, that is in all that decides the size of a tensor.
        steps: how many each makes.
        looks: when to measure, as numbers of steps made; by default before the first step and after each one.
        probes: name -> function (logits [R, p, p, p] of all pairs (a, b), mask [R, p, p] of the trained ones) -> [R],
            for R networks, measured at each look.
        forward: the architecture's own (`forward_of`), or a learner's version of it.
        step_rule: `adamw_step`, or a learner's version of it.
        description: of the progress bar.

    Raises:
        ValueError: there is no run, the shapes differ, a switch or a look lies outside 0 to `steps`.
    """
    looks = list(range(steps + 1)) if looks is None else sorted(set(looks))
    _check(settings, steps, looks)
    one = settings[0]
    stack = _Stack(settings, steps, torch.device(device), forward or forward_of(one), step_rule)
    names = ("train_acc", "val_acc", "train_loss", "val_loss", "norm", *(probes or {}))
    curves = {name: torch.empty(len(settings), len(looks), dtype=torch.float64) for name in names}
    switches = {0} | {setting.switch_step for setting in settings if setting.shifts()}
    at = 0
    for step in progress(range(steps + 1), description):
        if step in switches:
            stack.branch(step)
        if at < len(looks) and step == looks[at]:
            for name, values in stack.measure(probes or {}).items():
                curves[name][:, at] = values.cpu()[stack.row_of]
            at += 1
        if step < steps:
            stack.step(step)
    rows = stack.row_of
    params = {name: values.detach()[rows] for name, values in stack.params().items()}
    frozen = [None if step < 0 else step for step in stack.frozen.tolist()]
    return Runs(tuple(settings), torch.tensor(looks), curves, tuple(frozen[row] for row in rows.tolist()), params)


class _Stack:
    """The runs that differ so far, one a row, with all their weights in one tensor [R, P]."""

    def __init__(
        self, members: Sequence[Setting], steps: int, device: torch.device, forward: Forward, step_rule: Callable
    ) -> None:
        self.members, self.device, self.forward, self.step_rule = members, device, forward, step_rule
        one = members[0]
        seeds = list(dict.fromkeys(member.seed for member in members))
        splits = [split_of(next(m for m in members if m.seed == seed)) for seed in seeds]
        self.seed_index = {seed: index for index, seed in enumerate(seeds)}
        self.train = torch.stack([train for train, _ in splits]).to(device)  # [S, n, 3]
        trained = self.train[..., 0] * one.p + self.train[..., 1]
        self.mask = torch.zeros(len(seeds), one.p * one.p, dtype=torch.bool, device=device).scatter(1, trained, True)
        orders = [batch_order(seed, one.trained, one.batch, steps) for seed in seeds]
        self.order = None if one.batch == 0 else torch.stack([o for o in orders if o is not None]).to(device)
        models = [new_model(next(m for m in members if m.seed == seed)) for seed in seeds]
        self.shapes = {name: value.shape for name, value in models[0].named_parameters()}
        flat = [torch.cat([value.detach().flatten() for value in model.parameters()]) for model in models]
        self.rows: list[Setting] = []
        self.first = torch.stack(flat).to(device)
        pairs = torch.cartesian_prod(torch.arange(one.p), torch.arange(one.p)).to(device)
        self.all_a, self.all_b, self.all_c = pairs[:, 0], pairs[:, 1], pairs.sum(1) % one.p

    def branch(self, step: int) -> None:
        """Give each run that differs from all others from this step on a row of its own."""
        now = [member.until_now(step) for member in self.members]
        rows = list(dict.fromkeys(now))
        seeds = torch.tensor([self.seed_index[row.seed] for row in rows], device=self.device)
        if not self.rows:
            self.flat = self.first[seeds]
            self.state: dict[str, Any] = {}
            self.frozen = torch.full((len(rows),), -1, device=self.device)
        else:
            source = {row: int(self.row_of[now.index(row)]) for row in rows}
            index = torch.tensor([source[row] for row in rows], device=self.device)
            self.flat, self.frozen = self.flat[index], self.frozen[index]
            # Only what `adamw_step` is to return has a row a member; a learner's version may carry more.
            self.state |= {
                name: {key: value[index] for key, value in part.items()} if isinstance(part, dict) else part[index]
                for name, part in self.state.items()
                if name in ("steps", "mean", "square")
            }
        noisy = [row for row in rows if row.weight_noise > 0]
        kept = getattr(self, "noise", {})
        self.noise = {row: kept.get(row) or generator(row.seed, "noise", device=self.device) for row in noisy}
        self.rows, self.seeds = rows, seeds
        self.row_of = torch.tensor([rows.index(row) for row in now])
        self.rates = None

    def params(self) -> dict[str, Tensor]:
        """Return the weights by name, as views [R, ...]."""
        sizes = [shape.numel() for shape in self.shapes.values()]
        parts = self.flat.split(sizes, dim=1)
        return {name: part.view(-1, *shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}

    def step(self, step: int) -> None:
        """Make one step with every row that is not frozen."""
        rows = self.train if self.order is None else self.train.take_along_dim(self.order[:, step, :, None], dim=1)
        a, b, c = rows[self.seeds].unbind(-1)  # [R, B] each
        self.flat.requires_grad_()
        logits = self.forward(self.params(), a, b)
        losses = nn.functional.cross_entropy(logits.flatten(0, 1), c.flatten(), reduction="none")
        loss = losses.view(c.shape).mean(dim=1).sum()  # the networks do not touch: this gradient is each one's own
        (gradient,) = torch.autograd.grad(loss, self.flat)
        self.flat = self.flat.detach()
        lr, weight_decay = self._rates(step)
        weights, slopes = {"all": self.flat}, {"all": gradient}
        new, self.state = self.step_rule(weights, slopes, self.state, lr, weight_decay, betas=BETAS)
        changed = new["all"]
        for row, random in self.noise.items():
            changed[self.rows.index(row)] += row.weight_noise * torch.randn(
                changed.shape[1], generator=random, device=self.device
            )
        broken = ~torch.isfinite(changed.sum(dim=1))
        self.frozen = torch.where(broken & (self.frozen < 0), step, self.frozen)
        stopped = self.frozen >= 0
        self.flat = torch.where(stopped.unsqueeze(1), self.flat, changed) if bool(stopped.any()) else changed

    def _rates(self, step: int) -> tuple[Tensor, Tensor]:
        """Return rate and weight decay [R] that give AdamW, which couples the two, what each row's `decay` asks for."""
        if self.rates is None or step <= max(row.warmup for row in self.rows):
            rates, decays = [], []
            for row in self.rows:
                raised = lr_at(step, row.lr, row.multiplier, row.switch_step) / row.lr
                warm = min(1.0, (step + 1) / row.warmup) if row.warmup else 1.0
                rates.append(warm * row.lr * (1 if row.decay == "decay_only" else raised))
                changes = {"coupled": 1, "constant": 1 / raised, "decay_only": raised}
                decays.append(row.weight_decay * changes[row.decay])
            self.rates = (torch.tensor(rates, device=self.device), torch.tensor(decays, device=self.device))
        return self.rates

    @torch.no_grad()
    def measure(self, probes: Mapping[str, Probe]) -> dict[str, Tensor]:
        """Return accuracies, losses, norm and probes, [R] each."""
        params, count = self.params(), len(self.rows)
        hits, losses, kept = [], [], []
        for a, b, c in zip(self.all_a.split(CHUNK), self.all_b.split(CHUNK), self.all_c.split(CHUNK), strict=True):
            logits = self.forward(params, a.expand(count, -1), b.expand(count, -1))
            hits.append(logits.argmax(-1) == c)
            # In double precision, because a memorised pair's loss is less than single precision can tell from 0.
            log_probs = logits.double().log_softmax(-1)
            losses.append(-log_probs.gather(-1, c.expand(count, -1).unsqueeze(-1)).squeeze(-1))
            kept += [logits] if probes else []
        trained = self.mask[self.seeds].double()
        found = {"norm": self.flat.double().norm(dim=1)}
        for name, values in (("acc", torch.cat(hits, 1).double()), ("loss", torch.cat(losses, 1))):
            found[f"train_{name}"] = (values * trained).sum(1) / trained.sum(1)
            found[f"val_{name}"] = (values * (1 - trained)).sum(1) / (1 - trained).sum(1)
        if probes:
            p = self.members[0].p
            logits, mask = torch.cat(kept, 1).view(count, p, p, p), self.mask[self.seeds].view(count, p, p)
            found |= {name: probe(logits, mask).double() for name, probe in probes.items()}
        return found


def _check(settings: Sequence[Setting], steps: int, looks: Sequence[int]) -> None:
    if not settings:
        raise ValueError("there is no run to train")
    if len({setting.shape for setting in settings}) > 1:
        raise ValueError("the runs of a stack must agree in architecture, layer_norm, sizes, fraction and batch")
    if late := [setting.switch_step for setting in settings if setting.switch_step > steps]:
        raise ValueError(f"the run ends after {steps} steps, so nothing can change at step {max(late)}")
    if looks and not 0 <= looks[0] <= looks[-1] <= steps:
        raise ValueError(f"looks lie between 0 and {steps}, not at {looks[0]} to {looks[-1]}")
