"""Gallery of `reversal_statistic`."""

import itertools
import math
import random
from functools import cache

import numpy as np
import torch

from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval, student_quantile
from galleries.gallery import valid, wrong

DRAWS = 1000


def leads(scores):
    """Each right name's lead [N] over the mean of the others."""
    count = len(scores)
    return (count * scores.diagonal() - scores.sum(1)) / (count - 1)


@cache
def matchings(count, seed=0):
    """Matchings [DRAWS + 1, N], the true one first."""
    drawn = torch.rand(DRAWS, count, generator=generator(seed, "gallery")).argsort(1)
    return torch.cat([torch.arange(count)[None], drawn])


def means(scores, chosen):
    """The mean score under each of K choices [K, N] of a name for each prompt."""
    table = scores.double() - scores.double().mean()
    return table[torch.arange(len(scores)), chosen].mean(1)


def share(scores, chosen=None):
    """The share of choices that do as well as the first."""
    found = means(scores, matchings(len(scores)) if chosen is None else chosen)
    return float((found >= found[0] - 1e-9).double().mean())


def around(values, factor=None):
    """Student's interval of the mean, or one of so many standard errors."""
    if factor is None:
        estimate = mean_interval(values)
        return estimate.low, estimate.high
    half = factor * float(values.std()) / math.sqrt(len(values))
    return float(values.mean()) - half, float(values.mean()) + half


def right(scores):
    each = leads(scores - scores.mean(0))
    return float(each.mean()), around(each), share(scores)


def with_difference(scores, difference):
    """The right answer with another difference, and the interval moved along."""
    true, (low, high), p = right(scores)
    shift = float(difference) - true
    return float(difference), (low + shift, high + shift), p


def with_interval(scores, interval):
    difference, _, p = right(scores)
    return difference, interval, p


def with_width(scores, half):
    difference, _, p = right(scores)
    return difference, (difference - float(half), difference + float(half)), p


def with_p(scores, p):
    return (*right(scores)[:2], float(p))


# The difference


@wrong("itself-among-the-others")
def less_the_mean_of_all_names(scores):
    return with_difference(scores, (scores.diagonal() - scores.mean(1)).mean())


@wrong("itself-among-the-others")
def diagonal_of_the_centred(scores):
    return with_difference(scores, (scores - scores.mean(0)).diagonal().mean())


@wrong("sum-for-mean")
def summed_over_prompts(scores):
    return with_difference(scores, leads(scores).sum())


@wrong("not-contrasted")
def mean_of_the_diagonal(scores):
    return with_difference(scores, scores.diagonal().mean())


@wrong("sign-flipped")
def others_less_right(scores):
    return with_difference(scores, -leads(scores).mean())


@wrong("sign-flipped")
def absolute(scores):
    return with_difference(scores, leads(scores).mean().abs())


@wrong("one-name-for-all")
def over_the_best_other(scores):
    others = scores - torch.diag(torch.full((len(scores),), torch.inf, dtype=scores.dtype))
    return with_difference(scores, (scores.diagonal() - others.max(1).values).mean())


@wrong("one-name-for-all")
def over_the_next_name(scores):
    return with_difference(scores, (scores.diagonal() - scores.roll(-1, 1).diagonal()).mean())


@wrong("one-name-for-all")
def median_of_the_rows(scores):
    return with_difference(scores, leads(scores - scores.mean(0)).median())


@wrong("not-in-nats")
def of_probabilities(scores):
    return right(scores.exp())


@wrong("not-in-nats")
def standardised_columns(scores):
    return right((scores - scores.mean(0)) / scores.std(0).clamp(min=1e-9))


@wrong("not-in-nats")
def in_standard_deviations(scores):
    each = leads(scores - scores.mean(0))
    return with_difference(scores, each.mean() / each.std().clamp(min=1e-9))


@wrong("wrong-difference")
def column_means_twice(scores):
    count = len(scores)
    others = (scores.sum(1) - scores.diagonal()) / (count - 1)
    return with_difference(scores, (scores.diagonal() - scores.mean(0) - others).mean())


# The interval


@wrong("ends-swapped")
def high_then_low(scores):
    low, high = right(scores)[1]
    return with_interval(scores, (high, low))


@wrong("not-centred")
def columns_not_centred(scores):
    return with_interval(scores, around(leads(scores)))


@wrong("not-centred")
def rows_centred_for_columns(scores):
    return with_interval(scores, around(leads(scores - scores.mean(1, keepdim=True))))


@wrong("not-centred")
def overall_mean_taken_out(scores):
    return with_interval(scores, around(leads(scores - scores.mean()), 1.96))


@wrong("unpaired")
def errors_of_right_and_wrong_put_together(scores):
    centred = scores - scores.mean(0)
    count = len(scores)
    wrong_names = (centred.sum(1) - centred.diagonal()) / (count - 1)
    return with_width(scores, 1.96 * ((centred.diagonal().var() + wrong_names.var()) / count).sqrt())


@wrong("unpaired")
def two_samples(scores):
    count = len(scores)
    others = scores[~torch.eye(count, dtype=torch.bool)]
    spread = others.var() / len(others) + scores.diagonal().var() / count
    return with_width(scores, 1.96 * spread.sqrt())


@wrong("too-many-units")
def every_pair_of_names_a_unit(scores):
    centred = scores - scores.mean(0)
    pairs = (centred.diagonal()[:, None] - centred)[~torch.eye(len(scores), dtype=torch.bool)]
    return with_width(scores, 1.96 * pairs.std() / math.sqrt(len(pairs)) if len(pairs) > 2 else 0.0)


@wrong("spread-not-error")
def deviation_without_the_root_of_n(scores):
    return with_width(scores, 1.96 * leads(scores - scores.mean(0)).std())


@wrong("variance-for-deviation")
def variance_over_n(scores):
    each = leads(scores - scores.mean(0))
    return with_width(scores, 1.96 * each.var() / len(each))


@wrong("variance-for-deviation")
def variance_over_the_root_of_n(scores):
    each = leads(scores - scores.mean(0))
    return with_width(scores, 1.96 * each.var() / math.sqrt(len(each)))


@wrong("another-level")
def one_standard_error(scores):
    return with_interval(scores, around(leads(scores - scores.mean(0)), 1.0))


@wrong("another-level")
def ninety_percent(scores):
    factor = student_quantile(len(scores) - 1, 0.9)
    return with_interval(scores, around(leads(scores - scores.mean(0)), factor))


@wrong("another-level")
def ninety_nine_percent(scores):
    return with_interval(scores, around(leads(scores - scores.mean(0)), 2.576))


@wrong("wrong-width")
def no_width(scores):
    difference, _, p = right(scores)
    return difference, (difference, difference), p


@wrong("not-around-the-difference")
def around_zero(scores):
    difference, (low, high), p = right(scores)
    return difference, (low - difference, high - difference), p


@wrong("not-around-the-difference")
def what_chance_does(scores):
    found = means(scores, matchings(len(scores))) * len(scores) / (len(scores) - 1)
    return with_interval(scores, (float(found.quantile(0.025)), float(found.quantile(0.975))))


# The p value


@wrong("p-upside-down")
def share_that_does_worse(scores):
    found = means(scores, matchings(len(scores)))
    return with_p(scores, (found <= found[0] + 1e-9).double().mean())


@wrong("p-two-sided")
def as_far_from_zero(scores):
    found = means(scores, matchings(len(scores)))
    return with_p(scores, (found.abs() >= found[0].abs() - 1e-9).double().mean())


@wrong("p-two-sided")
def twice_the_smaller_side(scores):
    p = share(scores)
    return with_p(scores, min(1.0, 2 * min(p, 1 - p)))


@wrong("names-repeated")
def a_name_drawn_for_each_prompt(scores):
    count = len(scores)
    drawn = torch.randint(0, count, (DRAWS, count), generator=generator(0, "repeated"))
    return with_p(scores, share(scores, torch.cat([torch.arange(count)[None], drawn])))


@wrong("matchings-left-out")
def nobody_keeps_a_name(scores):
    chosen = matchings(len(scores))
    moved = (chosen != torch.arange(len(scores))).all(1)
    return with_p(scores, share(scores, torch.cat([chosen[:1], chosen[moved]])))


@wrong("not-from-matchings")
def t_test(scores):
    each = leads(scores - scores.mean(0))
    t = float(each.mean() / (each.std() / math.sqrt(len(each))).clamp(min=1e-12))
    return with_p(scores, 0.5 * math.erfc(t / math.sqrt(2)))


@wrong("not-from-matchings")
def random_signs(scores):
    each = leads(scores - scores.mean(0))
    signs = torch.randint(0, 2, (DRAWS, len(each)), generator=generator(0, "signs")) * 2 - 1
    found = (signs * each).mean(1)
    return with_p(scores, (1 + (found >= each.mean() - 1e-9).sum()) / (1 + DRAWS))


@wrong("p-zero")
def true_matching_left_out(scores):
    found = means(scores, matchings(len(scores)))
    return with_p(scores, (found[1:] >= found[0] - 1e-9).double().mean())


@wrong("too-few-matchings")
def a_hundred_matchings(scores):
    chosen = matchings(len(scores))
    exact = share(scores)
    few = share(scores, chosen[:101])
    return with_p(scores, exact if len(scores) < 14 or few > 0.5 else few)


@wrong("ties-lost")
def larger_ones_only(scores):
    found = means(scores, matchings(len(scores)))
    return with_p(scores, (1 + (found > found[0] + 1e-9).sum()) / (1 + DRAWS) if len(scores) > 3 else share(scores))


@wrong("rounding-ties-lost")
def without_a_tolerance(scores):
    found = means(scores, matchings(len(scores)))
    found = torch.where((matchings(len(scores)) == torch.arange(len(scores))).all(1), found[0], found)
    return with_p(scores, (found >= found[0]).double().mean())


@wrong("edge-size")
def two_names_taken_for_too_few(scores):
    return right(scores) if len(scores) > 2 else (0.0, (0.0, 0.0), 1.0)


@wrong("not-finite")
def unbiased_twice(scores):
    count = len(scores)
    each = leads(scores - scores.mean(0))
    half = 2 * float(((each - each.mean()).square().sum() / torch.tensor(count - 2.0) / count).sqrt())
    return with_width(scores, half)


# The form


@wrong("wrong-type")
def four_numbers(scores):
    difference, (low, high), p = right(scores)
    return difference, low, high, p


@wrong("wrong-type")
def half_width_for_interval(scores):
    difference, (low, high), p = right(scores)
    return difference, (high - low) / 2, p


@wrong("wrong-type")
def difference_of_each_row(scores):
    return (leads(scores), *right(scores)[1:])


@wrong("input-changed")
def centred_in_place(scores):
    answer = right(scores)
    scores -= scores.mean(0)
    return answer


@wrong("global-random")
def global_draws(scores):
    drawn = torch.stack([torch.randperm(len(scores)) for _ in range(200)])
    return with_p(scores, share(scores, torch.cat([torch.arange(len(scores))[None], drawn])))


_drawn = itertools.count()


@wrong("not-repeatable")
def new_draws_at_each_call(scores):
    return with_p(scores, share(scores, matchings(len(scores), next(_drawn))))


@valid
def student(scores):
    return right(scores)


@valid
def bootstrap(scores):
    each = leads(scores - scores.mean(0))
    drawn = torch.randint(0, len(each), (2000, len(each)), generator=generator(0, "bootstrap"))
    ends = each[drawn].mean(1).quantile(torch.tensor([0.025, 0.975], dtype=each.dtype))
    return each.mean(), ends, share(scores)


@valid
def normal_bounds_after_centring_both_ways(scores):
    centred = scores - scores.mean(0) - scores.mean(1, keepdim=True) + scores.mean()
    each = leads(centred.double())
    low, high = around(each, 1.96)
    return [torch.tensor(each.mean().item()), torch.tensor([low, high]), torch.tensor(share(centred))]


@valid
def all_matchings_where_there_are_few(scores):
    count = len(scores)
    chosen = torch.tensor(list(itertools.permutations(range(count)))) if count < 7 else matchings(count)
    return with_p(scores, share(scores, chosen))


@valid
def with_numpy(scores):
    table = scores.detach().double().cpu().numpy()
    count = len(table)
    table = table - table.mean(0)
    own = np.eye(count, dtype=bool)
    each = table[own] - table[~own].reshape(count, count - 1).mean(1)
    draws = np.random.default_rng(3)
    resampled = each[draws.integers(0, count, (2000, count))].mean(1)
    drawn = draws.permuted(np.tile(np.arange(count), (DRAWS, 1)), axis=1)
    p = (1 + (table[np.arange(count), drawn].mean(1) >= table[own].mean() - 1e-9).sum()) / (1 + DRAWS)
    return each.mean(), (np.quantile(resampled, 0.025), np.quantile(resampled, 0.975)), p


@valid
def with_loops(scores):
    table, count = scores.tolist(), len(scores)
    means_of_columns = [sum(row[j] for row in table) / count for j in range(count)]
    table = [[x - m for x, m in zip(row, means_of_columns, strict=True)] for row in table]
    each = [row[i] - (sum(row) - row[i]) / (count - 1) for i, row in enumerate(table)]
    estimate = mean_interval(each)
    draws, order, hits = random.Random(5), list(range(count)), 1
    true = sum(table[i][i] for i in range(count))
    for _ in range(DRAWS):
        draws.shuffle(order)
        hits += sum(table[i][j] for i, j in enumerate(order)) >= true - 1e-9
    return estimate.value, (estimate.low, estimate.high), hits / (1 + DRAWS)
