"""The parts of A2C against their definitions, and training as a whole: it learns, repeats itself and goes on."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chisel.core.checkpoints import Checkpoint, CheckpointError
from chisel.core.seeding import generator
from chisel.reward_as_chisel.model import new_policy
from chisel.reward_as_chisel.tasks import Task, cheese_task
from chisel.reward_as_chisel.training import A2C, Steps, Trainer, a2c_loss, collect, gae, scaled
from chisel.reward_as_chisel.world import draw_mazes, region_cells

SIZE = 3
QUICK = A2C(updates=8, mazes=6, agents=4, horizon=5)


def bank(seed: int = 0, batch: int = 30) -> Task:
    return cheese_task(draw_mazes(batch, SIZE, region_cells(SIZE, 2), generator(seed, "bank")))


def net(seed: int = 0, kind: str = "field"):
    return new_policy(kind, generator(seed, "net"), size=SIZE, channels=4, blocks=1)


def trainer(members: int = 1, method: A2C = QUICK, seed: int = 0, **more) -> Trainer:
    nets = [net(member) for member in range(members)]
    return Trainer(nets, [bank(member) for member in range(members)], method, generator(seed, "train"), **more)


def weights(trained: Trainer) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in trained.stack.parameters.items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


# Advantages


def random_row(seed: int, steps: int = 7, batch: int = 4):
    random = generator(seed, "row")
    rewards, values = torch.randn(2, batch, steps, generator=random, dtype=torch.float64)
    last = torch.randn(batch, generator=random, dtype=torch.float64)
    return rewards, values, last, torch.rand(batch, steps, generator=random) < 0.8


@given(seed=st.integers(0, 500), gamma=st.floats(0, 1), lam=st.floats(0, 1))
def test_advantages_are_the_sum_of_discounted_surprises(seed, gamma, lam):
    rewards, values, last, alive = random_row(seed)
    found = gae(rewards, values, last, alive, gamma, lam)
    after = torch.cat([values[:, 1:], last[:, None]], dim=1)
    for row in range(len(rewards)):
        for first in range(7):
            total, factor = 0.0, 1.0
            for t in range(first, 7):
                total += factor * float(rewards[row, t] + gamma * after[row, t] * alive[row, t] - values[row, t])
                factor *= gamma * lam * float(alive[row, t])
            assert found[row, first].item() == pytest.approx(total, abs=1e-9)


def test_lambda_zero_is_the_td_error_and_lambda_one_the_return_minus_the_value():
    rewards, values, last, alive = random_row(0)
    after = torch.cat([values[:, 1:], last[:, None]], dim=1)
    torch.testing.assert_close(gae(rewards, values, last, alive, 0.9, 0.0), rewards + 0.9 * after * alive - values)
    returns, later = torch.zeros_like(rewards), last
    for t in reversed(range(7)):
        later = rewards[:, t] + 0.9 * later * alive[:, t]
        returns[:, t] = later
    torch.testing.assert_close(gae(rewards, values, last, alive, 0.9, 1.0), returns - values)


def test_an_exact_critic_is_never_surprised():
    rewards = torch.tensor([[0.0, 0.0, 1.0]])
    alive = torch.tensor([[True, True, False]])
    values = torch.tensor([[0.25, 0.5, 1.0]])
    assert not gae(rewards, values, torch.tensor([99.0]), alive, 0.5, 0.7).any(), "nothing counts after the end"
    cut = gae(rewards * 0, values, torch.tensor([2.0]), torch.ones_like(alive), 0.5, 0.7)
    assert not cut.any(), "an episode that was cut off goes on with the critic's value"


# Collecting and judging


def test_collected_steps_are_paid_once_and_count_until_the_end():
    task = bank().paying(3)
    steps = collect(task, torch.zeros(30, 9, 5), A2C(agents=20, horizon=30), generator(0, "walk"))
    ended = ~steps.alive[..., -1]
    assert 0.3 < ended.float().mean() < 1, "some arrive and some are cut off"
    assert torch.equal(steps.rewards.sum(-1), 3.0 * ended)
    assert torch.equal(steps.acting[..., 1:], steps.alive[..., :-1]) and steps.acting[..., 0].all()
    arrival = task.at(task.terminal, steps.states[..., 1:]) & steps.acting
    assert torch.equal(steps.rewards > 0, arrival)
    # Who stands on a terminal cell from the start is not paid for it.
    held = Task(task.observations, task.next_table, task.rewards, task.terminal, task.terminal)
    steps = collect(held, torch.zeros(30, 9, 5), A2C(agents=2, horizon=4), generator(0, "walk"))
    assert not steps.rewards.any() and not steps.acting.any() and not steps.alive.any()


def test_scaling_is_by_each_members_own_steps():
    values, used = torch.randn(2, 3, 4, 5, generator=generator(0, "scale")), torch.ones(2, 3, 4, 5)
    values[1] *= 100
    used[:, :, :, 3:] = 0
    for centre in (False, True):
        found = scaled(values, used, A2C(centre=centre))
        for member in range(2):
            counted = values[member, :, :, :3]
            mean, sd = counted.mean(), counted.std(correction=0)
            expected = (counted - mean * centre) / sd
            torch.testing.assert_close(found[member, :, :, :3], expected)
    small = scaled(values[:1] * 1e-3, used[:1], A2C(least_sd=0.5))
    torch.testing.assert_close(small[..., :3], values[:1, ..., :3] * 2e-3)


def by_hand(task: Task, logits, values, steps: Steps, method: A2C) -> torch.Tensor:
    """The loss of one network, step by step in plain python. The advantages are constants."""
    shape = steps.actions.shape
    rows = torch.arange(shape[0])[:, None, None]
    expected = values.detach()[rows, steps.states]
    advantages = gae(
        steps.rewards.flatten(0, 1),
        expected[..., :-1].flatten(0, 1),
        expected[..., -1].flatten(),
        steps.alive.flatten(0, 1),
        method.gamma,
        method.lam,
    ).view(shape)
    counted = advantages[steps.acting]
    scale = max(float(counted.std(correction=0)), method.least_sd)
    total, count = torch.zeros(()), 0
    for n in range(shape[0]):
        for k in range(shape[1]):
            for t in range(shape[2]):
                if not steps.acting[n, k, t]:
                    continue
                cell = steps.states[n, k, t]
                log_probs = torch.log_softmax(logits[n, cell], -1)
                advantage = float(advantages[n, k, t] - (counted.mean() if method.centre else 0)) / scale
                goal = float(advantages[n, k, t] + expected[n, k, t])
                total = total - advantage * log_probs[steps.actions[n, k, t]]
                total = total + method.entropy * (log_probs.exp() * log_probs).sum()
                total = total + method.value * (values[n, cell] - goal) ** 2
                count += 1
    return total / count


@pytest.mark.parametrize("centre", [False, True])
def test_the_loss_and_its_gradient_are_the_definition(centre):
    method = A2C(agents=3, horizon=6, centre=centre, entropy=0.3)
    random = generator(3, "loss")
    banks = [bank(0, 4), bank(1, 4).paying(7)]
    both = Task.stacked(banks).draw(4, random)
    logits = torch.randn(8, 9, 5, generator=random, requires_grad=True)
    values = torch.randn(8, 9, generator=random, requires_grad=True)
    steps = collect(both, logits.detach(), method, random)
    assert not steps.acting.all(), "the case holds steps that do not count"
    losses = a2c_loss(both, logits, values, steps, 2, method)
    found = torch.autograd.grad(losses.sum(), (logits, values))
    alone = []
    for part in (slice(0, 4), slice(4, 8)):
        own = Steps._make(value[part] for value in steps)
        alone.append(by_hand(both, logits[part], values[part], own, method))
    torch.testing.assert_close(losses, torch.stack(alone))
    expected = torch.autograd.grad(torch.stack(alone).sum(), (logits, values))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


# Methods


def test_the_learning_rate_rises_falls_and_stays():
    method = A2C(updates=110, warmup=10, lr=1.0, last_lr=0.2)
    assert [method.rate(update) for update in (0, 4, 9)] == pytest.approx([0.1, 0.5, 1.0])
    assert method.rate(60) == pytest.approx(0.6)
    assert method.rate(110) == method.rate(5000) == pytest.approx(0.2), "never below 0, however long one goes on"
    assert A2C(warmup=0, last_lr=1.0).rate(0) == A2C().lr


def test_the_rate_is_the_optimisers():
    trained = trainer(method=A2C(updates=8, warmup=4, lr=0.1, mazes=2, agents=1, horizon=2))
    for update in range(6):
        trained.update()
        assert trained.optimiser.param_groups[0]["lr"] == trained.method.rate(update)


@pytest.mark.parametrize("train", [("head",), ["head", "blocks.0"]])
def test_only_the_named_parameters_move(train):
    trained = trainer(2, A2C(**{**vars(QUICK), "train": train}))
    before = weights(trained)
    trained.run(3)
    for name, value in weights(trained).items():
        assert torch.equal(value, before[name]) != name.startswith(tuple(train)), name


# Training


def test_members_are_trained_as_they_would_be_alone_on_the_same_rollouts(monkeypatch):
    # Each member sees the mazes, starts and draws of its own; alone it must be given the very same.
    members = 3
    together = trainer(members)
    draw, walk = Task.draw, collect
    batches, steps = [], []

    def watched_draw(*given):
        batches.append(draw(*given))
        return batches[-1]

    def watched_collect(*given):
        steps.append(walk(*given))
        return steps[-1]

    monkeypatch.setattr(Task, "draw", watched_draw)
    monkeypatch.setattr("chisel.reward_as_chisel.training.collect", watched_collect)
    together.run(4)
    for member in range(members):
        alone = Trainer([net(member)], [bank(member)], QUICK, generator(99))
        part = slice(QUICK.mazes * member, QUICK.mazes * (member + 1))
        own_batches = [Task(*(value[part] for value in vars(batch).values())) for batch in batches]
        own_steps = [Steps._make(value[part] for value in taken) for taken in steps]
        served = iter(zip(own_batches, own_steps, strict=True))
        waiting: list[Steps] = []

        def serve(*given, served=served, waiting=waiting):
            batch, taken = next(served)
            waiting.append(taken)
            return batch

        monkeypatch.setattr(Task, "draw", serve)
        monkeypatch.setattr("chisel.reward_as_chisel.training.collect", lambda *given, w=waiting: w.pop())
        for _ in range(4):
            alone.update()
        for name, value in weights(alone).items():
            torch.testing.assert_close(value[0], weights(together)[name][member], rtol=1e-3, atol=1e-4)


def test_networks_and_banks_that_are_given_stay_as_they_are():
    given, own = net(), bank()
    before = [p.detach().clone() for p in given.parameters()]
    trained = Trainer([given], [own], QUICK, generator(0))
    trained.run(3)
    assert all(torch.equal(p, old) for p, old in zip(given.parameters(), before, strict=True))
    assert all(p.grad is None for p in given.parameters())
    [out] = trained.nets()
    moved = [one.get_parameter("head.weight") for one in (out, given)]
    assert out is not given and not torch.equal(*moved)


def test_the_same_seed_gives_the_same_agents_to_the_last_bit():
    before = torch.get_rng_state()
    first, second, other = (trainer(2, seed=seed) for seed in (1, 1, 2))
    for trained in (first, second, other):
        trained.run(QUICK.updates)
    assert same(weights(first), weights(second)) and not same(weights(first), weights(other))
    assert torch.equal(torch.get_rng_state(), before)


def test_another_estimator_of_advantages_is_used():
    def nothing(rewards, values, last, alive, gamma, lam):
        assert rewards.shape == values.shape == alive.shape == (24, 5) and last.shape == (24,)
        assert (gamma, lam) == (0.95, 0.95)
        return torch.zeros_like(rewards)

    method = A2C(**{**vars(QUICK), "entropy": 0.0, "value": 0.0})
    idle, busy = trainer(method=method, advantages=nothing), trainer(method=method)
    before = weights(idle)
    for trained in (idle, busy):
        trained.run(2)
    assert same(weights(idle), before) and not same(weights(busy), before)


@pytest.mark.parametrize("kind", ["field", "place"])
def test_a_bank_that_never_pays_teaches_no_way(kind):
    unpaid = bank().paying(0)
    trained = Trainer([net(0, kind)], [unpaid], A2C(**{**vars(QUICK), "updates": 20}), generator(0))
    trained.run(20)
    logits = trained.nets()[0](unpaid.observations)[0]
    assert (torch.softmax(logits, -1) - 0.2).abs().max() < 0.25 and logits.isfinite().all()


# Interrupted and resumed


def test_a_fresh_trainer_goes_on_from_a_checkpoint_to_the_same_bits(tmp_path, monkeypatch):
    path, whole = tmp_path / "run.ckpt", trainer(2)
    whole.run(8)
    calls: list[int] = []

    def interrupting(at: int, done: Trainer):
        def walk(*given):
            calls.append(done.done)
            steps = collect(*given)  # the random draws of this update have been made
            if done.done == at:
                raise KeyboardInterrupt
            return steps

        return walk

    for at in (3, 5):
        cut = trainer(2)
        monkeypatch.setattr("chisel.reward_as_chisel.training.collect", interrupting(at, cut))
        with pytest.raises(KeyboardInterrupt):
            cut.run(8, checkpoint=path, every=100)
        assert cut.done == at
    assert calls == [0, 1, 2, 3, 3, 4, 5], "what was done is not done again"
    monkeypatch.undo()
    resumed = trainer(2)
    resumed.run(8, checkpoint=path)
    assert same(weights(resumed), weights(whole)) and resumed.done == 8
    assert torch.equal(resumed.random.get_state(), whole.random.get_state())
    assert not path.exists()


@pytest.mark.parametrize("checkpointed", [True, False])
def test_an_interrupt_in_the_middle_of_the_optimisers_step_undoes_it(tmp_path, monkeypatch, checkpointed):
    path = tmp_path / "run.ckpt" if checkpointed else None
    whole, cut = trainer(), trainer()
    whole.run(8)
    step = cut.optimiser.step

    def torn():
        step()
        if cut.done == 5:
            with torch.no_grad():  # some weights have moved, others have not
                cut.stack.parameters["head.weight"].zero_()
            raise KeyboardInterrupt

    monkeypatch.setattr(cut.optimiser, "step", torn)
    with pytest.raises(KeyboardInterrupt):
        cut.run(8, checkpoint=path, every=2)
    monkeypatch.undo()
    for goes_on in [trainer(), cut] if checkpointed else [cut]:
        content = path.read_bytes() if path else b""
        goes_on.run(8, checkpoint=path)
        assert same(weights(goes_on), weights(whole))
        if path:
            path.write_bytes(content)


def test_a_checkpoint_of_another_training_is_refused_and_kept(tmp_path):
    path = tmp_path / "run.ckpt"
    cut = trainer()
    for _ in range(3):
        cut.update()
    Checkpoint(path, trainer().identity()).save(cut.state())
    content = path.read_bytes()
    wide = new_policy("field", generator(0), size=SIZE, channels=6, blocks=1)
    for other, reason in [
        (trainer(2), r"shape of \w+.* is \(1, .* there and \(2, .* here"),
        (Trainer([wide], [bank()], QUICK, generator(0)), r"shape of places is \(1, 4, 3, 3\) there and \(1, 6, 3, 3\)"),
        (trainer(method=A2C(**{**vars(QUICK), "lr": 0.1})), "lr is 0.004 there and 0.1 here"),
        (trainer(advantages=lambda *given: 2 * gae(*given)), r"advantages is \w+ there"),
        (trainer(seed=1), r"start is \w+ there"),
        (Trainer([net(0)], [bank(5)], QUICK, generator(0, "train")), r"bank is \w+ there"),
        (Trainer([net(5)], [bank(0)], QUICK, generator(0, "train")), r"start is \w+ there"),
    ]:
        with pytest.raises(CheckpointError, match=f"another training .*{reason}.*: delete it to start anew, or name"):
            other.run(8, checkpoint=path)
        assert other.done == 0 and path.read_bytes() == content
    trainer().run(8, checkpoint=path)


# Refused


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 networks need as many banks, not 1"):
        Trainer([net(), net()], [bank()], QUICK, generator(0))
    with pytest.raises(ValueError, match="at least one network"):
        Trainer([], [], QUICK, generator(0))
    with pytest.raises(ValueError, match=r"no parameter's name starts with nothing; there are .*head\.weight"):
        trainer(method=A2C(train=("nothing",)))
    small = cheese_task(draw_mazes(9, 2, region_cells(2, 2), generator(0)))
    with pytest.raises(ValueError, match="this network is for observations of 5 x 3 x 3, not 5 x 2 x 2"):
        Trainer([net()], [small], QUICK, generator(0)).run(1)
    for name in ("mazes", "agents", "horizon"):
        with pytest.raises(ValueError, match="a rollout has mazes, agents and steps, not"):
            A2C(**{**vars(QUICK), name: 0})
    on_meta = Task(*(value.to("meta") for value in vars(bank()).values()))
    with pytest.raises(ValueError, match="the banks are on meta and the generator is on cpu"):
        Trainer([net()], [on_meta], QUICK, generator(0))


def test_nothing_becomes_nan_where_no_step_counts():
    held = bank()
    stuck = Task(held.observations, held.next_table, held.rewards, held.terminal, held.terminal)
    trained = Trainer([net()], [stuck], QUICK, generator(0))
    trained.run(3)
    assert all(math.isfinite(float(value.abs().max())) for value in weights(trained).values())
