"""Gallery of `shift_metrics`."""

import itertools
import math
import statistics
from collections import namedtuple
from dataclasses import replace

import numpy as np
import torch

from chisel.lr_mode_shift.records import ShiftMetrics
from galleries.gallery import valid, wrong


def pearson(x, y):
    """The correlation of two tensors; nan where one is constant."""
    if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
        return math.nan
    return float(torch.corrcoef(torch.stack([x, y]))[0, 1])


def fall(val):
    """How far a curve falls from an earlier maximum."""
    return float((val.cummax(0).values - val).max())


def called(train, val, drop, gap, r):
    """The outcome, for curves from the switch on."""
    if train[-1] < 0.3:
        return "dead"
    if train.min() >= 0.9 and fall(val) >= 0.3:
        return "val-collapse"
    if drop < 0.1:
        return "no-drop"
    return "tandem" if gap < 0.15 and r > 0.8 else "re-memorised"


def parts(train_acc, val_acc, switch_step):
    """Both curves from the switch on, and from the minimum on."""
    train, val = train_acc[switch_step:].double(), val_acc[switch_step:].double()
    lowest = int(train.argmin())
    return train, val, train[lowest:], val[lowest:]


def right(train_acc, val_acc, switch_step):
    train, val, after, beside = parts(train_acc, val_acc, switch_step)
    drop, gap, r = float(train[0] - train.min()), float((after - beside).abs().mean()), pearson(after, beside)
    return ShiftMetrics(drop, gap, r, called(train, val, drop, gap, r))


def with_outcome(train_acc, val_acc, switch_step, rule):
    """The right numbers, and the outcome by another rule of curves from the switch on and the metrics."""
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, outcome=rule(train_acc[switch_step:], val_acc[switch_step:], metrics))


# The drop


@wrong("baseline-after-the-switch")
def one_step_late(train_acc, val_acc, switch_step):
    train = train_acc[switch_step + 1 :]
    drop = float(train[0] - train.min()) if len(train) else 0.0
    return replace(right(train_acc, val_acc, switch_step), drop=drop)


@wrong("other-baseline")
def from_the_step_before(train_acc, val_acc, switch_step):
    train = train_acc[switch_step:]
    return replace(right(train_acc, val_acc, switch_step), drop=float(train_acc[max(0, switch_step - 1)] - train.min()))


@wrong("other-baseline")
def from_the_best_ever(train_acc, val_acc, switch_step):
    return replace(right(train_acc, val_acc, switch_step), drop=float(train_acc.max() - train_acc[switch_step:].min()))


@wrong("other-baseline")
def from_one(train_acc, val_acc, switch_step):
    return replace(right(train_acc, val_acc, switch_step), drop=float(1 - train_acc[switch_step:].min()))


@wrong("other-minimum")
def to_the_minimum_of_the_whole_curve(train_acc, val_acc, switch_step):
    return replace(right(train_acc, val_acc, switch_step), drop=float(train_acc[switch_step] - train_acc.min()))


@wrong("other-minimum")
def to_the_last_value(train_acc, val_acc, switch_step):
    return replace(right(train_acc, val_acc, switch_step), drop=float(train_acc[switch_step] - train_acc[-1]))


@wrong("other-minimum")
def the_switch_itself_left_out(train_acc, val_acc, switch_step):
    later = train_acc[switch_step + 1 :] if switch_step + 1 < len(train_acc) else train_acc[-1:]
    return replace(right(train_acc, val_acc, switch_step), drop=float(train_acc[switch_step] - later.min()))


@wrong("validation-for-training")
def drop_of_validation(train_acc, val_acc, switch_step):
    val = val_acc[switch_step:]
    return replace(right(train_acc, val_acc, switch_step), drop=float(val[0] - val.min()))


@wrong("sign-flipped")
def minimum_less_baseline(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, drop=-metrics.drop)


@wrong("relative-drop")
def share_lost(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, drop=metrics.drop / float(train_acc[switch_step]))


@wrong("wrong-drop")
def mean_loss(train_acc, val_acc, switch_step):
    train = train_acc[switch_step:]
    return replace(right(train_acc, val_acc, switch_step), drop=float((train[0] - train).clamp(min=0).mean()))


# The stretch, the gap and the correlation


@wrong("everything-after-the-switch")
def gap_from_the_switch_on(train_acc, val_acc, switch_step):
    train, val = train_acc[switch_step:], val_acc[switch_step:]
    return replace(right(train_acc, val_acc, switch_step), gap=float((train - val).abs().mean()))


@wrong("everything-after-the-switch")
def r_from_the_switch_on(train_acc, val_acc, switch_step):
    return replace(right(train_acc, val_acc, switch_step), r=pearson(train_acc[switch_step:], val_acc[switch_step:]))


@wrong("last-minimum")
def last_of_equal_minima(train_acc, val_acc, switch_step):
    train, val = train_acc[switch_step:], val_acc[switch_step:]
    lowest = int((train == train.min()).nonzero()[-1])
    gap, r = float((train - val)[lowest:].abs().mean()), pearson(train[lowest:], val[lowest:])
    return replace(right(train_acc, val_acc, switch_step), gap=gap, r=r)


@wrong("minimum-left-out")
def after_the_minimum(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    if len(after) == 1:
        return right(train_acc, val_acc, switch_step)
    gap, r = float((after - beside)[1:].abs().mean()), pearson(after[1:], beside[1:])
    return replace(right(train_acc, val_acc, switch_step), gap=gap, r=r)


@wrong("another-stretch")
def index_counted_from_the_switch(train_acc, val_acc, switch_step):
    lowest = int(train_acc[switch_step:].argmin())
    gap, r = float((train_acc - val_acc)[lowest:].abs().mean()), pearson(train_acc[lowest:], val_acc[lowest:])
    return replace(right(train_acc, val_acc, switch_step), gap=gap, r=r)


@wrong("another-stretch")
def minimum_of_the_whole_curve(train_acc, val_acc, switch_step):
    lowest = int(train_acc.argmin())
    gap, r = float((train_acc - val_acc)[lowest:].abs().mean()), pearson(train_acc[lowest:], val_acc[lowest:])
    return replace(right(train_acc, val_acc, switch_step), gap=gap, r=r)


@wrong("signed-gap")
def mean_difference(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    return replace(right(train_acc, val_acc, switch_step), gap=float((after - beside).mean()))


@wrong("signed-gap")
def distance_of_the_means(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    return replace(right(train_acc, val_acc, switch_step), gap=abs(float(after.mean() - beside.mean())))


@wrong("sum-for-mean")
def summed_distances(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    return replace(right(train_acc, val_acc, switch_step), gap=float((after - beside).abs().sum()))


@wrong("one-point-for-all")
def largest_distance(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    return replace(right(train_acc, val_acc, switch_step), gap=float((after - beside).abs().max()))


@wrong("wrong-gap")
def root_mean_square(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    return replace(right(train_acc, val_acc, switch_step), gap=float((after - beside).square().mean().sqrt()))


@wrong("increments-for-levels")
def correlation_of_changes(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    return replace(right(train_acc, val_acc, switch_step), r=pearson(after.diff(), beside.diff()))


@wrong("r-sign-lost")
def strength_of_the_correlation(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, r=abs(metrics.r))


@wrong("not-pearson")
def squared(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, r=metrics.r**2)


@wrong("not-pearson")
def of_ranks(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    metrics = right(train_acc, val_acc, switch_step)
    ranks = pearson(after.argsort().argsort().double(), beside.argsort().argsort().double())
    return replace(metrics, r=metrics.r if math.isnan(metrics.r) else ranks)


@wrong("not-pearson")
def mixed_denominators(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    metrics = right(train_acc, val_acc, switch_step)
    if math.isnan(metrics.r):
        return metrics
    covariance = ((after - after.mean()) * (beside - beside.mean())).mean()
    return replace(metrics, r=float(covariance / (after.std() * beside.std())))


@wrong("nan-without-need")
def nan_where_little_varies(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    flat = min(float(after.std(unbiased=False)), float(beside.std(unbiased=False))) < 0.01
    return replace(metrics, r=math.nan) if flat else metrics


@wrong("wrong-r")
def shifted_by_a_step(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    return replace(right(train_acc, val_acc, switch_step), r=pearson(after[:-1], beside[1:]))


@wrong("constant-curve")
def zero_for_nan(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, r=0.0) if math.isnan(metrics.r) else metrics


@wrong("constant-curve")
def nan_left_to_the_division(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    x, y = after - after.mean(), beside - beside.mean()
    return replace(right(train_acc, val_acc, switch_step), r=float((x @ y) / (x @ x * (y @ y)).sqrt()))


@wrong("constant-curve")
def with_an_epsilon(train_acc, val_acc, switch_step):
    _, _, after, beside = parts(train_acc, val_acc, switch_step)
    x, y = after - after.mean(), beside - beside.mean()
    return replace(right(train_acc, val_acc, switch_step), r=float((x @ y) / ((x @ x * (y @ y)).sqrt() + 1e-12)))


# The outcome


@wrong("dead-called-tandem")
def nobody_is_dead(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return called(torch.cat([train, torch.ones(1)]), torch.cat([val, val[-1:]]), m.drop, m.gap, m.r)

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("dead-called-tandem")
def tandem_first(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        tandem = m.drop >= 0.1 and m.gap < 0.15 and m.r > 0.8
        return "tandem" if tandem else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("alive-called-dead")
def dead_by_its_minimum(train_acc, val_acc, switch_step):
    return with_outcome(train_acc, val_acc, switch_step, lambda t, v, m: "dead" if t.min() < 0.3 else m.outcome)


@wrong("alive-called-dead")
def dead_by_validation(train_acc, val_acc, switch_step):
    return with_outcome(train_acc, val_acc, switch_step, lambda t, v, m: "dead" if v[-1] < 0.3 else m.outcome)


@wrong("other-order")
def no_drop_asked_first(train_acc, val_acc, switch_step):
    return with_outcome(train_acc, val_acc, switch_step, lambda t, v, m: "no-drop" if m.drop < 0.1 else m.outcome)


@wrong("other-order")
def tandem_without_a_drop(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "tandem" if m.outcome == "no-drop" and m.gap < 0.15 and m.r > 0.8 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("either-is-enough")
def gap_or_r(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "tandem" if m.outcome == "re-memorised" and (m.gap < 0.15 or m.r > 0.8) else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("either-is-enough")
def gap_alone(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "tandem" if m.outcome == "re-memorised" and m.gap < 0.15 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("nan-passes")
def unless_r_is_low(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "tandem" if m.outcome == "re-memorised" and m.gap < 0.15 and not m.r <= 0.8 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("wrong-outcome")
def everything_else_is_tandem(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return {"tandem": "re-memorised", "re-memorised": "tandem"}.get(m.outcome, m.outcome)

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("collapse-unseen")
def maximum_less_final(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "no-drop" if m.outcome == "val-collapse" and val.max() - val[-1] < 0.3 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("collapse-unseen")
def fall_in_a_single_step(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "no-drop" if m.outcome == "val-collapse" and val.diff().min() > -0.3 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("collapse-unseen")
def from_the_highest_point(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        top = int(val.argmax())
        return "no-drop" if m.outcome == "val-collapse" and val[top] - val[top:].min() < 0.3 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("collapse-from-before-the-switch")
def maximum_before_the_switch(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    fallen = fall(val_acc) >= 0.3 and train_acc[switch_step:].min() >= 0.9
    return replace(metrics, outcome="val-collapse") if fallen and metrics.outcome == "no-drop" else metrics


@wrong("rise-called-collapse")
def highest_less_lowest(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        collapsed = m.outcome == "no-drop" and train.min() >= 0.9 and val.max() - val.min() >= 0.3
        return "val-collapse" if collapsed else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("training-fell-too")
def training_at_the_end(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "val-collapse" if m.outcome == "re-memorised" and train[-1] >= 0.9 and fall(val) >= 0.3 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("other-threshold")
def dead_below_a_quarter(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return called(train.clamp(min=0.3), val, m.drop, m.gap, m.r) if 0.25 <= train[-1] < 0.3 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("other-threshold")
def tandem_up_to_a_fifth(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "tandem" if m.outcome == "re-memorised" and m.gap < 0.2 and m.r > 0.8 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


@wrong("threshold-itself")
def dead_at_the_threshold(train_acc, val_acc, switch_step):
    return with_outcome(train_acc, val_acc, switch_step, lambda t, v, m: "dead" if t[-1] <= 0.3 else m.outcome)


@wrong("threshold-itself")
def collapse_by_more_than_the_threshold(train_acc, val_acc, switch_step):
    def rule(train, val, m):
        return "no-drop" if m.outcome == "val-collapse" and fall(val) <= 0.3 else m.outcome

    return with_outcome(train_acc, val_acc, switch_step, rule)


# The form


@wrong("wrong-type")
def plain_tuple(train_acc, val_acc, switch_step):
    m = right(train_acc, val_acc, switch_step)
    return m.drop, m.gap, m.r, m.outcome


@wrong("wrong-type")
def outcome_in_own_words(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, outcome=metrics.outcome.replace("-", "_"))


@wrong("wrong-type")
def none_for_nan(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, r=None) if math.isnan(metrics.r) else metrics


@wrong("input-changed")
def cut_in_place(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    train_acc[:switch_step] = 1.0
    return metrics


_calls = itertools.count()


@wrong("not-repeatable")
def wanders_with_each_call(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    return replace(metrics, gap=metrics.gap + 1e-8 * next(_calls) % 1e-6)


# Valid ones


@valid
def in_torch(train_acc, val_acc, switch_step):
    return right(train_acc, val_acc, switch_step)


@valid
def by_loops(train_acc, val_acc, switch_step):
    train, val = train_acc.tolist(), val_acc.tolist()
    lowest = switch_step
    for t in range(switch_step, len(train)):
        if train[t] < train[lowest]:
            lowest = t
    drop = train[switch_step] - train[lowest]
    gap = sum(abs(a - b) for a, b in zip(train[lowest:], val[lowest:], strict=True)) / (len(train) - lowest)
    try:
        r = statistics.correlation(train[lowest:], val[lowest:])
    except statistics.StatisticsError:
        r = float("nan")
    if len(set(train[lowest:])) == 1 or len(set(val[lowest:])) == 1:
        r = float("nan")
    highest, most = 0.0, 0.0
    for value in val[switch_step:]:
        highest = max(highest, value)
        most = max(most, highest - value)
    if train[-1] < 0.3:
        return ShiftMetrics(drop, gap, r, "dead")
    if all(value >= 0.9 for value in train[switch_step:]) and most >= 0.3:
        return ShiftMetrics(drop, gap, r, "val-collapse")
    if drop < 0.1:
        return ShiftMetrics(drop, gap, r, "no-drop")
    return ShiftMetrics(drop, gap, r, "tandem" if gap < 0.15 and r > 0.8 else "re-memorised")


@valid
def with_numpy(train_acc, val_acc, switch_step):
    train, val = train_acc.numpy()[switch_step:], val_acc.numpy()[switch_step:]
    lowest = np.argmin(train)
    x, y = train[lowest:], val[lowest:]
    drop, gap = train[0] - train[lowest], np.abs(x - y).mean()
    r = np.nan if np.ptp(x) == 0 or np.ptp(y) == 0 else np.corrcoef(x, y)[0, 1]
    collapsed = train.min() >= 0.9 and (np.maximum.accumulate(val) - val).max() >= 0.3
    rules = [(train[-1] < 0.3, "dead"), (collapsed, "val-collapse"), (drop < 0.1, "no-drop")]
    rules += [(gap < 0.15 and r > 0.8, "tandem"), (True, "re-memorised")]
    return ShiftMetrics(drop, gap, r, next(name for holds, name in rules if holds))


@valid
def as_tensors_in_a_record_of_ones_own(train_acc, val_acc, switch_step):
    metrics = right(train_acc, val_acc, switch_step)
    kind = namedtuple("Metrics", "drop gap r outcome")
    return kind(torch.tensor(metrics.drop), torch.tensor(metrics.gap), torch.tensor(metrics.r), metrics.outcome)


@valid
def constant_within_rounding(train_acc, val_acc, switch_step):
    train, val, after, beside = parts(train_acc, val_acc, switch_step)
    x, y = after - after.mean(), beside - beside.mean()
    flat = min(float(x.norm()), float(y.norm())) < 1e-9
    r = float("nan") if flat else float(torch.nn.functional.cosine_similarity(x, y, dim=0, eps=1e-12))
    drop, gap = float(train[0] - train.min()), float((after - beside).abs().mean())
    return ShiftMetrics(drop, gap, r, called(train, val, drop, gap, r))
