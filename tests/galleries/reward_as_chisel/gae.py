"""Gallery of `gae`."""

import numpy as np
import torch

from galleries.gallery import valid, wrong


def following(values, last_value):
    return torch.cat([values[:, 1:], last_value[:, None]], dim=1)


def gather_back(deltas, decay):
    """Add up surprises from the back; `decay: [B, H]` is how much of the next advantage counts."""
    out, later = [], torch.zeros_like(deltas[:, 0])
    for step in reversed(range(deltas.shape[1])):
        later = deltas[:, step] + decay[:, step] * later
        out.append(later)
    return torch.stack(out[::-1], dim=1)


def right(rewards, values, last_value, alive, gamma, lam):
    deltas = rewards + gamma * following(values, last_value) * alive - values
    return gather_back(deltas, gamma * lam * alive)


@wrong("forward")
def runs_forward(rewards, values, last_value, alive, gamma, lam):
    deltas = rewards + gamma * following(values, last_value) * alive - values
    return gather_back(deltas.flip(1), gamma * lam * alive.flip(1).roll(-1, 1)).flip(1)


@wrong("returns-instead")
def lambda_returns(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, gamma, lam) + values


@wrong("values-ignored")
def rewards_alone(rewards, values, last_value, alive, gamma, lam):
    return gather_back(rewards, gamma * lam * alive)


@wrong("sign-flipped")
def value_minus_outcome(*arguments):
    return -right(*arguments)


@wrong("sign-flipped")
def next_value_subtracted(rewards, values, last_value, alive, gamma, lam):
    return gather_back(rewards - gamma * following(values, last_value) * alive - values, gamma * lam * alive)


@wrong("value-shifted")
def next_value_is_this_value(rewards, values, last_value, alive, gamma, lam):
    return gather_back(rewards + gamma * values * alive - values, gamma * lam * alive)


@wrong("value-shifted")
def no_next_value(rewards, values, last_value, alive, gamma, lam):
    return gather_back(rewards - values, gamma * lam * alive)


@wrong("gamma-lam-swapped")
def gamma_and_lam_swapped(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, lam, gamma)


@wrong("gamma-missing")
def next_value_undiscounted(rewards, values, last_value, alive, gamma, lam):
    return gather_back(rewards + following(values, last_value) * alive - values, gamma * lam * alive)


@wrong("gamma-missing")
def only_lam_in_the_sum(rewards, values, last_value, alive, gamma, lam):
    return gather_back(rewards + gamma * following(values, last_value) * alive - values, lam * alive)


@wrong("argument-ignored")
def lam_left_out(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, gamma, 1.0)


@wrong("argument-ignored")
def gamma_hard_coded(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, 0.99, lam)


@wrong("argument-ignored")
def one_surprise_only(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, gamma, 0.0)


@wrong("alive-inverted")
def taken_for_done(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, ~alive, gamma, lam)


@wrong("normalised")
def standardised(*arguments):
    out = right(*arguments)
    return (out - out.mean()) / (out.std(correction=0) + 1e-8)


@wrong("normalised")
def clipped(*arguments):
    return right(*arguments).clamp(-10, 10)


@wrong("wrong-advantage")
def ten_steps_ahead_at_most(rewards, values, last_value, alive, gamma, lam):
    out = torch.zeros_like(rewards)
    for step in range(rewards.shape[1]):
        piece = slice(step, step + 10)
        last = following(values, last_value)[:, piece][:, -1]
        out[:, step] = right(rewards[:, piece], values[:, piece], last, alive[:, piece], gamma, lam)[:, 0]
    return out


@wrong("wrong-advantage")
def halved(*arguments):
    return right(*arguments) / 2


@wrong("gamma-or-lam-end")
def zero_taken_for_missing(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, gamma or 0.99, lam or 0.95)


@wrong("gamma-or-lam-end")
def kept_below_one(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, gamma, min(lam, 0.99))


@wrong("last-value-ignored")
def cut_off_is_ended(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, 0 * last_value, alive, gamma, lam)


@wrong("last-value-ignored")
def bootstraps_with_positive_values_only(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value.clamp(min=0), alive, gamma, lam)


@wrong("last-value-ignored")
def a_row_with_an_end_is_never_cut_off(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value * alive.all(1), alive, gamma, lam)


@wrong("last-value-misused")
def last_value_as_last_reward(rewards, values, last_value, alive, gamma, lam):
    rewards = torch.cat([rewards[:, :-1], rewards[:, -1:] + (last_value * alive[:, -1])[:, None]], dim=1)
    return right(rewards, values, 0 * last_value, alive, gamma, lam)


@wrong("last-value-misused")
def last_value_is_also_the_last_advantage(rewards, values, last_value, alive, gamma, lam):
    steps = torch.arange(rewards.shape[1] - 1, -1, -1, dtype=rewards.dtype)
    more = (gamma * lam) ** (steps + 1) * last_value[:, None] * alive.flip(1).long().cumprod(1).flip(1)
    return right(rewards, values, last_value, alive, gamma, lam) + more


@wrong("bootstraps-through-end")
def last_step_always_bootstraps(rewards, values, last_value, alive, gamma, lam):
    goes_on = alive.clone()
    goes_on[:, -1] = True
    return right(rewards, values, last_value, goes_on, gamma, lam)


@wrong("bootstraps-through-end")
def mask_on_the_sum_only_at_the_end(rewards, values, last_value, alive, gamma, lam):
    goes_on = alive.clone()
    goes_on[:, -1] = True
    deltas = rewards + gamma * following(values, last_value) * goes_on - values
    return gather_back(deltas, gamma * lam * alive)


@wrong("episodes-touch")
def ends_in_the_middle_overlooked(rewards, values, last_value, alive, gamma, lam):
    goes_on = torch.ones_like(alive)
    goes_on[:, -1] = alive[:, -1]
    return right(rewards, values, last_value, goes_on, gamma, lam)


@wrong("episodes-touch")
def sum_runs_over_the_end(rewards, values, last_value, alive, gamma, lam):
    deltas = rewards + gamma * following(values, last_value) * alive - values
    return gather_back(deltas, torch.full_like(rewards, gamma * lam))


@wrong("episodes-touch")
def next_episode_bootstraps_the_last(rewards, values, last_value, alive, gamma, lam):
    after = torch.cat([values[:, 1:], (last_value * alive[:, -1])[:, None]], dim=1)
    return gather_back(rewards + gamma * after - values, gamma * lam * alive)


@wrong("alive-shifted")
def alive_before_the_step(rewards, values, last_value, alive, gamma, lam):
    before = torch.cat([torch.ones_like(alive[:, :1]), alive[:, :-1]], dim=1)
    return right(rewards, values, last_value, before, gamma, lam)


@wrong("alive-shifted")
def next_step_alive_in_the_sum(rewards, values, last_value, alive, gamma, lam):
    deltas = rewards + gamma * following(values, last_value) * alive - values
    after = torch.cat([alive[:, 1:], torch.zeros_like(alive[:, :1])], dim=1)
    return gather_back(deltas, gamma * lam * after)


@wrong("stops-at-first-end")
def one_episode_a_row(rewards, values, last_value, alive, gamma, lam):
    living = alive.long().cumprod(1).bool()
    acting = torch.cat([torch.ones_like(living[:, :1]), living[:, :-1]], dim=1)
    return right(rewards, values, last_value, living, gamma, lam) * acting


@wrong("end-misread")
def ended_steps_get_nothing(rewards, values, last_value, alive, gamma, lam):
    inner = torch.cat([alive[:, :-1], torch.ones_like(alive[:, :1])], dim=1)
    return right(rewards, values, last_value, alive, gamma, lam) * inner


@wrong("rows-mixed")
def ends_of_the_first_row(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive[:1].expand_as(alive), gamma, lam)


@wrong("rows-mixed")
def mean_last_value(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value.mean().expand_as(last_value), alive, gamma, lam)


@wrong("rows-mixed")
def one_long_row(rewards, values, last_value, alive, gamma, lam):
    deltas = rewards + gamma * following(values, last_value) * alive - values
    return gather_back(deltas.reshape(1, -1), gamma * lam * alive.reshape(1, -1)).reshape(rewards.shape)


@wrong("edge-size")
def one_step_skipped(rewards, values, last_value, alive, gamma, lam):
    if rewards.shape[1] < 2:
        return torch.zeros_like(rewards)
    return right(rewards, values, last_value, alive, gamma, lam)


@wrong("input-changed")
def built_in_the_rewards(rewards, values, last_value, alive, gamma, lam):
    rewards += gamma * following(values, last_value) * alive - values
    return gather_back(rewards, gamma * lam * alive)


@wrong("wrong-dtype")
def table_of_float32(rewards, values, last_value, alive, gamma, lam):
    return right(rewards, values, last_value, alive, gamma, lam).float()


@wrong("wrong-shape")
def last_value_as_one_more_step(rewards, values, last_value, alive, gamma, lam):
    return torch.cat([right(rewards, values, last_value, alive, gamma, lam), last_value[:, None]], dim=1)


@valid
def from_the_back(*arguments):
    return right(*arguments)


@valid
def plain_loop(rewards, values, last_value, alive, gamma, lam):
    out = torch.zeros_like(rewards)
    for b in range(rewards.shape[0]):
        later, after = 0.0, float(last_value[b])
        for t in reversed(range(rewards.shape[1])):
            if not alive[b, t]:
                later, after = 0.0, 0.0
            later = float(rewards[b, t]) + gamma * after - float(values[b, t]) + gamma * lam * later
            out[b, t], after = later, float(values[b, t])
    return out


@valid
def matrix_of_weights(rewards, values, last_value, alive, gamma, lam):
    deltas = rewards + gamma * following(values, last_value) * alive - values
    steps = rewards.shape[1]
    ended = torch.cat([torch.zeros_like(rewards[:, :1]), (~alive).to(rewards.dtype).cumsum(1)[:, :-1]], dim=1)
    ahead = torch.arange(steps)[None, :] - torch.arange(steps)[:, None]
    same = (ended[:, :, None] == ended[:, None, :]) & (ahead >= 0)
    weights = torch.where(same, (torch.tensor(gamma * lam, dtype=rewards.dtype)) ** ahead.clamp(min=0), 0.0)
    return (weights.to(rewards.dtype) @ deltas[..., None])[..., 0]


@valid
def returns_less_values(rewards, values, last_value, alive, gamma, lam):
    target, after, out = last_value, last_value, []
    for t in reversed(range(rewards.shape[1])):
        target = rewards[:, t] + gamma * alive[:, t] * ((1 - lam) * after + lam * target)
        out.append(target - values[:, t])
        after = values[:, t]
    return torch.stack(out[::-1], dim=1)


@valid
def numpy_style(rewards, values, last_value, alive, gamma, lam):
    r, v, last, goes_on = (x.numpy() for x in (rewards, values, last_value, alive))
    out, later = np.zeros_like(r), np.zeros_like(last)
    v = np.concatenate([v, last[:, None]], axis=1)
    for t in range(r.shape[1] - 1, -1, -1):
        later = r[:, t] - v[:, t] + goes_on[:, t] * gamma * (v[:, t + 1] + lam * later)
        out[:, t] = later
    return torch.from_numpy(out)
