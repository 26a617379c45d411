"""Arguments and results as a check keeps them: copied, compared, shown, and freed from gradients."""

import copy
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn

from chisel.checking.contract import show


def describe_value(value: Any) -> str:
    """Write one argument."""
    if isinstance(value, nn.Module):
        return f"{type(value).__name__} with {sum(p.numel() for p in value.parameters())} parameters"
    if isinstance(value, torch.Generator):
        return "a torch.Generator"
    if _is_record(value):
        return "\n".join(f"{name}: {describe_value(item)}" for name, item in _items(value))
    return show(value)


def copied(value: Any) -> Any:
    """Return a deep copy; a generator among the values goes on from where it is, in the copy as in the original."""
    return copy.deepcopy(value, {id(g): _same_stream(g) for g in _generators(value)})


def snapshot(value: Any) -> Any:
    """Return something comparable that changes when `value` does: bytes of tensors, state and mode of modules."""
    if isinstance(value, Tensor):
        grad = None if not value.is_leaf or value.grad is None else _bytes(value.grad)
        return tuple(value.shape), value.dtype, value.requires_grad, _bytes(value), grad
    if isinstance(value, nn.Module):
        tensors = [*value.parameters(), *value.buffers()]
        return [snapshot(t) for t in tensors], [m.training for m in value.modules()]
    if isinstance(value, torch.Generator):
        return None  # it is passed to be used
    if _is_record(value) or isinstance(value, list | tuple | Mapping):
        return [(name, snapshot(item)) for name, item in _items(value)]
    return copy.deepcopy(value)


def _is_record(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _items(value: Any) -> list[tuple[Any, Any]]:
    """The named or numbered parts of a dataclass, a mapping or a sequence."""
    if _is_record(value):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return list(value.items() if isinstance(value, Mapping) else enumerate(value))


def _generators(value: Any) -> list[torch.Generator]:
    if isinstance(value, torch.Generator):
        return [value]
    if _is_record(value) or isinstance(value, list | tuple | Mapping):
        return [found for _, item in _items(value) for found in _generators(item)]
    return []


def _same_stream(random: torch.Generator) -> torch.Generator:
    twin = torch.Generator(device=random.device)
    twin.set_state(random.get_state())
    return twin


def _bytes(value: Tensor) -> bytes:
    return value.detach().cpu().contiguous().numpy().tobytes()


def detached(value: Any) -> Any:
    """Return the value without gradients behind its tensors."""
    if isinstance(value, Mapping):
        return {key: detached(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(detached(item) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(detached(item) for item in value))
    return value.detach() if isinstance(value, Tensor) else value
