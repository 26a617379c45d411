"""What crosses the pipe: values arrive as they were, and nonsense is refused as such."""

import dataclasses
import json
import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from torch import Tensor, nn

from chisel.course.wire import MOST_BYTES, Decoder, Encoder, Garbled, frame, length_of, unframe


def through(value: Any, arguments: tuple[Any, ...] = (), others: tuple[Any, ...] | None = None) -> Any:
    """Send a result of a call with `arguments`; `others` are the grader's own of them."""
    encoder = Encoder(arguments)
    header, blob = unframe(frame({"result": encoder.encode(value)}, bytes(encoder.blob)))
    return Decoder(blob, arguments if others is None else others).decode(header["result"])


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, -(10**30), 0.1, math.inf, "a\0b"),
        *([[2]], (1, "x"), {1, 2}, frozenset("a"), {"a": 1, 2: {3.0: None}}),
    ],
    ids=repr,
)
def test_plain_values_arrive(value: Any):
    got = through(value)
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.float32, torch.bfloat16, torch.complex64, torch.int8, torch.bool]
)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 1)])
def test_tensors_arrive(dtype: torch.dtype, shape: tuple[int, ...]):
    value = torch.arange(math.prod(shape)).reshape(shape).to(dtype)
    got = through(value)
    assert got.dtype == dtype and got.shape == value.shape and torch.equal(got, value)


def test_a_transposed_tensor_and_a_conjugate_arrive():
    value = torch.tensor([[1 + 2j, 3], [4, 5]])
    assert torch.equal(through(value.T), value.T) and torch.equal(through(value.conj()), value.conj())


@pytest.mark.parametrize(
    "part", [lambda x: x[:, 0], lambda x: x[::2, ::3], lambda x: x[:0].T, lambda x: x[:1].expand(4, 3)]
)
def test_parts_of_tensors_arrive(part: Callable[[Tensor], Tensor]):
    for rows in (1, 4):
        value = torch.arange(3.0 * rows).reshape(rows, 3)
        assert torch.equal(through(part(value)), part(value))


def test_nan_arrives():
    assert math.isnan(through(math.nan)) and math.isnan(through(torch.tensor(math.nan)))


def test_what_is_no_ordinary_tensor_stays_none():
    class Own(Tensor):
        pass

    assert type(through(torch.ones(2).as_subclass(Own))).__name__ == "Own"
    assert through(torch.ones(2).to_sparse()).layout == torch.sparse_coo
    assert through(torch.ones(2, device="meta")).device.type == "meta"
    assert through(torch.ones(2).to(torch.float8_e5m2)).device.type == "meta"
    said = {"is": "tensor", "dtype": "float32", "shape": [1 << 40, 2], "layout": "sparse_csr", "name": "Tensor"}
    assert type(Decoder(b"").decode(said)).__name__ == "sparse_csr"
    assert type(through(nn.Parameter(torch.ones(2)))) is nn.Parameter


def test_an_argument_and_a_view_of_one_are_told_from_copies():
    here, there = torch.arange(6.0), torch.arange(6.0)
    assert through(there, (there,), (here,)) is here
    view = through(there[2:4], (there,), (here,))
    assert view.data_ptr() == here[2:].data_ptr() and torch.equal(view, here[2:4])
    assert through(there.clone(), (there,), (here,)).data_ptr() != here.data_ptr()


def test_a_network_arrives_as_one_like_the_argument():
    here, there = nn.Linear(2, 1), nn.Linear(2, 1)
    assert through(there, (there,), (here,)) is here
    made = nn.Linear(2, 1)
    got = through(made, (there,), (here,))
    assert type(got) is nn.Linear and torch.equal(got.weight, made.weight) and got.weight is not here.weight
    shared = nn.Linear(2, 1)
    shared.weight = there.weight
    assert through(shared, (there,), (here,)).weight.data_ptr() == here.weight.data_ptr()


def test_records_arrive_with_their_parts():
    Pair = namedtuple("Pair", ["left", "right"])

    @dataclasses.dataclass
    class Box:
        inside: int

    pair, box = through(Pair(1, torch.ones(2))), through(Box(3))
    assert pair.left == 1 and torch.equal(pair.right, torch.ones(2)) and isinstance(pair, tuple)
    assert box.inside == 3 and type(box).__name__ == "Box"


def test_functions_types_and_loops_arrive_as_names_only():
    endless: list[Any] = []
    endless.append(endless)
    for value in (len, int, lambda: 3, object(), iter([])):
        assert not callable(through(value)) and not isinstance(through(value), list)
    assert isinstance(through(endless), list)


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        {"is": "tensor"},
        {"is": "tensor", "dtype": "load", "shape": [], "at": 0, "bytes": 0, "name": "Tensor"},
        {"is": "tensor", "dtype": "float64", "shape": [3], "at": 0, "bytes": 8, "name": "Tensor"},
        {"is": "tensor", "dtype": "float64", "shape": [-1], "at": 0, "bytes": 8, "name": "Tensor"},
        {"is": "tensor", "dtype": "float64", "shape": [1 << 62], "at": 0, "bytes": 8, "name": "Tensor"},
        {"is": "tensor", "dtype": "quint8", "shape": [8], "at": 0, "bytes": 8, "name": "Tensor"},
        {
            "is": "list",
            "items": [{"is": "tensor", "dtype": "float64", "shape": [1], "at": 0, "bytes": 8, "name": "T"}] * 2,
        },
        {"is": "view", "tensor": 0, "shape": [[100], [1], 0]},
        {"is": "view", "tensor": 0, "shape": [[1], [1], -5]},
        {"is": "argument", "tensor": 7},
        {"is": "argument", "number": "x"},
        {"is": "set", "items": [{"is": "list", "items": []}]},
        {"is": "int", "text": "9" * 5000},
        {"is": "other", "name": "__class__"},
        {"is": "object", "name": "X", "module": "os", "items": [["__class__", 3]]},
        {"is": "named", "name": "X", "module": "chisel", "items": [["a", 1], ["a", 2]]},
        {"is": "module", "name": "Linear", "tensors": [["..", 3]], "training": True},
    ],
    ids=str,
)
def test_nonsense_is_refused(said: Any):
    with pytest.raises(Garbled):
        Decoder(bytes(8), (torch.ones(2),)).decode(said)


words = st.sampled_from(
    ["is", "tensor", "view", "items", "list", "shape", "dtype", "float64", "at", "bytes", "name", "dict"]
)
nonsense = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | words | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=12,
)


@given(nonsense)
@settings(max_examples=300, deadline=None)
def test_no_nonsense_is_anything_but_a_value_or_refused(said: Any):
    try:
        Decoder(bytes(16), (torch.ones(2), [torch.ones(1)])).decode(said)
    except Garbled:
        return


@given(st.binary(max_size=40))
def test_any_bytes_are_a_message_or_refused(received: bytes):
    try:
        size = length_of(received)
        if size is not None and size <= len(received):
            assert isinstance(unframe(received[:size])[0], dict)
    except Garbled:
        return


def test_deep_and_long_messages_are_refused():
    text = b"[" * 100_000
    with pytest.raises(Garbled):
        unframe(len(text).to_bytes(4, "little") + bytes(4) + text)
    with pytest.raises(Garbled):
        length_of(bytes(4) + (MOST_BYTES + 1).to_bytes(4, "little"))
    deep: Any = None
    for _ in range(5000):
        deep = {"is": "list", "items": [deep]}
    with pytest.raises(Garbled):
        Decoder(b"").decode(deep)
    assert json.dumps(Encoder().encode([1]))
