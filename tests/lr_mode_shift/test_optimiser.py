"""One step of AdamW: torch's own for each member, three ways to decay, and members that do not touch."""

import pytest
import torch

from chisel.lr_mode_shift.optimiser import adamw_step
from chisel.lr_mode_shift.schedule import lr_at, set_lr

SHAPES = {"weight": (3, 4, 5), "bias": (3, 5), "gain": (3,)}


def drawn(seed: int) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return {name: torch.randn(shape, generator=random, dtype=torch.float64) for name, shape in SHAPES.items()}


@pytest.mark.parametrize("betas", [(0.9, 0.98), (0.5, 0.999)])
def test_coupled_is_what_torch_does_to_each_member(betas):
    lr, weight_decay = torch.tensor([1e-3, 0.1, 0.5]), torch.tensor([0.0, 1.0, 0.3])
    params, state = drawn(0), {}
    alone = [[torch.nn.Parameter(value[m].clone()) for value in params.values()] for m in range(3)]
    rules = [
        torch.optim.AdamW(own, lr=float(lr[m]), betas=betas, weight_decay=float(weight_decay[m]))
        for m, own in enumerate(alone)
    ]
    for step in range(1, 6):
        grads = drawn(step)
        params, state = adamw_step(params, grads, state, lr.double(), weight_decay.double(), betas=betas)
        for m, (own, rule) in enumerate(zip(alone, rules, strict=True)):
            for parameter, grad in zip(own, grads.values(), strict=True):
                parameter.grad = grad[m].clone()
            rule.step()
            for parameter, value in zip(own, params.values(), strict=True):
                torch.testing.assert_close(value[m], parameter.detach(), rtol=1e-6, atol=1e-9)
    assert state["steps"].tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    ("decay", "shrinks", "moves"), [("coupled", 0.2, 0.2), ("constant", 0.01, 0.2), ("decay_only", 0.2, 0.01)]
)
def test_which_rate_is_whose(decay, shrinks, moves):
    params = drawn(0)
    zero = {name: torch.zeros_like(value) for name, value in params.items()}
    still, _ = adamw_step(params, zero, {}, 0.2, 0.5, decay, base_lr=0.01)
    for name, value in params.items():
        torch.testing.assert_close(still[name], value * (1 - shrinks * 0.5))
    ones = {name: torch.ones_like(value) for name, value in params.items()}
    moved, _ = adamw_step(params, ones, {}, 0.2, 0.0, decay, base_lr=0.01)
    for name, value in params.items():  # a first step has the length of the rate, whatever the gradient's
        torch.testing.assert_close(moved[name], value - moves, rtol=1e-6, atol=1e-7)


def test_what_comes_in_is_left_alone_and_precision_is_kept():
    params = {name: value.float() for name, value in drawn(0).items()}
    grads = {name: value.float() for name, value in drawn(1).items()}
    _, state = adamw_step(params, grads, {}, 0.1, 0.1)
    kept = {key: {k: v.clone() for k, v in state[key].items()} for key in ("mean", "square")}
    copies = {name: value.clone() for name, value in params.items()}
    after, new = adamw_step(params, grads, state, 0.1, 0.1)
    assert all(torch.equal(params[name], copies[name]) and after[name].dtype == torch.float32 for name in params)
    assert all(torch.equal(state[key][name], kept[key][name]) for key in kept for name in params)
    assert state["steps"].tolist() == [1, 1, 1] and new["steps"].tolist() == [2, 2, 2]


def test_members_do_not_touch_and_may_have_made_different_numbers_of_steps():
    params, grads = drawn(0), drawn(1)
    _, state = adamw_step(params, grads, {}, 0.1, 0.1)
    state = {**state, "steps": torch.tensor([1.0, 7.0, 1.0], dtype=torch.float64)}
    after, _ = adamw_step(params, grads, state, 0.1, 0.1)
    strange = {name: value.clone().index_fill_(0, torch.tensor([2]), float("nan")) for name, value in grads.items()}
    broken, _ = adamw_step(params, strange, state, 0.1, 0.1)
    for name in params:
        assert torch.equal(after[name][:2], broken[name][:2]) and bool(broken[name][2].isnan().all())
    # The same moments count for less if they were gathered over more steps.
    move = (after["bias"] - params["bias"] * (1 - 0.01)).abs()
    assert not torch.allclose(move[1], move[0])


def test_an_unknown_decay_is_refused():
    with pytest.raises(ValueError, match="coupled, constant or decay_only"):
        adamw_step(drawn(0), drawn(1), {}, 0.1, 0.1, "none")


def test_the_rate_changes_at_the_switch_and_stays():
    assert [lr_at(step, 0.1, 5, 3) for step in range(6)] == [0.1, 0.1, 0.1, 0.5, 0.5, 0.5]
    assert lr_at(0, 0.1, 5, 0) == 0.5 and lr_at(9, 1e-3, 1.0, 4) == 1e-3


def test_setting_the_rate_changes_nothing_else():
    first, second = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    optimizer = torch.optim.AdamW(
        [{"params": [first], "lr": 0.1}, {"params": [second], "lr": 0.2, "weight_decay": 0.5}]
    )
    (first.sum() + second.sum()).backward()
    optimizer.step()
    moments = {key: value.clone() for key, value in optimizer.state[first].items()}
    set_lr(optimizer, 0.01)
    assert [group["lr"] for group in optimizer.param_groups] == [0.01, 0.01]
    assert optimizer.param_groups[1]["weight_decay"] == 0.5
    assert all(torch.equal(optimizer.state[first][key], value) for key, value in moments.items())
