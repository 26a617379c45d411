"""The form of a result: types, shapes, precision and finiteness, before any number is looked at."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from checking.toy_exercise import make_check
from chisel.checking import FloatDict, Number, StringSet, TensorDict, TensorLike
from chisel.checking.contract import show

LIKE = TensorLike(like="x", shape=lambda a: (*a["x"].shape, 2))
ARGUMENTS = {"x": torch.zeros(3, dtype=torch.float64)}


def problem(contract, result, arguments=ARGUMENTS):
    found = contract.problem(result, arguments)
    return None if found is None else found[0].id


def test_a_tensor_has_the_promised_type_shape_precision_device_and_numbers():
    right = torch.zeros(3, 2, dtype=torch.float64)
    assert problem(LIKE, right) is None
    assert problem(LIKE, right.numpy()) == "wrong-type"
    assert problem(LIKE, right.tolist()) == "wrong-type"
    assert problem(LIKE, right.T) == "wrong-shape"
    assert problem(LIKE, right[None]) == "wrong-shape"
    assert problem(LIKE, right.float()) == "wrong-dtype"
    assert problem(LIKE, right.to("meta")) == "wrong-device"
    assert problem(LIKE, right.fill_(torch.inf)) == "not-finite"


class AlwaysEqual(torch.Tensor):
    """A tensor that finds every comparison true."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func in (torch.Tensor.__le__, torch.le):
            return torch.tensor(True)
        return super().__torch_function__(func, types, args, kwargs or {})


def test_a_tensor_is_an_ordinary_one():
    right = torch.zeros(3, 2, dtype=torch.float64)
    assert problem(LIKE, torch.nn.Parameter(right)) is None
    assert problem(LIKE, right.to_sparse()) == "wrong-type"
    assert problem(LIKE, right.as_subclass(AlwaysEqual)) == "wrong-type"
    assert problem(Number(), torch.zeros(()).as_subclass(AlwaysEqual)) == "wrong-type"
    assert make_check().run(lambda values, factor: (values + factor).as_subclass(AlwaysEqual)).id == "wrong-type"


@pytest.mark.parametrize(
    ("change", "id"),
    [
        (lambda y: y.tolist(), "wrong-type"),
        (lambda y: y.sum(), "wrong-shape"),
        (lambda y: y[:, None], "wrong-shape"),
        (lambda y: y.float(), "wrong-dtype"),
        (lambda y: y.to("meta"), "wrong-device"),
        (lambda y: y / 0, "not-finite"),
        (lambda y: y * torch.nan, "not-finite"),
    ],
)
def test_a_check_gives_the_diagnosis(change, id):
    assert make_check().run(lambda values, factor: change(values * factor)).id == id


def test_without_the_contract_another_precision_escapes():
    class Anything:
        def problem(self, result, arguments):
            return None

        def same(self, a, b, relative, absolute):
            return True

    def rounded(values, factor):
        return (
            (values * factor).to(torch.float32).to(torch.float64).float()
            if not values.requires_grad
            else values * factor
        )

    check = make_check()
    check.properties = [p for p in check.properties if p.id == "empty"]
    assert check.run(rounded).id == "wrong-dtype"
    check.returns = Anything()
    assert check.run(rounded)


@pytest.mark.parametrize(
    "number", [1, -2.5, np.float64(3), np.float32(3), np.int64(3), torch.tensor(2.0), torch.tensor(2), Fraction(1, 2)]
)
def test_a_number_is_any_real_one(number):
    assert problem(Number(), number) is None


@pytest.mark.parametrize(
    "thing", [True, "1", [1.0], torch.ones(1), torch.tensor(True), 1j, np.ones(1), torch.tensor(1j)]
)
def test_what_is_not_one_number(thing):
    assert problem(Number(), thing) == "wrong-type"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float64("nan"), torch.tensor(-torch.inf)])
def test_a_number_is_finite(number):
    assert problem(Number(), number) == "not-finite"


def test_a_dict_has_exactly_these_keys_and_numbers():
    contract = FloatDict(("a", "b"))
    assert problem(contract, {"b": 1.0, "a": torch.tensor(2.0)}) is None
    assert problem(contract, {"a": 1.0}) == "wrong-type"
    assert problem(contract, {"a": 1.0, "b": 2.0, "c": 3.0}) == "wrong-type"
    assert problem(contract, [1.0, 2.0]) == "wrong-type"
    assert problem(contract, {"a": 1.0, "b": None}) == "wrong-type"
    assert problem(contract, {"a": 1.0, "b": float("nan")}) == "not-finite"


def test_a_dict_of_tensors_has_these_keys_and_may_have_more():
    contract = TensorDict(like="x", shape=lambda a: (len(a["x"]),), numbers=("a",), flags=("b",))
    right = {"a": torch.arange(3), "b": torch.tensor([True, False, True])}
    assert problem(contract, right) is None
    assert problem(contract, {**right, "a": torch.ones(3), "more": "something"}) is None
    assert problem(contract, {"a": right["a"]}) == "wrong-type"
    assert problem(contract, [right["a"], right["b"]]) == "wrong-type"
    assert problem(contract, {**right, "a": [0, 1, 2]}) == "wrong-type"
    assert problem(contract, {**right, "a": torch.ones(3).to_sparse()}) == "wrong-type"
    assert problem(contract, {**right, "a": right["b"]}) == "wrong-type"
    assert problem(contract, {**right, "a": torch.ones(3) * 1j}) == "wrong-type"
    assert problem(contract, {**right, "b": torch.ones(3)}) == "wrong-type"
    assert problem(contract, {**right, "b": right["b"][:, None]}) == "wrong-shape"
    assert problem(contract, {**right, "a": torch.zeros(3, device="meta")}) == "wrong-device"
    assert problem(contract, {**right, "a": torch.tensor([0.0, torch.nan, 1.0])}) == "not-finite"
    assert "under 'b'" in contract.problem({**right, "b": torch.ones(3)}, ARGUMENTS)[1]


def test_a_set_of_names_comes_from_the_menu():
    contract = StringSet(("tea", "coffee"))
    assert problem(contract, {"tea"}) is None and problem(contract, ["coffee", "tea"]) is None
    assert problem(contract, set()) is None
    assert problem(contract, {"milk"}) == "wrong-type"
    assert problem(contract, "tea") == "wrong-type"


def test_same_compares_within_the_given_width():
    x = torch.ones(2, dtype=torch.float64)
    assert LIKE.same(x, x + 1e-6, 1e-5, 0) and not LIKE.same(x, x + 1e-4, 1e-5, 0) and not LIKE.same(x, x[:1], 1, 1)
    assert Number().same(1.0, torch.tensor(1.0), 0, 0) and not Number().same(1.0, 1.1, 1e-3, 0)
    both = {"a": 1.0, "b": 2.0}
    assert FloatDict(("a", "b")).same(both, {"a": 1.0, "b": 2.0 + 1e-9}, 1e-6, 0)
    assert not FloatDict(("a", "b")).same(both, {"a": 1.0, "b": 2.1}, 1e-6, 0)
    tensors = TensorDict(like="x", shape=lambda a: (2,), numbers=("a",), flags=("b",))
    flag = torch.tensor([True, False])
    assert tensors.same({"a": x, "b": flag}, {"a": x + 1e-9, "b": flag, "more": 1}, 1e-6, 0)
    assert not tensors.same({"a": x, "b": flag}, {"a": x + 0.1, "b": flag}, 1e-6, 0)
    assert not tensors.same({"a": x, "b": flag}, {"a": x, "b": ~flag}, 1e-6, 0)
    assert StringSet(("a", "b")).same({"a", "b"}, ["b", "a"], 0, 0) and not StringSet(("a",)).same({"a"}, set(), 0, 0)


def test_show_is_short_and_readable():
    assert show(torch.tensor([[1.0, 2.5], [1 / 3, -1e-9]])) == "[[1, 2.5],\n [0.3333, -1e-09]]"
    assert show(torch.tensor([True, False])) == "[True, False]"
    assert show(torch.zeros(100)).startswith("shape [100], first values [0, 0, 0, 0, 0, 0]")
    assert show({"a": 1 / 3}) == "{'a': 0.333333}"
    assert show(torch.tensor(2.0, requires_grad=True)) == "2"
