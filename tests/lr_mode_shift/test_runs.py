"""Stacked training: each run is as if it were alone, branches, breaks alone, and repeats to the bit."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from chisel.lr_mode_shift.batches import batch_order
from chisel.lr_mode_shift.optimiser import adamw_step
from chisel.lr_mode_shift.runs import BETAS, forward_of, new_model, split_of, train_stack
from chisel.lr_mode_shift.settings import DECAYS, Setting, look_steps

SMALL = {
    "quadratic": Setting("quadratic", p=7, hidden=12, batch=10, switch_step=8, weight_decay=0.3),
    "embedding": Setting("embedding", p=7, width=8, hidden=12, batch=10, switch_step=8),
    "transformer": Setting("transformer", p=7, width=8, hidden=12, heads=2, batch=10, switch_step=8),
}
SMALL["normalised"] = replace(SMALL["transformer"], layer_norm=True)
STEPS = 20
for_each_architecture = pytest.mark.parametrize("one", SMALL.values(), ids=SMALL)


def by_hand(setting: Setting, steps: int) -> tuple[nn.Module, list[float]]:
    """Train the module of a setting with torch's own AdamW; return it and training accuracy before each step."""
    net, (train, _) = new_model(setting), split_of(setting)
    order = batch_order(setting.seed, len(train), setting.batch, steps)
    optimiser = torch.optim.AdamW(net.parameters(), lr=setting.lr, betas=BETAS)
    accuracies = []
    for step in range(steps):
        with torch.no_grad():
            accuracies.append(float((net(train[:, 0], train[:, 1]).argmax(-1) == train[:, 2]).double().mean()))
        raised = setting.multiplier if step >= setting.switch_step else 1.0
        rate = raised if setting.decay != "decay_only" else 1.0
        decay_rate = raised if setting.decay != "constant" else 1.0
        warm = min(1.0, (step + 1) / setting.warmup)
        for group in optimiser.param_groups:
            group["lr"] = setting.lr * rate * warm
            group["weight_decay"] = setting.weight_decay * decay_rate / rate
        a, b, c = (train if order is None else train[order[step]]).unbind(1)
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(a, b), c).backward()
        optimiser.step()
    return net, accuracies


@for_each_architecture
@pytest.mark.parametrize("batch", [0, 10])
def test_a_member_is_what_torch_trains_alone(one, batch):
    members = [
        replace(one, seed=seed, multiplier=multiplier, decay=decay, batch=batch)
        for seed, multiplier, decay in [
            (3, 1.0, "coupled"),
            *((4, 5.0, decay) for decay in DECAYS),
            (4, 2.0, "coupled"),
        ]
    ]
    runs = train_stack(members, STEPS)
    for index, member in enumerate(members):
        net, accuracies = by_hand(member, STEPS)
        for name, value in net.named_parameters():
            torch.testing.assert_close(runs.params[name][index], value.detach(), atol=2e-5, rtol=1e-4)
        assert runs.curves["train_acc"][index, :-1].tolist() == pytest.approx(accuracies, abs=0.04)


@for_each_architecture
def test_a_stack_answers_as_its_modules_do(one):
    settings = [replace(one, seed=seed) for seed in range(3)]
    nets = [new_model(setting) for setting in settings]
    params = {name: torch.stack([dict(net.named_parameters())[name] for net in nets]) for name in nets[0].state_dict()}
    if one.layer_norm:  # untrained, all gains are 1 and all biases 0
        params["norm_gain"], params["norm_bias"] = (
            torch.randn(3, 3, 8, generator=torch.Generator().manual_seed(n)) for n in (1, 2)
        )
        for index, net in enumerate(nets):
            net.load_state_dict({name: value[index] for name, value in params.items()})
    a, b = torch.randint(7, (2, 3, 11), generator=torch.Generator().manual_seed(0))
    logits = forward_of(one)(params, a, b)
    assert logits.shape == (3, 11, 7)
    for index, net in enumerate(nets):
        torch.testing.assert_close(logits[index], net(a[index], b[index]), atol=1e-5, rtol=1e-4)


@for_each_architecture
def test_branching_changes_nothing(one):
    members = [
        replace(one, seed=seed, multiplier=multiplier, decay=decay, switch_step=switch)
        for seed in (0, 1)
        for multiplier, decay, switch in [
            (1.0, "coupled", 8),
            (5.0, "coupled", 8),
            (5.0, "constant", 8),
            (5.0, "coupled", 3),
        ]
    ]
    together = train_stack(members, STEPS)
    for index, member in enumerate(members):
        alone = train_stack([member], STEPS)
        for name, curve in alone.curves.items():
            torch.testing.assert_close(together.curves[name][index], curve[0], atol=1e-5, rtol=1e-4)
        for name, value in alone.params.items():
            torch.testing.assert_close(together.params[name][index], value[0], atol=2e-5, rtol=1e-4)


def test_what_else_a_step_rule_keeps_in_its_state_does_no_harm():
    def remembering(*args, **named):
        new, state = adamw_step(*args, **named)
        return new, {**state, "betas": torch.tensor(BETAS), "calls": 3}

    members = [replace(SMALL["quadratic"], multiplier=float(m)) for m in (1, 5, 9)]
    plain, more = (train_stack(members, STEPS, step_rule=rule) for rule in (adamw_step, remembering))
    assert torch.equal(plain.curves["val_loss"], more.curves["val_loss"])


def test_looks_are_dense_after_the_switch():
    assert look_steps(40, 10, ((3, 1), (9, 3), (30, 10)), before=5) == [0, 5, 10, 11, 12, 13, 16, 19, 29, 39, 40]


@for_each_architecture
def test_the_same_call_gives_the_same_bits_and_leaves_the_random_state(one):
    members = [replace(one, seed=seed, multiplier=5.0, weight_noise=0.01) for seed in (0, 1)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        before = torch.get_rng_state()
        first, again = train_stack(members, STEPS), train_stack(members, STEPS)
        assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first.curves[name], again.curves[name]) for name in first.curves)
    assert all(torch.equal(first.params[name], again.params[name]) for name in first.params)


@for_each_architecture
def test_a_member_that_breaks_is_frozen_and_its_neighbours_go_on(one):
    healthy = [replace(one, seed=seed, multiplier=2.0) for seed in (0, 1)]
    broken = replace(one, seed=2, multiplier=1e30)
    runs = train_stack([healthy[0], broken, healthy[1]], STEPS)
    alone = train_stack(healthy, STEPS)
    since = runs.frozen[1]
    assert runs.frozen[0] is None and runs.frozen[2] is None
    assert since is not None and one.switch_step <= since < STEPS
    for name in ("train_acc", "val_acc", "train_loss", "val_loss", "norm"):
        torch.testing.assert_close(runs.curves[name][[0, 2]], alone.curves[name], atol=1e-5, rtol=1e-4)
    assert all(bool(torch.isfinite(value).all()) for value in runs.params.values())
    for name in ("train_acc", "val_acc", "norm"):
        assert runs.curves[name][1, since:].unique().numel() == 1
    assert float(runs.curves["train_acc"][1, -1]) < 0.5 and bool((runs.curves["norm"][1] < float("inf")).all())


def test_only_looks_are_recorded_and_each_run_has_its_data():
    one = SMALL["embedding"]
    every, some = train_stack([one], STEPS), train_stack([one], STEPS, looks=[20, 0, 7, 7])
    assert some.steps.tolist() == [0, 7, 20] and some.settings == (one,)
    for name, curve in some.curves.items():
        assert torch.equal(curve, every.curves[name][:, [0, 7, 20]])
    splits = [{tuple(row) for row in split_of(replace(one, seed=seed))[0].tolist()} for seed in range(3)]
    assert splits[0] != splits[1] != splits[2]


def test_curves_are_those_of_the_networks():
    one = SMALL["transformer"]
    runs = train_stack([replace(one, seed=seed) for seed in (0, 1)], STEPS)
    for index, setting in enumerate(runs.settings):
        net = new_model(setting)
        net.load_state_dict({name: value[index] for name, value in runs.params.items()})
        for rows, part in zip(split_of(setting), ("train", "val"), strict=True):
            a, b, c = rows.unbind(1)
            with torch.no_grad():
                logits = net(a, b)
            right = float((logits.argmax(-1) == c).double().mean())
            assert float(runs.curves[f"{part}_acc"][index, -1]) == pytest.approx(right, abs=0.04)
            loss = float(nn.functional.cross_entropy(logits, c))
            assert float(runs.curves[f"{part}_loss"][index, -1]) == pytest.approx(loss, rel=1e-4)
        norm = sum(float(p.detach().square().sum()) for p in net.parameters()) ** 0.5
        assert float(runs.curves["norm"][index, -1]) == pytest.approx(norm, rel=1e-5)


def test_probes_see_all_logits_and_what_was_trained():
    one = SMALL["quadratic"]
    seen = []

    def right(logits, mask):
        seen.append((tuple(logits.shape), tuple(mask.shape)))
        answer = (torch.arange(7)[:, None] + torch.arange(7)) % 7
        return ((logits.argmax(-1) == answer) & mask).flatten(1).sum(1) / mask.flatten(1).sum(1)

    members = [replace(one, seed=seed, multiplier=multiplier) for seed in (0, 1) for multiplier in (1.0, 3.0)]
    runs = train_stack(members, STEPS, looks=[0, STEPS], probes={"right": right})
    torch.testing.assert_close(runs.curves["right"], runs.curves["train_acc"], check_dtype=False, atol=1e-6, rtol=0)
    assert seen == [((2, 7, 7, 7), (2, 7, 7)), ((4, 7, 7, 7), (4, 7, 7))]


def test_noise_starts_at_the_switch_and_is_the_runs_own():
    one = replace(SMALL["embedding"], weight_noise=0.05)
    quiet = train_stack([replace(one, weight_noise=0.0)], STEPS)
    runs = train_stack([one, replace(one, seed=1)], STEPS)
    assert torch.equal(runs.curves["norm"][0, :9], quiet.curves["norm"][0, :9])
    assert bool((runs.curves["norm"][0, 9:] != quiet.curves["norm"][0, 9:]).all())
    alone = train_stack([replace(one, seed=1)], STEPS)
    torch.testing.assert_close(runs.curves["norm"][1], alone.curves["norm"][0], atol=1e-5, rtol=1e-5)
    apart = runs.params["embed"][0] - quiet.params["embed"][0]
    assert 0.1 < float(apart.std()) < 0.3  # twelve steps of .05 each


def test_training_uses_what_it_is_given():
    one, calls = SMALL["quadratic"], []

    def forward(params, a, b):
        calls.append("forward")
        return forward_of(one)(params, a, b)

    def rule(params, grads, state, lr, weight_decay, **others):
        calls.append("rule")
        return {name: value - lr.view(-1, 1) * grads[name] for name, value in params.items()}, {"steps": lr}

    runs = train_stack([one], STEPS, looks=[], forward=forward, step_rule=rule)
    assert calls == ["forward", "rule"] * STEPS
    assert not torch.equal(runs.params["out"], train_stack([one], STEPS, looks=[]).params["out"])


@pytest.mark.parametrize(
    ("members", "steps", "looks", "message"),
    [
        ([], 5, None, "no run"),
        ([SMALL["quadratic"], SMALL["embedding"]], 20, None, "must agree"),
        ([SMALL["quadratic"], replace(SMALL["quadratic"], batch=11)], 20, None, "must agree"),
        ([SMALL["quadratic"]], 7, None, "ends after 7 steps, so nothing can change at step 8"),
        ([SMALL["quadratic"]], 8, [9], "between 0 and 8"),
        ([SMALL["quadratic"]], 8, [-1, 3], "between 0 and 8"),
    ],
)
def test_what_cannot_be_trained_together_is_refused(members, steps, looks, message):
    with pytest.raises(ValueError, match=message):
        train_stack(members, steps, looks)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"architecture": "mlp"}, "quadratic, embedding, transformer, not 'mlp'"),
        ({"decay": "none"}, "coupled, constant, decay_only, not 'none'"),
        ({"p": 2}, "integer above 2"),
        ({"p": 31.0}, "integer above 2"),
        ({"fraction": 1.0}, "between 0 and 1"),
        ({"batch": 577}, "0 \\(for all\\) to 576 pairs, not 577"),
        ({"batch": -1}, "not -1"),
        ({"heads": 5}, "5 heads do not divide a width of 64"),
        ({"multiplier": 0.0}, "must be positive"),
        ({"lr": -1e-3}, "must be positive"),
        ({"architecture": "quadratic", "layer_norm": True}, "only the transformer"),
        ({"switch_step": -1}, "cannot be negative"),
    ],
)
def test_a_setting_out_of_range_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(Setting(), **change)


@pytest.mark.slow
def test_memorisation_comes_long_before_generalisation():
    """The plateau that the chapter needs: all is memorised, and validation accuracy is still low."""
    batch, full = Setting("quadratic", weight_decay=0.3, switch_step=500), Setting(weight_decay=1.0)
    for one in (batch, full):
        runs = train_stack([replace(one, seed=seed) for seed in (100, 101)], 700, looks=[0, 700])
        assert bool((runs.curves["train_acc"][:, -1] > 0.98).all())
        assert bool((runs.curves["val_acc"][:, -1] < 0.75).all()) and bool((runs.curves["train_acc"][:, 0] < 0.2).all())
