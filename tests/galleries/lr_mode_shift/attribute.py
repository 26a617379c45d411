"""Gallery of `attribute`."""

import itertools
import math
import random
from dataclasses import replace
from functools import cache

import numpy as np
import torch

from chisel.core.estimates import Estimate
from chisel.core.statistics import student_quantile
from chisel.lr_mode_shift.records import Attribution
from galleries.gallery import valid, wrong

ENDS = torch.tensor([0.025, 0.975], dtype=torch.float64)  # where 95 % lie in between


def gains_of(results):
    """Halvings of the horizon [rate, decay, S]."""
    return (results.horizon / results.steps.clamp(min=1, max=results.horizon)).log2()


def effects_of(gains):
    """Rate, decay and interaction for each seed."""
    return {
        "rate": (gains[1] - gains[0]).mean(0),
        "decay": (gains[:, 1] - gains[:, 0]).mean(0),
        "interaction": gains[1, 1] - gains[0, 1] - gains[1, 0] + gains[0, 0],
    }


@cache
def drawn(seeds, samples=2000, size=None, seed=0):
    return torch.randint(seeds, (samples, size or seeds), generator=torch.Generator().manual_seed(seed))


def percentile(effect, ends=ENDS, **how):
    means = effect[drawn(len(effect), **how)].mean(1)
    low, high = (float(means.kthvalue(1 + round(float(end) * (len(means) - 1))).values) for end in ends)
    return low, high


def estimate(effect, interval=percentile):
    low, high = interval(effect)
    return Estimate(float(effect.mean()), low, high, len(effect))


def put_together(results, gains, interval=percentile):
    late = (results.steps > results.horizon).sum(2)
    estimates = {name: estimate(effect, interval) for name, effect in effects_of(gains).items()}
    return Attribution(gains.mean(2), late, **estimates)


def right(results):
    return put_together(results, gains_of(results))


def moved(found, value):
    """The same estimate around another value."""
    shift = float(value) - found.value
    return Estimate(float(value), found.low + shift, found.high + shift, found.n)


def with_effect(results, **values):
    found = right(results)
    return replace(found, **{name: moved(getattr(found, name), value) for name, value in values.items()})


# The table


@wrong("other-logarithm")
def natural(results):
    return put_together(results, gains_of(results) * math.log(2))


@wrong("other-logarithm")
def orders_of_magnitude(results):
    return replace(right(results), table=gains_of(results).mean(2) * math.log10(2))


@wrong("mean-before-logarithm")
def of_the_mean_steps(results):
    steps = results.steps.clamp(1, results.horizon).mean(2)
    return replace(right(results), table=(results.horizon / steps).log2())


@wrong("mean-before-logarithm")
def of_the_mean_ratio(results):
    ratio = results.horizon / results.steps.clamp(1, results.horizon)
    return replace(right(results), table=ratio.mean(2).log2())


@wrong("not-halvings")
def steps_saved(results):
    return put_together(results, results.horizon - results.steps.clamp(1, results.horizon))


@wrong("not-halvings")
def times_as_quick(results):
    return put_together(results, results.horizon / results.steps.clamp(1, results.horizon))


@wrong("gain-sign-flipped")
def steps_over_horizon(results):
    return put_together(results, -gains_of(results))


@wrong("horizon-left-out")
def logarithm_of_the_steps(results):
    return replace(right(results), table=results.steps.clamp(1, results.horizon).log2().mean(2))


@wrong("one-run-for-all")
def medians(results):
    return replace(right(results), table=gains_of(results).quantile(0.5, dim=2))


@wrong("sum-for-mean")
def summed_over_seeds(results):
    return replace(right(results), table=gains_of(results).sum(2))


@wrong("axes-exchanged")
def transposed(results):
    return replace(right(results), table=gains_of(results).mean(2).T)


@wrong("wrong-table")
def one_step_more(results):
    return replace(right(results), table=((results.horizon + 1) / (results.steps + 1).clamp(max=1e9)).log2().mean(2))


# Censoring


def without(results, kept):
    """The mean gains over the runs that are kept."""
    return torch.where(kept, gains_of(results), 0.0).sum(2) / kept.sum(2).clamp(min=1)


@wrong("censored-dropped")
def runs_left_out(results):
    return replace(right(results), table=without(results, results.steps <= results.horizon))


@wrong("censored-dropped")
def seeds_left_out(results):
    kept = (results.steps <= results.horizon).all(0).all(0).expand_as(results.steps)
    return replace(right(results), table=without(results, kept))


@wrong("beyond-the-horizon")
def inf_alone_filled(results):
    steps = torch.where(results.steps.isinf(), results.horizon, results.steps).clamp(min=1)
    return put_together(results, (results.horizon / steps).log2())


def filled(results, value):
    steps = torch.where(results.steps > results.horizon, value, results.steps).clamp(min=1)
    return put_together(results, (results.horizon / steps).log2())


@wrong("other-filling")
def twice_the_horizon(results):
    return filled(results, 2.0 * results.horizon)


@wrong("other-filling")
def one_step_beyond(results):
    return filled(results, results.horizon + 1.0)


@wrong("other-filling")
def slowest_run(results):
    reached = results.steps[results.steps <= results.horizon]
    return filled(results, float(reached.max()) if len(reached) else float(results.horizon))


@wrong("wrong-censoring")
def reached_in_the_mean(results):
    table = gains_of(results).mean(2)
    late = (results.steps > results.horizon).double().mean(2)
    return replace(right(results), table=table * (1 - late))


@wrong("wrong-count")
def those_that_did(results):
    return replace(right(results), censored=(results.steps <= results.horizon).sum(2))


@wrong("wrong-count")
def inf_alone_counted(results):
    return replace(right(results), censored=results.steps.isinf().sum(2))


@wrong("horizon-itself")
def at_the_horizon_too(results):
    return replace(right(results), censored=(results.steps >= results.horizon).sum(2))


# The effects


@wrong("rate-for-decay")
def exchanged(results):
    found = right(results)
    return replace(found, rate=found.decay, decay=found.rate)


@wrong("effect-sign-flipped")
def base_less_raised(results):
    found = right(results)
    return with_effect(results, rate=-found.rate.value, decay=-found.decay.value)


@wrong("one-side-only")
def under_the_base_setting(results):
    table = gains_of(results).mean(2)
    return with_effect(results, rate=table[1, 0] - table[0, 0], decay=table[0, 1] - table[0, 0])


@wrong("one-side-only")
def both_at_once(results):
    table = gains_of(results).mean(2)
    return with_effect(results, rate=table[1, 1] - table[0, 0])


@wrong("sum-for-mean")
def over_both_decays(results):
    found = right(results)
    return with_effect(results, rate=2 * found.rate.value, decay=2 * found.decay.value)


@wrong("not-the-interaction")
def halved(results):
    return with_effect(results, interaction=right(results).interaction.value / 2)


@wrong("not-the-interaction")
def other_way_round(results):
    return with_effect(results, interaction=-right(results).interaction.value)


@wrong("not-the-interaction")
def gain_of_both(results):
    table = gains_of(results).mean(2)
    return with_effect(results, interaction=table[1, 1] - table[0, 0])


@wrong("median-for-mean")
def middle_seed(results):
    found, middle = right(results), float(effects_of(gains_of(results))["rate"].quantile(0.5))
    return replace(found, rate=replace(found.rate, value=middle))


@wrong("wrong-effect")
def relative_effect(results):
    table = gains_of(results).mean(2)
    return with_effect(results, rate=(table[1] / table[0].clamp(min=1e-9)).mean())


@wrong("wrong-n")
def samples_counted(results):
    found = right(results)
    return replace(found, rate=replace(found.rate, n=2000))


@wrong("wrong-n")
def runs_counted(results):
    found = right(results)
    return replace(found, **{n: replace(getattr(found, n), n=4 * found.rate.n) for n in ("rate", "decay")})


# The intervals


def with_interval(results, interval):
    return put_together(results, gains_of(results), interval)


@wrong("ends-swapped")
def high_then_low(results):
    return with_interval(results, lambda effect: percentile(effect)[::-1])


@wrong("no-width")
def drawn_without_replacement(results):
    return with_interval(results, lambda effect: (float(effect.mean()), float(effect.mean())))


@wrong("runs-drawn-apart")
def each_cell_for_itself(results):
    gains = gains_of(results)
    chosen = drawn(gains.shape[2], 8000, seed=1).view(2, 2, 2000, -1)
    sampled = torch.stack([torch.stack([gains[r, d][chosen[r, d]].mean(1) for d in (0, 1)]) for r in (0, 1)])
    found, estimates = right(results), {}
    for name, values in effects_of(sampled).items():
        low, high = values.quantile(ENDS).tolist()
        estimates[name] = replace(getattr(found, name), low=low, high=high)
    return replace(found, **estimates)


@wrong("runs-drawn-apart")
def each_arm_for_itself(results):
    gains = gains_of(results)
    first, second = drawn(gains.shape[2]), drawn(gains.shape[2], seed=1)
    low, high = (gains[1].mean(0)[first].mean(1) - gains[0].mean(0)[second].mean(1)).quantile(ENDS).tolist()
    found = right(results)
    decay = (gains[:, 1].mean(0)[first].mean(1) - gains[:, 0].mean(0)[second].mean(1)).quantile(ENDS).tolist()
    side = ((gains[1, 1] - gains[0, 1])[first].mean(1) - (gains[1, 0] - gains[0, 0])[second].mean(1)).quantile(ENDS)
    return replace(
        found,
        rate=replace(found.rate, low=low, high=high),
        decay=replace(found.decay, low=decay[0], high=decay[1]),
        interaction=replace(found.interaction, low=float(side[0]), high=float(side[1])),
    )


@wrong("spread-not-error")
def quantiles_of_the_seeds(results):
    return with_interval(results, lambda effect: tuple(effect.quantile(ENDS).tolist()))


@wrong("spread-not-error")
def two_deviations_of_the_seeds(results):
    def interval(effect):
        half = 1.96 * float(effect.std(unbiased=False))
        return float(effect.mean()) - half, float(effect.mean()) + half

    return with_interval(results, interval)


@wrong("another-level")
def ninety_percent(results):
    return with_interval(results, lambda effect: percentile(effect, 2 * ENDS.clamp(max=0.475)))


@wrong("another-level")
def from_5_to_95(results):
    return with_interval(results, lambda effect: percentile(effect, torch.tensor([0.05, 0.95]).double()))


@wrong("another-level")
def ninety_nine_percent(results):
    return with_interval(results, lambda effect: percentile(effect, torch.tensor([0.005, 0.995]).double()))


@wrong("another-level")
def one_standard_error(results):
    def interval(effect):
        error = float(effect[drawn(len(effect))].mean(1).std())
        return float(effect.mean()) - error, float(effect.mean()) + error

    return with_interval(results, interval)


@wrong("not-from-samples")
def standard_error_of_the_samples(results):
    def interval(effect):
        half = 1.96 * float(effect[drawn(len(effect))].mean(1).std())
        return float(effect.mean()) - half, float(effect.mean()) + half

    return with_interval(results, interval)


@wrong("not-from-samples")
def student(results):
    def interval(effect):
        if len(effect) == 1:
            return percentile(effect)
        half = student_quantile(len(effect) - 1) * float(effect.std()) / math.sqrt(len(effect))
        return float(effect.mean()) - half, float(effect.mean()) + half

    return with_interval(results, interval)


@wrong("turned-round")
def basic_bootstrap(results):
    def interval(effect):
        low, high = percentile(effect)
        return 2 * float(effect.mean()) - high, 2 * float(effect.mean()) - low

    return with_interval(results, interval)


@wrong("not-around-the-effect")
def of_what_chance_does(results):
    return with_interval(results, lambda effect: percentile(effect - effect.mean()))


@wrong("other-sample-size")
def half_as_many_seeds(results):
    return with_interval(results, lambda effect: percentile(effect, size=(len(effect) + 1) // 2))


@wrong("other-sample-size")
def four_runs_are_four_seeds(results):
    return with_interval(results, lambda effect: percentile(effect, size=4 * len(effect)))


@wrong("wrong-interval")
def rate_for_all(results):
    found = right(results)
    if results.steps.shape[2] == 1:
        return found
    decay = replace(found.decay, low=found.rate.low, high=found.rate.high)
    return replace(found, decay=decay, interaction=replace(found.interaction, low=found.rate.low, high=found.rate.high))


@wrong("wrong-interval")
def medians_of_samples(results):
    def interval(effect):
        low, high = effect[drawn(len(effect))].median(1).values.quantile(ENDS).tolist()
        return low, high

    return with_interval(results, interval)


# Edges


@wrong("one-seed")
def one_seed_is_not_enough(results):
    found = right(results)
    if results.steps.shape[2] > 1:
        return found
    return replace(found, rate=replace(found.rate, low=found.rate.value - 1, high=found.rate.value + 1))


@wrong("not-finite")
def unbiased_error_of_one_seed(results):
    found = right(results)
    effect = effects_of(gains_of(results))["rate"]
    error = ((effect - effect.mean()).square().sum() / torch.tensor(len(effect) - 1.0)).sqrt()
    return replace(found, rate=replace(found.rate, high=found.rate.high + 0 * float(error)))


@wrong("at-once")
def steps_below_one_count_half(results):
    steps = results.steps.clamp(min=0.5, max=results.horizon)
    return put_together(results, (results.horizon / steps).log2())


@wrong("at-once")
def one_step_more_for_everyone_at_once(results):
    steps = torch.where(results.steps < 1, 2.0, results.steps).clamp(max=results.horizon)
    return put_together(results, (results.horizon / steps).log2())


@wrong("nobody-generalises")
def dead_cells_marked(results):
    found = right(results)
    dead = (results.steps > results.horizon).all(2)
    return replace(found, table=torch.where(dead, -1.0, found.table))


@wrong("not-finite")
def steps_of_nought(results):
    return put_together(results, (results.horizon / results.steps.clamp(max=results.horizon)).log2())


@wrong("not-finite")
def inf_left_in(results):
    return put_together(results, (results.horizon / results.steps.clamp(min=1)).log2())


# The form


@wrong("wrong-type")
def estimates_as_numbers(results):
    found = right(results)
    return replace(found, rate=found.rate.value, decay=found.decay.value, interaction=found.interaction.value)


@wrong("wrong-type")
def as_a_dict(results):
    return vars(right(results))


@wrong("wrong-shape")
def gain_of_every_seed(results):
    return replace(right(results), table=gains_of(results))


@wrong("input-changed")
def filled_in_place(results):
    results.steps.clamp_(min=1, max=results.horizon)
    return right(results)


@wrong("global-random")
def global_draws(results):
    def interval(effect):
        chosen = torch.randint(len(effect), (2000, len(effect)))
        low, high = effect[chosen].mean(1).quantile(ENDS).tolist()
        return low, high

    return with_interval(results, interval)


_drawn = itertools.count()


@wrong("not-repeatable")
def new_draws_at_each_call(results):
    seed = next(_drawn)
    return with_interval(results, lambda effect: percentile(effect, seed=seed))


# Valid ones


@valid
def as_asked_for(results):
    return right(results)


@valid
def with_a_thousand_samples_of_another_generator(results):
    return with_interval(results, lambda effect: percentile(effect, samples=1000, seed=77))


@valid
def with_numpy(results):
    steps, horizon = results.steps.numpy(), results.horizon
    late = steps > horizon
    gains = np.log2(horizon) - np.log2(np.clip(np.where(late, horizon, steps), 1, None))
    chosen = np.random.default_rng(5).integers(0, steps.shape[2], (4000, steps.shape[2]))
    table, sampled = gains.mean(2), gains[:, :, chosen].mean(3)

    def summed(weights):
        value, found = (table * weights).sum(), np.einsum("rds,rd->s", sampled, weights)
        return Estimate(value, np.quantile(found, 0.025), np.quantile(found, 0.975), steps.shape[2])

    rate, decay = np.array([[-0.5, -0.5], [0.5, 0.5]]), np.array([[-0.5, 0.5], [-0.5, 0.5]])
    both = np.array([[1, -1], [-1, 1]])
    counts = torch.from_numpy(late.sum(2))
    return Attribution(torch.from_numpy(table), counts, summed(rate), summed(decay), summed(both))


@valid
def with_loops(results):
    seeds, horizon = results.steps.shape[2], results.horizon
    steps = results.steps.tolist()
    g = [[[math.log2(horizon / min(max(s, 1), horizon)) for s in cell] for cell in row] for row in steps]
    counts = [[sum(s > horizon for s in cell) for cell in row] for row in steps]
    each = {"rate": [], "decay": [], "interaction": []}
    for i in range(seeds):
        base, decay, rate, both = g[0][0][i], g[0][1][i], g[1][0][i], g[1][1][i]
        each["rate"].append((rate - base + both - decay) / 2)
        each["decay"].append((decay - base + both - rate) / 2)
        each["interaction"].append(both - decay - (rate - base))
    draws, estimates = random.Random(3), {}
    for name, values in each.items():
        found = sorted(sum(draws.choices(values, k=seeds)) / seeds for _ in range(2000))
        estimates[name] = Estimate(sum(values) / seeds, found[49], found[1949], seeds)
    table = [[sum(cell) / seeds for cell in row] for row in g]
    return Attribution(torch.tensor(table), torch.tensor(counts), **estimates)


@valid
def by_how_often_each_seed_is_drawn(results):
    gains = gains_of(results).float()
    seeds = gains.shape[2]
    chosen = torch.multinomial(torch.ones(1500, seeds), seeds, True, generator=torch.Generator().manual_seed(9))
    share = torch.nn.functional.one_hot(chosen, seeds).float().mean(1)
    estimates = {}
    for name, effect in effects_of(gains).items():
        low, high = (share @ effect).quantile(ENDS.float())
        estimates[name] = Estimate(effect.mean(), low, high, seeds)
    return Attribution(gains.mean(2), (results.steps > results.horizon).sum(2), **estimates)
