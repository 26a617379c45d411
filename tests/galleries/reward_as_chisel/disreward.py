"""Gallery of `disreward`."""

import copy
from dataclasses import replace

import torch
from torch import nn

from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.training import A2C, Trainer, a2c_loss, collect
from galleries.gallery import valid, wrong


def trained(net, updates, task, generator, method):
    """A copy after further training, for entries that go wrong somewhere else."""
    trainer = Trainer([net], [task], method, generator)
    for _ in range(updates):
        trainer.update()
    return trainer.nets()[0]


def by_hand(net, updates, task, generator, method, factor=1.0):
    """Train `net` itself with a loop of its own; `factor` is multiplied with the loss."""
    moving = [p for name, p in net.named_parameters() if not method.train or name.startswith(tuple(method.train))]
    optimiser, bank = torch.optim.Adam(moving, lr=method.lr), Task.stacked([task])
    for update in range(updates):
        batch = bank.draw(method.mazes, generator)
        logits, values = net(batch.observations)
        steps = collect(batch, logits.detach(), method, generator)
        loss = factor * a2c_loss(batch, logits, values, steps, 1, method).sum()
        gradients = torch.autograd.grad(loss, moving, allow_unused=True)
        for weights, gradient in zip(moving, gradients, strict=True):
            weights.grad = gradient
        optimiser.param_groups[0]["lr"] = method.rate(update)
        optimiser.step()
    for weights in net.parameters():
        weights.grad = None
    return net


@wrong("returns-the-original")
def original_trained(net, updates, sign, task, generator, method):
    return by_hand(net, updates, task.paying(sign), generator, method)


@wrong("input-changed")
def shallow_copy(net, updates, sign, task, generator, method):
    return by_hand(copy.copy(net), updates, task.paying(sign), generator, method) if updates else copy.deepcopy(net)


@wrong("input-changed")
def loaded_back(net, updates, sign, task, generator, method):
    net.load_state_dict(trained(net, updates, task.paying(sign), generator, method).state_dict())
    return copy.deepcopy(net)


@wrong("input-changed")
def rewards_changed_in_place(net, updates, sign, task, generator, method):
    task.rewards.mul_(sign)
    return trained(net, updates, task, generator, method)


@wrong("input-changed")
def left_in_another_mode(net, updates, sign, task, generator, method):
    net.train()
    return trained(net, updates, task.paying(sign), generator, method)


@wrong("input-changed")
def original_frozen(net, updates, sign, task, generator, method):
    result = trained(copy.deepcopy(net), updates, task.paying(sign), generator, method)
    net.requires_grad_(False)
    return result


@wrong("returns-the-original")
def nothing_to_do(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, method) if updates else net


@wrong("shares-weights")
def shallow_copy_where_nothing_is_to_do(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, method) if updates else copy.copy(net)


@wrong("starts-afresh")
def reset_first(net, updates, sign, task, generator, method):
    fresh = copy.deepcopy(net)
    for index, weights in enumerate(fresh.parameters()):
        nn.init.normal_(weights, generator=torch.Generator().manual_seed(index))
    return trained(fresh, updates, task.paying(sign), generator, method)


@wrong("untrained")
def copy_returned_that_was_never_trained(net, updates, sign, task, generator, method):
    fresh = copy.deepcopy(net)
    Trainer([fresh], [task.paying(sign)], method, generator).run(updates)
    return fresh


@wrong("mazes-left-out")
def one_maze(net, updates, sign, task, generator, method):
    first = Task(*(getattr(task.paying(sign), name)[:1] for name in vars(task)))
    return trained(net, updates, first, generator, method)


@wrong("updates-miscounted")
def one_too_many(net, updates, sign, task, generator, method):
    return trained(net, updates + 1 if updates else 0, task.paying(sign), generator, method)


@wrong("updates-miscounted")
def one_too_few(net, updates, sign, task, generator, method):
    return trained(net, max(updates - 1, min(updates, 1)), task.paying(sign), generator, method)


@wrong("updates-miscounted")
def as_many_as_the_method_says(net, updates, sign, task, generator, method):
    return trained(net, method.updates if updates > 1 else updates, task.paying(sign), generator, method)


@wrong("method-ignored")
def settings_of_its_own(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, A2C(lr=1e-3, warmup=0, last_lr=1.0))


@wrong("method-ignored")
def settings_of_first_training(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, A2C())


@wrong("method-ignored")
def learning_rate_constant(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, replace(method, warmup=0, last_lr=1.0))


@wrong("method-ignored")
def learning_rate_falls_too_early(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, replace(method, updates=updates))


@wrong("method-ignored")
def everything_trained(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, replace(method, train=()))


@wrong("method-ignored")
def usual_discount(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, replace(method, gamma=0.95))


@wrong("method-ignored")
def new_trainer_for_each_update(net, updates, sign, task, generator, method):
    result = copy.deepcopy(net)
    for _ in range(updates):
        result = trained(result, 1, task.paying(sign), generator, method)
    return result


@wrong("updates-wrong")
def learning_rate_of_the_sign(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, replace(method, lr=method.lr * 1.5))


@wrong("sign-ignored")
def rewards_as_they_were(net, updates, sign, task, generator, method):
    return trained(net, updates, task, generator, method)


@wrong("sign-ignored")
def factor_never_kept(net, updates, sign, task, generator, method):
    task.paying(sign)
    return trained(copy.deepcopy(net), updates, task, generator, method)


@wrong("sign-flipped")
def always_taken_back(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(-sign), generator, method)


@wrong("sign-lost")
def size_of_the_factor(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(abs(sign)), generator, method)


@wrong("size-lost")
def plus_or_minus(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(-1.0 if sign < 0 else 1.0), generator, method)


@wrong("multiplied-twice")
def multiplied_again(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign).paying(sign), generator, method)


@wrong("rewards-replaced")
def cheese_alone(net, updates, sign, task, generator, method):
    return trained(net, updates, replace(task, rewards=sign * task.terminal.float()), generator, method)


@wrong("some-rewards-only")
def prizes_only(net, updates, sign, task, generator, method):
    rewards = torch.where(task.rewards > 0, sign * task.rewards, task.rewards)
    return trained(net, updates, replace(task, rewards=rewards), generator, method)


@wrong("some-rewards-only")
def ends_only(net, updates, sign, task, generator, method):
    rewards = torch.where(task.terminal, sign * task.rewards, task.rewards)
    return trained(net, updates, replace(task, rewards=rewards), generator, method)


@wrong("update-reversed")
def loss_multiplied(net, updates, sign, task, generator, method):
    return by_hand(copy.deepcopy(net), updates, task, generator, method, factor=-1.0 if sign < 0 else 1.0)


@wrong("rewards-wrong")
def centred(net, updates, sign, task, generator, method):
    rewards = sign * (task.rewards - task.rewards.mean(1, keepdim=True))
    return trained(net, updates, replace(task, rewards=rewards), generator, method)


@wrong("policy-untouched")
def critic_alone(net, updates, sign, task, generator, method):
    only = "values" if hasattr(net, "values") else ""
    return trained(net, updates, task.paying(sign), generator, replace(method, train=(only,)))


@wrong("policy-wrong-way")
def policy_turned_around(net, updates, sign, task, generator, method):
    result = trained(net, updates, task.paying(sign), generator, method)
    before, after = (dict(module.named_parameters()).get("logits") for module in (net, result))
    if before is not None and after is not None:
        after.data.copy_(2 * before - after)
    return result


@wrong("generator-ignored")
def stream_of_its_own(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), torch.Generator().manual_seed(0), method)


@wrong("generator-ignored")
def stream_begun_anew(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator.manual_seed(0), method)


@wrong("wrong-type")
def whole_list(net, updates, sign, task, generator, method):
    return [trained(net, updates, task.paying(sign), generator, method)]


@wrong("wrong-type")
def trainer_returned(net, updates, sign, task, generator, method):
    return Trainer([net], [task.paying(sign)], method, generator)


@wrong("wrong-type")
def weights_returned(net, updates, sign, task, generator, method):
    return trained(net, updates, task.paying(sign), generator, method).state_dict()


@wrong("returned-none")
def nothing_returned(net, updates, sign, task, generator, method):
    trained(net, updates, task.paying(sign), generator, method)


@wrong("global-random")
def global_seed(net, updates, sign, task, generator, method):
    torch.manual_seed(0)
    return trained(net, updates, task.paying(sign), generator, method)


@wrong("not-repeatable")
def stream_of_the_clock(net, updates, sign, task, generator, method):
    random = torch.Generator()
    random.seed()
    return trained(net, updates, task.paying(sign), random, method)


@valid
def trainer_copies(net, updates, sign, task, generator, method):
    trainer = Trainer([net], [task.paying(sign)], method, generator)
    trainer.run(updates)
    return trainer.nets()[0]


@valid
def update_by_update(net, updates, sign, task, generator, method):
    task = replace(task, rewards=sign * task.rewards)
    return trained(copy.deepcopy(net), updates, task, generator, method)


@valid
def own_loop(net, updates, sign, task, generator, method):
    return by_hand(copy.deepcopy(net), updates, task.paying(sign), generator, method)


@valid
def weights_loaded_into_a_copy(net, updates, sign, task, generator, method):
    result = copy.deepcopy(net)
    if updates > 0:
        result.load_state_dict(trained(net, updates, task.paying(sign), generator, method).state_dict())
    return result


@valid
def sums_of_rewards_to_come(net, updates, sign, task, generator, method):
    """REINFORCE with a baseline: no bootstrap but at the cut, advantages as they are, each start as often."""
    result = copy.deepcopy(net)
    moving = [p for name, p in result.named_parameters() if not method.train or name.startswith(tuple(method.train))]
    adam = torch.optim.Adam(moving)
    pays = sign * task.rewards
    rows = torch.arange(len(task)).repeat_interleave(method.agents)
    for update in range(updates):
        logits, values = result(task.observations)
        here = torch.multinomial(task.starts.float(), method.agents, True, generator=generator).flatten()
        going, terms = torch.ones(len(rows)), []
        for _ in range(method.horizon):
            log_probs = torch.log_softmax(logits[rows, here], -1)
            action = torch.multinomial(log_probs.detach().exp(), 1, generator=generator)[:, 0]
            after = task.next_table[rows, here, action]
            terms.append([log_probs[torch.arange(len(rows)), action], values[rows, here], pays[rows, after], going])
            going = going * ~task.terminal[rows, after]
            here = after
        later, loss = values[rows, here].detach() * going, torch.zeros(())
        for log_prob, value, reward, alive in reversed(terms):
            later = reward + method.gamma * later * (alive if len(terms) > 1 else 1)
            loss = loss + (alive * ((value - later) ** 2 - (later - value.detach()) * log_prob)).mean()
        gradients = torch.autograd.grad(loss, moving, allow_unused=True)
        for weights, gradient in zip(moving, gradients, strict=True):
            weights.grad = gradient
        adam.param_groups[0]["lr"] = method.rate(update)
        adam.step()
    for weights in result.parameters():
        weights.grad = None
    return result
