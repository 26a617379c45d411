"""Small models that are asked about pairs in both directions, for the check of `one_step_transfer`.

What a step does to them can be worked out beforehand, on replaced tables, without touching the model.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from chisel.checking import Draw

Objective = Callable[[Callable[[str], Tensor]], Tensor]  # of a function that gives the scores of a direction


class Interrupted(RuntimeError):
    """What a `Pairs` raises that was told to, once its weights have moved."""


class Table(nn.Module):
    """A matrix of weights."""

    weight: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def settle(self) -> None:
        """Make the weights constants, which are no parameters."""
        weight = self.weight.detach()
        del self.weight
        self.register_buffer("weight", weight)


class Pairs(nn.Module):
    """N pairs of a left and a right entity, each a vector, and a matrix for the relation.

    Args:
        count: how many pairs.
        shared: whether the backward direction uses the same vectors and relation as the forward one. If not, the two
            have nothing in common but one number, which makes all names likelier in both.
        twice: whether the left vectors are registered a second time, under another name.
        frozen: whether the relation gets no gradient.
    """

    sharpness: Tensor

    def __init__(self, draw: Draw, count: int, shared: bool = True, twice: bool = False, frozen: bool = False) -> None:
        super().__init__()
        width = 3

        def vectors(rows: int) -> Table:
            return Table(0.7 * draw.normal(rows, width))

        self.left, self.right, self.relation = (vectors(n) for n in (count, count, width))
        self.lift = Table(draw.normal(1))
        self.register_buffer("sharpness", draw.uniform(1.0, 1.5, 1))
        if not shared:
            self.left_again, self.right_again, self.relation_again = (vectors(n) for n in (count, count, width))
        self.alias = vectors(count) if twice else None
        if self.alias:
            self.alias.weight = self.left.weight
        self.shared = shared
        self.relation.weight.requires_grad_(not frozen)
        self.armed: str | None = None
        self._still: list[Tensor] = []

    def arm(self, direction: str) -> None:
        """Raise `Interrupted` from now on when asked in this direction while the weights are not what they are now."""
        self.armed, self._still = direction, [p.detach().clone() for p in self.parameters()]

    def scores(self, direction: str) -> Tensor:
        """Return [N, N], with gradients: the log-probability of name j after the prompt of pair i."""
        moved = any(not torch.equal(a, b) for a, b in zip(self.parameters(), self._still, strict=False))
        if direction == self.armed and moved:
            raise Interrupted("out of memory")
        return self.answer(direction)

    def _tables(self, backward: bool) -> tuple[Table, Table, Table]:
        """Return what is read, what is written, and the relation."""
        left, right, relation = self.left, self.right, self.relation
        if backward and not self.shared:
            left, right, relation = self.left_again, self.right_again, self.relation_again
        return (right, left, relation) if backward else (left, right, relation)

    def plain(self) -> "Pairs":
        """Return a copy with nothing but the parameters that a step on a forward score moves, each under one name."""
        twin = copy.deepcopy(self)
        twin.alias = None
        for table in () if self.shared else twin._tables(backward=True):
            table.settle()
        if not twin.relation.weight.requires_grad:
            twin.relation.settle()
        return twin

    def answer(self, direction: str, instead: Mapping[int, Tensor] | None = None) -> Tensor:
        """Return the scores [N, N], with other weights where `instead` has some under the `id` of a parameter."""
        if direction not in ("forward", "backward"):
            raise ValueError(f"the direction is forward or backward, not {direction!r}")

        def of(table: Table) -> Tensor:
            return (instead or {}).get(id(table.weight), table.weight)

        read, write, relation = map(of, self._tables(direction == "backward"))
        heard = self.sharpness * read @ relation.T
        names = heard @ write.T + of(self.lift)
        logits = torch.cat([names, names.new_zeros(len(names), 2)], dim=1)  # of two tokens that are no names
        return torch.log_softmax(logits, dim=1)[:, : len(write)]


def stepped(
    model: Pairs,
    objective: Objective,
    size: float,
    moving: Sequence[Tensor] | None = None,
    turned: Callable[[list[Tensor]], list[Tensor]] | None = None,
    steps: int = 1,
) -> tuple[Tensor, Tensor]:
    """Return how the forward and the backward scores, [N, N] each, change with a step along an objective's gradient.

    Args:
        size: of the step, in units of the gradient.
        moving: the parameters that move, by default those that require a gradient.
        turned: what becomes of the gradients before the step.
        steps: how many steps, each along its own gradient.
    """
    movable = [p for p in model.parameters() if p.requires_grad] if moving is None else moving
    now = {id(p): p.detach().clone() for p in movable}
    for _ in range(steps):
        leaves = {key: value.requires_grad_() for key, value in now.items()}
        value = objective(partial(model.answer, instead=leaves))
        slopes = list(torch.autograd.grad(value, list(leaves.values()), materialize_grads=True))
        slopes = turned(slopes) if turned else slopes
        now = {key: (old + size * g).detach() for (key, old), g in zip(leaves.items(), slopes, strict=True)}
    with torch.no_grad():
        forward, backward = (model.answer(way, now) - model.answer(way) for way in ("forward", "backward"))
    return forward, backward


def overlap(model: Pairs, index: int) -> tuple[float, float]:
    """Return the squared length of the gradient of a pair's forward score, and its product with the backward one's."""
    movable = [p for p in model.parameters() if p.requires_grad]
    there, back = (
        torch.autograd.grad(model.answer(way)[index, index], movable, materialize_grads=True)
        for way in ("forward", "backward")
    )
    return (
        float(sum((g * g).sum() for g in there)),
        float(sum((g * h).sum() for g, h in zip(there, back, strict=True))),
    )


def after_step(
    model: Pairs,
    index: int,
    eta: float,
    moving: Sequence[Tensor] | None = None,
    doubled: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Return how the scores of both directions change with a step on a pair's forward statement.

    Args:
        moving: see `stepped`.
        doubled: a parameter that moves twice as far as it should.
    """
    movable = [p for p in model.parameters() if p.requires_grad] if moving is None else moving

    def turned(slopes: list[Tensor]) -> list[Tensor]:
        return [2 * g if p is doubled else g for p, g in zip(movable, slopes, strict=True)]

    return stepped(model, lambda scores: scores("forward")[index, index], eta, movable, turned)


State = dict[str, list[Any]]


def state(model: nn.Module) -> State:
    """Return a copy of all that a call must leave alone."""
    every = list(model.parameters())
    return {
        "weights": [p.detach().clone() for p in every],
        "gradients": [None if p.grad is None else p.grad.clone() for p in every],
        "modes": [module.training for module in model.modules()],
        "wanted": [p.requires_grad for p in every],
        "buffers": [b.clone() for b in model.buffers()],
    }


def differing(a: State, b: State) -> list[str]:
    """Return the names of the parts in which two states differ, by a single bit or more."""

    def equal(x: Any, y: Any) -> bool:
        return torch.equal(x, y) if isinstance(x, Tensor) and isinstance(y, Tensor) else x is y

    return [name for name in a if not all(map(equal, a[name], b[name]))]
