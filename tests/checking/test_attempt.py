"""Guarded calls: whatever a learner's function does to its caller becomes a diagnosis with a name."""

import random
import sys

import numpy as np
import pytest
import torch
from torch import nn

from checking.toy_exercise import make_check
from chisel.checking import Attempt, FloatDict, Number, TensorLike, attempt, close
from chisel.checking.attempt import Fault


def raises(values, factor):
    return values[100] * factor  # the learner's line


def exits(values, factor):
    sys.exit(3)


def interrupts_itself(values, factor):
    raise KeyboardInterrupt


def forgets_to_return(values, factor):
    result = values * factor
    result.sum()


def in_place(values, factor):
    return values.detach().mul_(factor) if values.numel() else values


def fills_the_gradient(values, factor):
    (values * factor).sum().backward() if values.requires_grad else None
    return values * factor


def draws_torch(values, factor):
    return values * factor + 0 * torch.rand(())


def draws_numpy(values, factor):
    return values * factor + 0 * np.random.rand()


def draws_python(values, factor):
    return values * factor + 0 * random.random()


def reseeds(values, factor):
    torch.manual_seed(0)
    return values * factor


def sets_the_dtype(values, factor):
    torch.set_default_dtype(torch.float64)
    return values * factor


def sets_the_device(values, factor):
    torch.set_default_device("meta")
    return values * factor


def leaves_gradients_off(values, factor):
    result = values * factor
    torch.set_grad_enabled(False)
    return result


def detached(values, factor):
    return values.detach() * factor


def without_grad(values, factor):
    with torch.no_grad():
        return values * factor


def rebuilt(values, factor):
    return torch.tensor([factor * v for v in values.tolist()], dtype=values.dtype)


def another_parameter(values, factor):
    return values.detach() * factor * torch.ones((), dtype=values.dtype, requires_grad=True)


@pytest.mark.parametrize(
    ("function", "id"),
    [
        (raises, "raised"),
        (exits, "raised"),
        (interrupts_itself, "raised"),
        (forgets_to_return, "returned-none"),
        (in_place, "input-changed"),
        (fills_the_gradient, "input-changed"),
        (draws_torch, "global-random"),
        (draws_numpy, "global-random"),
        (draws_python, "global-random"),
        (reseeds, "global-random"),
        (sets_the_dtype, "settings-changed"),
        (sets_the_device, "settings-changed"),
        (leaves_gradients_off, "settings-changed"),
        (detached, "no-gradient"),
        (without_grad, "no-gradient"),
        (rebuilt, "no-gradient"),
        (another_parameter, "no-gradient"),
    ],
)
def test_what_breaks_the_callers_trust_is_named(function, id):
    assert make_check().run(function).id == id


def test_without_the_look_at_inputs_a_function_that_changes_them_escapes(monkeypatch):
    def overwrites_afterwards(values, factor):
        result = values * factor
        values.detach().zero_()
        return result

    assert make_check().run(overwrites_afterwards).id == "input-changed"
    monkeypatch.setattr(attempt, "snapshot", lambda value: None)
    check = make_check()
    check.properties = [p for p in check.properties if p.id == "gradient"]
    assert check.run(overwrites_afterwards)


def test_without_the_look_at_random_states_a_function_that_draws_escapes(monkeypatch):
    assert make_check().run(draws_torch).id == "global-random"
    monkeypatch.setattr(attempt, "random_state", lambda: None)
    assert make_check().run(draws_torch)


def test_without_the_look_at_settings_a_function_that_changes_them_escapes(monkeypatch):
    monkeypatch.setattr(attempt, "torch_settings", dict)
    assert make_check().run(sets_the_dtype)


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no words")


def test_an_exception_without_words_is_still_the_learners():
    def raises_it(values, factor):
        raise Unspeakable

    report = make_check().run(raises_it)
    assert report.id == "raised" and "Unspeakable, whose own message cannot be shown" in str(report)


class Hostile(dict):
    def __iter__(self):
        raise ValueError("not to be looked at")


def test_a_result_that_cannot_be_looked_at_is_of_the_wrong_type():
    with pytest.raises(Fault) as caught:
        Attempt(lambda x: Hostile(a=1.0), ("x",), FloatDict(("a",)))(1.0)
    assert caught.value.finding.diagnosis.id == "wrong-type"
    assert caught.value.finding.got == "Hostile, which cannot be looked at: ValueError: not to be looked at"


def test_numbers_with_a_graph_behind_them_are_numbers():
    weight = torch.ones((), dtype=torch.float64, requires_grad=True)
    both = Attempt(lambda x: {"a": x * weight, "b": 1.0}, ("x",), FloatDict(("a", "b")))
    assert not both(2.0)["a"].requires_grad and both.calls[0].result == {"a": 2.0, "b": 1.0}
    assert not Attempt(lambda x: x * weight, ("x",), Number())(2.0).requires_grad


def test_an_exception_is_shown_with_the_learners_line_and_no_stack():
    report = make_check().run(raises)
    assert report.finding is not None
    assert report.finding.got.startswith("IndexError: ")
    assert report.finding.got.endswith("at: return values[100] * factor  # the learner's line")
    assert "raises IndexError" in str(report).splitlines()[0]
    assert "Traceback" not in str(report)


def test_only_an_untouched_stub_is_not_attempted():
    def stub(values, factor):
        raise NotImplementedError()

    def a_branch_left_open(values, factor):
        if len(values) == 0:
            raise NotImplementedError
        return values * factor

    def what_torch_cannot_do(values, factor):
        raise NotImplementedError("could not run 'aten::thing' on this backend")

    report = make_check().run(stub)
    assert report.status == "not attempted" and report.finding is None and not report.outcomes
    assert make_check().run(a_branch_left_open).id == "raised"
    assert make_check().run(what_torch_cannot_do).id == "raised"


def test_what_a_learner_prints_is_left_alone(capsys):
    def prints(values, factor):
        print("values are", values.shape)
        return values * factor

    report = make_check()(prints)
    lines = capsys.readouterr().out.splitlines()
    assert report and lines[0].startswith("values are") and lines[-1] == str(report)


def module_attempt(function):
    return Attempt(function, ("policy",), Number())


@pytest.mark.parametrize(
    "function",
    [
        lambda policy: policy.eval().weight.sum().item(),
        lambda policy: nn.init.zeros_(policy.weight).sum().item(),
        lambda policy: policy.weight.sum().backward() or 1.0,
        lambda policy: policy.requires_grad_(False).weight.sum().item(),
    ],
    ids=["mode", "weights", "gradient", "requires_grad"],
)
def test_a_changed_module_is_a_changed_input(function):
    with pytest.raises(Fault) as caught:
        module_attempt(function)(nn.Linear(2, 2))
    assert caught.value.finding.diagnosis.id == "input-changed"


def test_a_module_that_is_only_used_is_not_changed():
    assert module_attempt(lambda policy: float(policy.weight.detach().sum()))(nn.Linear(2, 2)) is not None


def test_blame_takes_the_first_suspect_and_expect_passes_over_those_that_are_right():
    check = make_check()
    a = Attempt(lambda values, factor: values, ("values", "factor"), check.returns)
    a.begin("product", check.properties[0].diagnoses)
    a.expect(2.0, 2.0, "not-scaled", "tried")
    with pytest.raises(Fault) as caught:
        a.expect(-2.0, 2.0, "not-scaled", "tried", {"sign-flipped": [-2.0]})
    assert caught.value.finding.diagnosis.id == "sign-flipped"
    with pytest.raises(Fault) as caught:
        a.expect(2.5, 2.0, "not-scaled", "tried", {"sign-flipped": [2.0]})
    assert caught.value.finding.diagnosis.id == "not-scaled"
    with pytest.raises(KeyError):
        a.fail("never-declared", "tried", 1.0)


def test_close_is_relative_and_strict_about_shapes():
    assert close(1e9 + 1, 1e9) and not close(1 + 1e-6, 1.0)
    assert not close(torch.zeros(2), torch.zeros(2, 1)) and not close(float("nan"), float("nan"))
    # A Python float is a float64: nothing is lost on the way.
    assert not close(0.1, torch.tensor(0.1), 1e-10) and close(0.1, torch.tensor(0.1, dtype=torch.float64), 0.0)
    assert close(torch.zeros(0), torch.zeros(0))


def test_values_are_remembered_as_they_were():
    a = Attempt(lambda values: values * 2, ("values",), TensorLike("values", lambda x: tuple(x["values"].shape)))
    values = torch.ones(2)
    a(values)
    values.zero_()
    assert a.calls[0].arguments[0].tolist() == [1, 1] and a.calls[0].result.tolist() == [2, 2]
    a(values, remember=False)
    assert len(a.calls) == 1


def test_a_refusal_is_the_error_that_is_asked_for_and_nothing_else():
    def asked(way: str):
        if way == "refused":
            raise ValueError(way)
        if way == "broken":
            raise SystemExit(way)

    attempt = Attempt(asked, ("way",), Number())
    assert attempt.not_refused(ValueError, "refused") == []
    assert attempt.not_refused(ValueError, "broken") == ["a SystemExit"]
    assert attempt.not_refused(ValueError, "taken") == [None]
