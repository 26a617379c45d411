"""Small models to train, schedules, and what a call of `train` leaves behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from math import isqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from chisel.checking import Draw
from chisel.checking.contract import NOT_FINITE, RETURNED_NONE, WRONG_SHAPE, WRONG_TYPE, Arguments, Problem, show
from chisel.lr_mode_shift.checks._in_place import Recipe
from chisel.lr_mode_shift.records import History

CURVES = tuple(field.name for field in fields(History))
Data = tuple[Tensor, Tensor]


class Tables(nn.Module):
    """Logits [B, p] that are the sum of one row for a and one for b, each behind a dropout of its own."""

    def __init__(self, left: Tensor, right: Tensor, sure: Tensor, dropout: float):
        super().__init__()
        self.left, self.right, self.sure = nn.Parameter(left.clone()), nn.Parameter(right.clone()), sure
        self.first, self.second = nn.Dropout(dropout), nn.Dropout(dropout)
        self.looks: list[bool] = []  # for each call in evaluation mode, whether gradients were on

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return logits [B, p] of the pairs."""
        if not (self.first.training or self.second.training):
            self.looks.append(torch.is_grad_enabled())
        return self.first(self.left[a]) + self.second(self.right[b]) + self.sure[a, b]


class Rates:
    """A schedule. Where no step is, it gives a rate that nobody could miss."""

    def __init__(self, *rates: float):
        self.rates = rates

    def __call__(self, step: int) -> float:
        return self.rates[step] if 0 <= step < len(self.rates) else 1e3

    def __deepcopy__(self, memo: dict[int, Any]) -> "Rates":
        return self

    def __str__(self) -> str:
        return f"the rates {', '.join(f'{rate:.3g}' for rate in self.rates)} at the steps 0 to {len(self.rates) - 1}"


@dataclass(frozen=True)
class Trained:
    """What a call leaves behind.

    Attributes:
        history: what came back.
        weights: [P], the parameters of the model that was given.
        modes: of the model and each part of it.
        looks: see `Tables`.
        random: torch's global random state.
    """

    history: Any
    weights: Tensor
    modes: list[bool]
    looks: list[bool]
    random: Tensor


@dataclass(frozen=True)
class Measured:
    """A `History` of float64 curves with one entry more than there are steps."""

    def problem(self, result: Trained, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        history = result.history
        if history is None:
            return RETURNED_NONE, "None"
        if not isinstance(history, History):
            return WRONG_TYPE, f"{type(history).__name__}, where a History({', '.join(CURVES)}) is promised"
        for name in CURVES:
            curve = getattr(history, name)
            if type(curve) is not Tensor or curve.dtype != torch.float64:
                kind = str(curve.dtype) if isinstance(curve, Tensor) else f"a {type(curve).__name__}"
                return WRONG_TYPE, f"`{name}` is {kind}, where a tensor of torch.float64 is promised"
            if curve.requires_grad:
                return WRONG_TYPE, f"`{name}` has a graph behind it, where plain numbers are promised"
            if tuple(curve.shape) != (arguments["steps"] + 1,):
                want = f"where [{arguments['steps'] + 1}] is promised: {arguments['steps']} steps"
                return WRONG_SHAPE, f"`{name}` has shape {list(curve.shape)}, {want}"
            if not bool(torch.isfinite(curve).all()):
                return NOT_FINITE, f"`{name}` = {show(curve)}"
        return None

    def same(self, a: Trained, b: Trained, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        pairs = [(entries(a), entries(b)), (a.weights, b.weights)]
        return all(torch.allclose(x, y, rtol=relative, atol=absolute) for x, y in pairs)


def entries(trained: Trained) -> Tensor:
    """Return the curves [4, T], in the order of `CURVES`."""
    return torch.stack([getattr(trained.history, name) for name in CURVES])


def additions(draw: Draw, p: int, share: float) -> Data:
    """All additions modulo p in random order, cut in two."""
    order = draw.permutation(p * p)
    a, b = order // p, order % p
    rows = torch.stack([a, b, (a + b) % p], 1)
    count = int(share * p * p)
    return rows[:count], rows[count:]


def tables(
    draw: Draw,
    data: Data,
    *,
    dropout: float = 0.0,
    sure: float = 0.0,
    told_apart: bool = False,
    dtype: torch.dtype = torch.float64,
) -> Recipe:
    """Describe a model.

    Args:
        sure: how much higher the logits of right answers are than the tables say.
        told_apart: whether its accuracies on the two sets are neither alike nor all or nothing.
    """
    p = isqrt(len(data[0]) + len(data[1]))
    sums = (torch.arange(p)[:, None] + torch.arange(p)) % p
    higher = sure * nn.functional.one_hot(sums, p).to(dtype)
    while True:
        left, right = draw.normal(2, p, p).to(dtype)
        found = [float(((left[x[:, 0]] + right[x[:, 1]]).argmax(1) == x[:, 2]).double().mean()) for x in data]
        apart = abs(found[0] - found[1]) > 0.02 and abs(sum(found) - 1) > 0.02
        if not told_apart or (apart and min(found) > 0 and max(found) < 1):
            break

    def made() -> Tables:
        return Tables(left, right, higher, dropout)

    said = f"a model with two tables [{p}, {p}] of {dtype}"
    if sure:
        said += f", the logits of right answers {sure:g} higher than the tables say"
    if dropout:
        said += f", each behind a dropout of {dropout:g}"
    return Recipe(said, made)


def in_words(part: str, training: bool) -> str:
    """Say which mode a part is in."""
    return f"{part} in {'training' if training else 'evaluation'} mode"


def in_modes(recipe: Recipe, modes: Sequence[bool]) -> Recipe:
    """Describe the same model with itself and its two dropouts in these modes."""

    def made() -> Tables:
        model = recipe.make()
        for part, mode in zip(model.modules(), modes, strict=True):
            part.training = mode
        return model

    return Recipe(f"{recipe}; {', '.join(map(in_words, ('it is', 'the first dropout', 'the second'), modes))}", made)


def going_on(recipe: Recipe, weights: Tensor) -> Recipe:
    """Describe the same model with other parameters [P]."""

    def made() -> Tables:
        model = recipe.make()
        nn.utils.vector_to_parameters(weights.clone(), model.parameters())
        return model

    return Recipe(f"{recipe}, with the parameters that the run before has left", made)


def watch(model: Tables, call: Callable[[], Any]) -> Trained:
    """See `_in_place.InPlace`. Torch's global random state is looked at and put back: a dropout may draw from it."""
    before = torch.get_rng_state()
    try:
        history = call()
        after = torch.get_rng_state()
    finally:
        torch.set_rng_state(before)
    weights = torch.cat([p.detach().flatten() for p in model.parameters()])
    return Trained(history, weights, [m.training for m in model.modules()], [*model.looks], after)


def measured(model: nn.Module, data: Data) -> Tensor:
    """Return the four numbers of `CURVES` for a model without dropout."""
    numbers = []
    for rows in data:
        logits = model(rows[:, 0], rows[:, 1]).detach().double()
        right = torch.tensor([int(row.argmax()) == int(c) for row, c in zip(logits, rows[:, 2], strict=True)])
        costs = logits.logsumexp(1) - logits[torch.arange(len(rows)), rows[:, 2]]
        numbers.append((right.double().mean(), costs.mean()))
    (train_acc, train_loss), (val_acc, val_loss) = numbers
    return torch.stack([train_acc, val_acc, train_loss, val_loss])


def followed(
    model: nn.Module,
    batches: Sequence[Tensor],
    rates: Sequence[float],
    decay: float,
    betas: tuple[float, float],
    *,
    l2: float = 0.0,
    afresh: Sequence[int] = (),
    piling: bool = False,
    seed: int | None = None,
) -> Tensor:
    """Return the parameters [P] after these batches, with each moment as the sum over the gradients that it holds.

    Args:
        l2: what is added to the gradient, times the parameters.
        afresh: steps before which the moments are lost.
        piling: whether gradients are added up.
        seed: of the dropout.
    """
    if seed is not None:
        torch.default_generator.manual_seed(seed)
    weights, slopes = nn.utils.parameters_to_vector(model.parameters()).detach(), []
    total = torch.zeros_like(weights)
    for step, (rows, rate) in enumerate(zip(batches, rates, strict=True)):
        nn.utils.vector_to_parameters(weights, model.parameters())
        loss = cross_entropy(model(rows[:, 0], rows[:, 1]), rows[:, 2])
        slope = torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))]) + l2 * weights
        total = total + slope
        slopes = [*([] if step in afresh else slopes), total if piling else slope]
        ages = torch.arange(len(slopes) - 1, -1, -1, dtype=weights.dtype)
        shares = [(1 - beta) * beta**ages / (1 - beta ** len(slopes)) for beta in betas]
        known = torch.stack(slopes)
        mean, square = shares[0] @ known, shares[1] @ known**2
        weights = (1 - rate * decay) * weights - rate * mean / (square.sqrt() + 1e-8)
    return weights
