"""The promise about what a step returns, and stacks to make it with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Draw
from chisel.checking.contract import WRONG_SHAPE, WRONG_TYPE, Arguments, Problem, TensorLike

Named = dict[str, Tensor]


@dataclass(frozen=True)
class Step:
    """New parameters, and a state with steps and both moments."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, tuple | list) or len(result) != 2 or not all(isinstance(x, Mapping) for x in result):
            return WRONG_TYPE, f"{_kind(result)}, where (new parameters, new state) is promised, two dicts"
        new, state = result
        params = arguments["params"]
        missing = [key for key in ("steps", "mean", "square") if key not in state]
        if missing:
            return WRONG_TYPE, f"a state with the keys {sorted(map(str, state))}, without {missing}"
        for said, named in (("", new), ("mean", state["mean"]), ("square", state["square"])):
            where = f"state[{said!r}]" if said else "the new parameters"
            if not isinstance(named, Mapping) or named.keys() != params.keys():
                found = sorted(map(str, named)) if isinstance(named, Mapping) else _kind(named)
                return WRONG_TYPE, f"{where}: {found}, where a dict with the names {sorted(params)} is promised"
            for name, p in params.items():
                problem = TensorLike("p", lambda a: a["p"].shape).problem(named[name], {"p": p})
                if problem:
                    return problem[0], f"{where}, {name!r}: {problem[1].replace('`p`', 'the parameter')}"
        steps, count = state["steps"], len(next(iter(params.values())))
        if not isinstance(steps, Tensor):
            return WRONG_TYPE, f"state['steps'] is {_kind(steps)}, where a tensor [{count}] is promised"
        if tuple(steps.shape) != (count,):
            return WRONG_SHAPE, f"state['steps'] has shape {list(steps.shape)}, where [{count}] is promised"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        pairs = [
            (x[name], y[name])
            for x, y in ((a[0], b[0]), *((a[1][key], b[1][key]) for key in ("mean", "square")))
            for name in x
        ]
        return all(torch.allclose(x.double(), y.double(), rtol=relative, atol=absolute) for x, y in pairs)


def _kind(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"{len(value)} things: {', '.join(type(x).__name__ for x in value)}"
    return f"a {type(value).__name__}"


def stack(draw: Draw, members: int, *shapes: tuple[int, ...], size: float = 1.0) -> Named:
    """Draw one tensor [members, ...] a shape, none of its numbers near 0."""
    drawn = [draw.normal(members, *shape) for shape in shapes]
    return {name: size * (x + 0.3 * x.sign()) for name, x in zip(("left", "right", "out"), drawn, strict=False)}


def zeros(named: Named) -> Named:
    """Zeros of the same names and shapes."""
    return {name: torch.zeros_like(x) for name, x in named.items()}


def member(named: Any, index: int) -> Any:
    """Cut one member out of parameters, gradients or a state, as a stack of one."""
    if isinstance(named, Mapping):
        return {key: member(value, index) for key, value in named.items()}
    return named[index : index + 1]


def joined(parts: list[Any]) -> Any:
    """Put stacks, or their states, together to one."""
    if isinstance(parts[0], Mapping):
        return {key: joined([part[key] for part in parts]) for key in parts[0]}
    return torch.cat(parts)


def flat(named: Mapping[str, Tensor]) -> Tensor:
    """All numbers in one tensor, in the order of the names."""
    return torch.cat([named[name].detach().reshape(-1) for name in sorted(named)])
