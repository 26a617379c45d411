"""Gallery of `set_lr`."""

from collections import defaultdict

import numpy as np
import torch

from galleries.gallery import valid, wrong


def right(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = lr


@wrong("one-group-only")
def first_group(optimizer, lr):
    optimizer.param_groups[0]["lr"] = lr


@wrong("one-group-only")
def last_group(optimizer, lr):
    optimizer.param_groups[-1]["lr"] = lr


@wrong("one-group-only")
def groups_with_the_first_rate(optimizer, lr):
    old = optimizer.param_groups[0]["lr"]
    for group in optimizer.param_groups:
        if group["lr"] == old:
            group["lr"] = lr


@wrong("defaults-only")
def in_defaults(optimizer, lr):
    optimizer.defaults["lr"] = lr


@wrong("nothing-changed")
def as_an_attribute(optimizer, lr):
    optimizer.lr = lr


@wrong("nothing-changed")
def a_name_of_its_own(optimizer, lr):
    for group in optimizer.param_groups:
        rate = group["lr"]
        rate = lr  # noqa: F841  # that is the mistake


@wrong("nothing-changed")
def in_the_state_dict_alone(optimizer, lr):
    for group in optimizer.state_dict()["param_groups"]:
        group["lr"] = lr


@wrong("nothing-changed")
def under_another_key(optimizer, lr):
    for group in optimizer.param_groups:
        group["learning_rate"] = lr


@wrong("another-optimiser")
def new_optimiser(optimizer, lr):
    return torch.optim.AdamW([p for group in optimizer.param_groups for p in group["params"]], lr=lr)


@wrong("multiplied")
def as_a_factor(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] *= lr


@wrong("ratios-kept")
def relative_to_the_first(optimizer, lr):
    factor = lr / optimizer.param_groups[0]["lr"]
    for group in optimizer.param_groups:
        group["lr"] *= factor


@wrong("one-way-only")
def only_raised(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = max(group["lr"], lr)


@wrong("one-way-only")
def only_lowered(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = min(group["lr"], lr)


@wrong("not-exact")
def in_single_precision(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = float(np.float32(lr))


@wrong("not-exact")
def as_a_float32_tensor(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = torch.tensor(lr)


@wrong("wrong-rate")
def added(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] += lr


@wrong("wrong-rate")
def capped(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = min(lr, 0.1)


@wrong("wrong-rate")
def shared_out(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = lr / len(optimizer.param_groups)


@wrong("moments-lost")
def state_cleared(optimizer, lr):
    right(optimizer, lr)
    optimizer.state = defaultdict(dict)


@wrong("moments-lost")
def begun_again(optimizer, lr):
    right(optimizer, lr)
    groups = [dict(group) for group in optimizer.param_groups]
    optimizer.__init__(groups, lr=lr)


@wrong("moments-lost")
def left_out_of_the_state_dict(optimizer, lr):
    right(optimizer, lr)
    optimizer.load_state_dict({"state": {}, "param_groups": optimizer.state_dict()["param_groups"]})


@wrong("moments-changed")
def moments_scaled(optimizer, lr):
    right(optimizer, lr)
    for gathered in optimizer.state.values():
        for value in gathered.values():
            if isinstance(value, torch.Tensor) and value.dim():
                value.mul_(0.5)


@wrong("moments-changed")
def counts_from_the_start(optimizer, lr):
    right(optimizer, lr)
    for gathered in optimizer.state.values():
        if "step" in gathered:
            gathered["step"] = torch.tensor(0.0)


@wrong("other-settings")
def decay_along_with_it(optimizer, lr):
    for group in optimizer.param_groups:
        group["weight_decay"] *= group["lr"] / lr
        group["lr"] = lr


@wrong("other-settings")
def first_rate_noted(optimizer, lr):
    for group in optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])
        group["lr"] = lr


@wrong("defaults-too")
def everywhere(optimizer, lr):
    right(optimizer, lr)
    optimizer.defaults["lr"] = lr


@wrong("step-made")
def decayed_at_once(optimizer, lr):
    right(optimizer, lr)
    with torch.no_grad():
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.mul_(1 - 0.01 * lr)


@wrong("gradients-touched")
def gradients_cleared(optimizer, lr):
    right(optimizer, lr)
    optimizer.zero_grad()


@wrong("groups-remade")
def one_group_for_all(optimizer, lr):
    right(optimizer, lr)
    first, *others = optimizer.param_groups
    optimizer.param_groups = [{**first, "params": [p for g in (first, *others) for p in g["params"]]}]


@wrong("zero-passed-over")
def if_there_is_one(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = lr or group["lr"]


@wrong("zero-passed-over")
def never_quite_nought(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = max(lr, 1e-8)


@wrong("raised")
def rate_of_the_optimiser(optimizer, lr):
    optimizer["lr"] = lr


@valid
def group_by_group(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = lr


@valid
def by_update(optimizer, lr):
    for number in range(len(optimizer.param_groups)):
        optimizer.param_groups[number].update(lr=lr)


@valid
def groups_replaced(optimizer, lr):
    optimizer.param_groups = [{**group, "lr": lr} for group in optimizer.param_groups]


@valid
def through_the_state_dict(optimizer, lr):
    whole = optimizer.state_dict()
    for group in whole["param_groups"]:
        group["lr"] = lr
    optimizer.load_state_dict(whole)


@valid
def returns_the_optimiser(optimizer, lr):
    for group in optimizer.param_groups:
        group["lr"] = float(lr)
    return optimizer
