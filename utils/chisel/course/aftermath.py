"""What a call has left behind on its copies of the check's objects, repeated on the check's own.

So each property of a check finds what it would find with the function beside it.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from chisel.course import modules
from chisel.course.wire import Decoder, Garbled


def leave_behind(header: dict[str, Any], decoder: Decoder, arguments: Sequence[Any], tensors: list[Tensor]) -> None:
    """Repeat what the call did to its arguments, to torch's settings and to the random states."""
    for number, content, gradient, asks in header["tensors"]:
        tensor, new, slope = tensors[number], decoder.decode(content), decoder.decode(gradient)
        with torch.no_grad():
            if new.shape == tensor.shape and new.dtype == tensor.dtype:
                tensor.copy_(new)
            if tensor.is_leaf:
                tensor.grad = slope if slope is None or slope.shape == tensor.shape else None
                tensor.requires_grad_(bool(asks) and tensor.is_floating_point())
    parts = modules.modules_of(arguments)
    for number, state in header["modules"]:
        modules.set_state(parts[number], state)
    for optimiser, told in zip(modules.optimisers_of(arguments), header["optimisers"], strict=True):
        modules.set_optimiser(optimiser, decoder.decode(told))
    for generator, state in zip(modules.generators_of(arguments), header["generators"], strict=True):
        _set_generator(generator, bytes.fromhex(state))
    for number, content in header["changed"]:
        if not modules.tensors_of(arguments[number]):  # what holds none can still have been changed
            _refill(arguments[number], decoder.decode(content))
    if header["random"]:
        before = torch.get_rng_state()
        _set_generator(torch.default_generator, bytes.fromhex(header.get("drawn", before.numpy().tobytes().hex())))
        if torch.equal(before, torch.get_rng_state()):
            torch.rand(1)  # it was Python's or numpy's; that something was drawn is all that counts
    changed = header["settings"]
    if "default dtype" in changed:
        torch.set_default_dtype(torch.float64 if torch.get_default_dtype() != torch.float64 else torch.float32)
    if "default device" in changed:
        torch.set_default_device("meta")
    if "gradients" in changed:
        torch.set_grad_enabled(not torch.is_grad_enabled())


def _set_generator(generator: torch.Generator, state: bytes) -> None:
    now = generator.get_state()
    if len(state) != now.numel():
        raise Garbled("the state of no generator")
    if state != now.numpy().tobytes():
        try:
            generator.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
        except RuntimeError as error:
            raise Garbled("the state of no generator") from error


def _refill(box: Any, new: Any) -> None:
    """Put what is in `new` into a list, a dict or a record."""
    if isinstance(box, list):
        box[:] = new
    elif isinstance(box, dict):
        box.clear()
        box.update(new)
    elif dataclasses.is_dataclass(box):
        for field in dataclasses.fields(box):
            object.__setattr__(box, field.name, getattr(new, field.name))
