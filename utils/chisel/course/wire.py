"""What crosses from a submission's process to the grader: JSON and the raw bytes of tensors, and nothing that runs.

The way there is pickle, for the grader trusts itself. The way back never is: a pickle can run anything when it is read.
Whatever a submission writes into the pipe, `decode` makes plain values of it or raises `Garbled`.
"""

import collections
import dataclasses
import json
import keyword
import numbers
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from chisel.course import modules

_HEAD = struct.Struct("<II")
MOST_BYTES = 64 << 20  # of the tensors of a message
_MOST_JSON = 4 << 20
_MOST_TEXT = 20_000  # characters of a string
_DEEPEST = 12  # boxes within boxes
# What torch can do everything with; a tensor of any other dtype can crash whoever looks at it.
_DTYPES = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex128, torch.complex64),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
)


class Garbled(ValueError):
    """What came back follows no rule. Only a submission that writes into the pipe itself does that."""


def frame(header: Any, blob: bytes = b"") -> bytes:
    """Return a message: two lengths, JSON, bytes."""
    text = json.dumps(header).encode()
    return _HEAD.pack(len(text), len(blob)) + text + blob


def length_of(received: bytes | bytearray) -> int | None:
    """Return how many bytes the message that begins here has, or None while that cannot be told.

    Raises:
        Garbled: more than a message may have.
    """
    if len(received) < _HEAD.size:
        return None
    text, blob = _HEAD.unpack_from(received)
    if text > _MOST_JSON or blob > MOST_BYTES:
        raise Garbled(f"an answer of {(text + blob) >> 20} MB")
    return _HEAD.size + text + blob


def unframe(message: bytes | bytearray) -> tuple[dict[str, Any], bytes]:
    """Return header and bytes of a whole message.

    Raises:
        Garbled: it is none.
    """
    size = _HEAD.unpack_from(message)[0]
    try:
        header = json.loads(bytes(message[_HEAD.size : _HEAD.size + size]))
    except (ValueError, RecursionError) as error:
        raise Garbled("an answer that is not JSON") from error
    if not isinstance(header, dict):
        raise Garbled("an answer without a header")
    return header, bytes(message[_HEAD.size + size :])


class Encoder:
    """Turns a learner's results into JSON and bytes; runs in the submission's process.

    Args:
        arguments: of the call. What is one of them, or shares memory with one, is said to.
        tensors: that were in them before the call, which may have filled a box; by default those that are there now.
    """

    def __init__(self, arguments: Sequence[Any] = (), tensors: Sequence[Tensor] | None = None):
        self.blob = bytearray()
        self.graph: list[Tensor] = []  # what a gradient can be asked of, in the order of their numbers
        self._arguments = arguments
        self._tensors = modules.tensors_of(arguments) if tensors is None else tensors
        self._places = {t.untyped_storage().data_ptr(): i for i, t in enumerate(self._tensors) if _dense(t)}

    def encode(self, value: Any, depth: int = 0) -> Any:
        """Return `value` in a form that JSON takes; what has none becomes its type's name."""
        if depth > _DEEPEST:
            return {"is": "other", "name": "endless_structure"}
        if isinstance(value, Tensor):
            with torch._C.DisableTorchFunctionSubclass():  # a subclass may redefine what is asked of it here
                return self._tensor(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str(value)[:_MOST_TEXT]
        if isinstance(value, numbers.Real):
            return {"is": "int", "text": str(int(value))} if isinstance(value, numbers.Integral) else float(value)
        if isinstance(value, nn.Module):
            return self._module(value)
        if isinstance(value, torch.optim.Optimizer):
            own = [number for number, argument in enumerate(self._arguments) if value is argument]
            return {"is": "argument", "number": own[0]} if own else {"is": "optimiser"}
        return self._box(value, depth + 1)

    def _box(self, value: Any, depth: int) -> Any:
        name = _name_of(value)
        if isinstance(value, Mapping):
            pairs = [[self.encode(k, depth), self.encode(v, depth)] for k, v in value.items()]
            return {"is": "dict", "items": pairs}
        fields = _fields(value)
        if fields is not None:
            items = [[key, self.encode(item, depth)] for key, item in fields]
            kind = "named" if isinstance(value, tuple) else "object"
            return {"is": kind, "name": name, "module": type(value).__module__, "items": items}
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind):
                return {"is": kind.__name__, "items": [self.encode(item, depth) for item in value]}
        return {"is": "other", "name": name}

    def _tensor(self, value: Tensor) -> Any:
        plain = _dense(value) and type(value) in (Tensor, nn.Parameter)
        place = self._places.get(value.untyped_storage().data_ptr()) if plain else None
        if place is not None:
            whole = self._tensors[place]
            if value is whole:
                return {"is": "argument", "tensor": place}
            if value.dtype == whole.dtype and (value.is_leaf or not value.requires_grad):
                shape = [list(value.shape), list(value.stride()), value.storage_offset()]
                return {"is": "view", "tensor": place, "shape": shape}
        said = {
            "is": "tensor",
            "dtype": str(value.dtype).removeprefix("torch."),
            "shape": list(value.shape),
            "device": value.device.type,
            "layout": str(value.layout).removeprefix("torch."),
            "name": _name_of(value),
        }
        if not _dense(value):
            return said
        dense = value.detach().as_subclass(Tensor).resolve_conj().resolve_neg()
        flat = torch.empty(dense.numel(), dtype=dense.dtype)  # `contiguous` leaves one element its odd stride
        content = flat.copy_(dense.reshape(-1)).view(torch.uint8).numpy().tobytes() if dense.numel() else b""
        said["at"], said["bytes"] = len(self.blob), len(content)
        self.blob += content
        if value.requires_grad:
            said["graph"] = len(self.graph)
            self.graph.append(value)
        return said

    def _module(self, value: nn.Module) -> Any:
        for number, argument in enumerate(self._arguments):
            if value is argument:
                return {"is": "argument", "number": number}
        tensors = [[name, self._tensor(parameter)] for name, parameter in value.named_parameters()]
        return {"is": "module", "name": _name_of(value), "tensors": tensors, "training": bool(value.training)}


class Decoder:
    """Turns what came back into values; runs in the grader, and believes nothing.

    Attributes:
        graph: of each result that a gradient can be asked of, its number in the other process.
    """

    def __init__(self, blob: bytes, arguments: Sequence[Any] = ()):
        self._blob = blob
        self._left = len(blob)
        self._arguments = arguments
        self._tensors = modules.tensors_of(arguments)
        self.graph: list[tuple[int, Tensor]] = []

    def decode(self, said: Any) -> Any:
        """Return the value.

        Raises:
            Garbled: it is none.
        """
        try:
            return self._value(said)
        except Garbled:
            raise
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError, OverflowError, AttributeError) as error:
            raise Garbled(f"an answer that holds no value ({type(error).__name__})") from error

    def _value(self, said: Any) -> Any:
        if said is None or isinstance(said, bool | float | str):
            return said
        kind, read = said["is"], self._value
        if kind == "int":
            return int(said["text"])
        if kind == "tensor":
            return self._tensor(said)
        if kind == "argument":
            return self._tensors[said["tensor"]] if "tensor" in said else self._arguments[said["number"]]
        if kind == "view":
            size, stride, offset = said["shape"]
            return self._tensors[said["tensor"]].detach().as_strided(size, stride, offset)
        if kind == "dict":
            return {read(key): read(value) for key, value in said["items"]}
        if kind in ("list", "tuple", "set", "frozenset"):
            box = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind]
            return box(read(item) for item in said["items"])
        if kind in ("named", "object"):
            return _made(said, [(_word(key), read(value)) for key, value in said["items"]])
        if kind == "optimiser":
            return modules.another_optimiser()
        if kind == "module":
            tensors = {_path(name): read(tensor) for name, tensor in said["tensors"]}
            return modules.rebuilt(_word(said["name"]), tensors, bool(said["training"]), self._arguments)
        return type(_word(said["name"]), (), {})()

    def _tensor(self, said: Any) -> Any:
        dtype, shape = getattr(torch, said["dtype"]), [int(n) for n in said["shape"]]
        if not isinstance(dtype, torch.dtype) or any(n < 0 for n in shape):
            raise Garbled("a tensor without a dtype or a shape")
        if "at" not in said:
            if said["layout"] == "sparse_coo":
                return torch.empty(shape, dtype=dtype, layout=torch.sparse_coo)
            if said["layout"] != "strided":  # with a shape, some take memory though there is nothing in them
                return type(_word(said["layout"]), (), {})()
            return torch.empty(shape, dtype=dtype, device="meta")
        content = self._blob[said["at"] : said["at"] + said["bytes"]]
        empty, self._left = 0 in shape, self._left - len(content)
        if dtype not in _DTYPES or self._left < 0:  # the second: many tensors from the same bytes
            raise Garbled("a tensor that was not sent")
        if len(content) != said["bytes"] or (not empty and torch.Size(shape).numel() * dtype.itemsize != len(content)):
            raise Garbled("a tensor of another size than its bytes")
        flat = torch.empty(0, dtype=dtype) if empty else torch.frombuffer(bytearray(content), dtype=dtype)
        value = flat.reshape(shape)
        if said["name"] == "Parameter":
            value = nn.Parameter(value, requires_grad=bool(said.get("graph") is not None))
        elif said["name"] != "Tensor":
            value = value.as_subclass(type(_word(said["name"]), (Tensor,), {}))
        elif said.get("graph") is not None:
            self.graph.append((int(said["graph"]), value))
        return value


def _dense(value: Tensor) -> bool:
    """Say whether the bytes are there to be read."""
    return value.layout == torch.strided and value.device.type == "cpu" and value.dtype in _DTYPES


def _fields(value: Any) -> list[tuple[str, Any]] | None:
    """The named parts of a record, or None."""
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        return list(zip(names, value, strict=True)) if names else None
    if isinstance(value, type) or callable(value):
        return None
    if dataclasses.is_dataclass(value):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    return list(vars(value).items()) if hasattr(value, "__dict__") else None


def _name_of(value: Any) -> str:
    """Return a type's name in a form that arrives."""
    name = type(value).__name__.strip("_")
    return name if name.isidentifier() and not keyword.iskeyword(name) else "object"


def _word(text: Any) -> str:
    """Return a name that Python takes for an attribute or a class, and that is no special one."""
    name = str(text)[:80]
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
        raise Garbled("a name that is none")
    return name


def _path(text: Any) -> str:
    """Return the path of a parameter in a network."""
    if len(str(text)) > 1000:
        raise Garbled("a network too deep to be one")
    return str(text)


def _made(said: Any, items: list[tuple[str, Any]]) -> Any:
    """Return a record: of the library's own type where it is one, else of a type that is made for it."""
    name = _word(said["name"])
    known = getattr(sys.modules.get(str(said["module"])), name, None) if said["module"].startswith("chisel.") else None
    if said["is"] == "named":
        names = [key for key, _ in items]
        own = isinstance(known, type) and issubclass(known, tuple) and list(getattr(known, "_fields", ())) == names
        kind = known if own else collections.namedtuple(name, names)  # type: ignore[misc]  # the names come late
        return tuple.__new__(kind, [value for _, value in items])  # type: ignore[arg-type]  # a tuple either way
    kind = known if isinstance(known, type) and dataclasses.is_dataclass(known) else type(name, (), {})
    made = object.__new__(kind)
    for key, value in items:
        object.__setattr__(made, key, value)
    return made
