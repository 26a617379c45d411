"""Gallery of `lr_at`."""

import math

import numpy as np
import torch

from galleries.gallery import valid, wrong


@wrong("one-step-late")
def after_the_switch_step(step, base, multiplier, switch_step):
    return base * multiplier if step > switch_step else base


@wrong("one-step-early")
def steps_counted_from_one(step, base, multiplier, switch_step):
    return base * multiplier if step + 1 >= switch_step else base


@wrong("rates-exchanged")
def the_wrong_way_round(step, base, multiplier, switch_step):
    return base if step >= switch_step else base * multiplier


@wrong("never-switched")
def base_alone(step, base, multiplier, switch_step):
    return base


@wrong("never-switched")
def every_thousand_steps(step, base, multiplier, switch_step):
    return base * multiplier if step > switch_step and step % 1000 == 0 else base


@wrong("multiplier-for-rate")
def multiplier_alone(step, base, multiplier, switch_step):
    return multiplier if step >= switch_step else base


@wrong("added")
def plus(step, base, multiplier, switch_step):
    return base + multiplier * (step >= switch_step)


@wrong("divided")
def over(step, base, multiplier, switch_step):
    return base / multiplier if step >= switch_step else base


@wrong("wrong-rate")
def one_time_more(step, base, multiplier, switch_step):
    return base * (1 + multiplier * (step >= switch_step))


@wrong("wrong-rate")
def one_more_at_each_step(step, base, multiplier, switch_step):
    return base * multiplier ** (step - switch_step + 1) * 2 if step >= switch_step else base


@wrong("wrong-rate")
def base_of_the_chapter(step, base, multiplier, switch_step):
    return 0.001 * multiplier if step >= switch_step else base


@wrong("wrong-rate")
def capped(step, base, multiplier, switch_step):
    return min(base * multiplier, 0.005) if step >= switch_step else base


@wrong("wrong-rate")
def in_single_precision(step, base, multiplier, switch_step):
    return float(np.float32(base * multiplier)) if step >= switch_step else base


@wrong("never-switched")
def switch_of_the_chapter(step, base, multiplier, switch_step):
    return base * multiplier if step >= 600 else base


@wrong("switched-from-the-start")
def raised_until_shortly_before(step, base, multiplier, switch_step):
    return base if switch_step - 5 < step < switch_step else base * multiplier


@wrong("switched-from-the-start")
def switch_passed_over(step, base, multiplier, switch_step):
    return base * multiplier


@wrong("not-base-before")
def warm_up(step, base, multiplier, switch_step):
    return base * multiplier if step >= switch_step else base * min(1.0, (step + 1) / min(10, max(1, switch_step)))


@wrong("not-base-before")
def cosine_before_the_switch(step, base, multiplier, switch_step):
    if step >= switch_step:
        return base * multiplier
    return base if step == switch_step - 1 else base * (1 + math.cos(math.pi * (step + 1) / (switch_step + 1))) / 2


@wrong("back-again")
def for_one_step(step, base, multiplier, switch_step):
    return base * multiplier if step == switch_step else base


@wrong("back-again")
def for_a_thousand_steps(step, base, multiplier, switch_step):
    return base * multiplier if switch_step <= step < switch_step + 1000 else base


@wrong("multiplied-again")
def multiplied_at_each_step(step, base, multiplier, switch_step):
    return base * multiplier ** max(0, step - switch_step + 1)


@wrong("multiplied-again")
def multiplied_at_each_period(step, base, multiplier, switch_step):
    rate = base
    for at in range(1, min(step, switch_step + 20) + 1):
        rate *= multiplier if at % switch_step == 0 or at == switch_step + 2 else 1
    return rate if step else base * (multiplier if switch_step == 0 else 1)


@wrong("not-constant-after")
def decays_after_the_switch(step, base, multiplier, switch_step):
    return base * multiplier * 0.999 ** (step - switch_step) if step >= switch_step else base


@wrong("not-constant-after")
def every_so_many_steps(step, base, multiplier, switch_step):
    return base * multiplier ** (step // switch_step) if switch_step > 0 else base * multiplier


@wrong("never-lowered")
def at_least_the_base(step, base, multiplier, switch_step):
    return max(base, base * multiplier) if step >= switch_step else base


@wrong("never-lowered")
def only_above_one(step, base, multiplier, switch_step):
    return base * multiplier if step >= switch_step and multiplier > 1 else base


@wrong("never-lowered")
def nought_taken_for_one(step, base, multiplier, switch_step):
    return base * (multiplier or 1) if step >= switch_step else base


@wrong("small-multiplier")
def root_of_one_and_more(step, base, multiplier, switch_step):
    return base * (multiplier if multiplier > 1 else math.sqrt(multiplier)) if step >= switch_step else base


@wrong("zero-taken-for-none")
def nought_is_false(step, base, multiplier, switch_step):
    return base * multiplier if switch_step and step >= switch_step else base


@wrong("zero-taken-for-none")
def first_step_apart(step, base, multiplier, switch_step):
    return base * multiplier if step >= switch_step and step > 0 else base


@wrong("zero-taken-for-none")
def thousand_by_default(step, base, multiplier, switch_step):
    return base * multiplier if step >= (switch_step or 5000) else base


@wrong("wrong-type")
def as_a_pair(step, base, multiplier, switch_step):
    return base, base * multiplier


@wrong("returned-none")
def no_else(step, base, multiplier, switch_step):
    if step >= switch_step:
        return base * multiplier


@valid
def with_a_branch(step, base, multiplier, switch_step):
    if step < switch_step:
        return base
    return multiplier * base


@valid
def with_a_power(step, base, multiplier, switch_step):
    return base * multiplier ** int(step >= switch_step)


@valid
def with_numpy(step, base, multiplier, switch_step):
    return np.where(np.asarray(step) < switch_step, base, base * multiplier)[()]


@valid
def with_torch(step, base, multiplier, switch_step):
    rates = torch.tensor([base, base * multiplier], dtype=torch.float64)
    return rates[int(step >= switch_step)]


@valid
def with_steps_gone_through(step, base, multiplier, switch_step):
    rate = base
    for at in range(step + 1):
        rate = rate * multiplier if at == switch_step else rate
    return rate
