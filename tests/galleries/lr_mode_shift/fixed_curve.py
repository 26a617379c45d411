"""Gallery of `fixed_curve`."""

from collections import deque

import numpy as np
import torch

from chisel.lr_mode_shift.candidates import buggy_curve
from galleries.gallery import valid, wrong


def smooth(curve, window):
    """A curve that knows one rate."""
    return buggy_curve(curve, window, 0) if len(curve) else curve


def right(accuracy, window, switch_step):
    return joined(accuracy, switch_step, lambda old: smooth(old, window), lambda new: smooth(new, window))


def joined(accuracy, switch_step, first, second):
    """Two ways to treat what was measured at either rate."""
    old, new = accuracy[: switch_step + 1], accuracy[switch_step + 1 :]
    return torch.cat([first(old), second(new)]) if len(new) else first(old)


def only_before(way):
    """This way for the old rate, the right one for the new."""

    def function(accuracy, window, switch_step):
        return joined(accuracy, switch_step, lambda old: way(old, window), lambda new: smooth(new, window))

    return function


def centred(curve, window):
    reach = window // 2
    return torch.stack([curve[max(0, t - reach) : t + reach + 1].mean() for t in range(len(curve))])


def padded(curve, window, front=0.0):
    return torch.cat([curve.new_full((window - 1,), front), curve]).unfold(0, window, 1).mean(1)


@wrong("bug-still-there")
def as_found(accuracy, window, switch_step):
    return buggy_curve(accuracy, window, switch_step)


@wrong("bug-still-there")
def last_old_value_held(accuracy, window, switch_step):
    found = right(accuracy, window, switch_step)
    found[switch_step + 1 : switch_step + window] = accuracy[switch_step]
    return found


@wrong("bug-still-there")
def smoothed_from_before_where_it_does_not_fit(accuracy, window, switch_step):
    found = buggy_curve(accuracy, window, switch_step)
    return torch.where(torch.arange(len(accuracy)) < switch_step + window, found, right(accuracy, window, switch_step))


@wrong("switch-on-the-wrong-side")
def switch_itself_counts_to_the_new_rate(accuracy, window, switch_step):
    if switch_step == 0:
        return smooth(accuracy, window)
    return right(accuracy, window, switch_step - 1)


@wrong("switch-on-the-wrong-side")
def new_rate_begins_one_later(accuracy, window, switch_step):
    return right(accuracy, window, switch_step + 1)


@wrong("not-smoothed")
def raw_until_the_window_fits(accuracy, window, switch_step):
    found = right(accuracy, window, switch_step)
    found[switch_step + 1 : switch_step + window] = accuracy[switch_step + 1 : switch_step + window]
    return found


@wrong("not-smoothed")
def raw_after_the_switch(accuracy, window, switch_step):
    return joined(accuracy, switch_step, lambda old: smooth(old, window), lambda new: new)


@wrong("not-smoothed")
def raw_before_the_switch(accuracy, window, switch_step):
    return only_before(lambda old, _: old)(accuracy, window, switch_step)


@wrong("window-ignored")
def mean_of_all_since_the_switch(accuracy, window, switch_step):
    return joined(accuracy, switch_step, lambda old: smooth(old, window), lambda new: smooth(new, len(new)))


@wrong("window-ignored")
def mean_of_all_up_to_the_switch(accuracy, window, switch_step):
    return only_before(lambda old, _: smooth(old, len(old)))(accuracy, window, switch_step)


@wrong("window-off")
def one_more(accuracy, window, switch_step):
    return right(accuracy, window + 1, switch_step)


@wrong("window-off")
def one_less_after_the_switch(accuracy, window, switch_step):
    return joined(accuracy, switch_step, lambda old: smooth(old, window), lambda new: smooth(new, max(1, window - 1)))


@wrong("looks-ahead")
def around_each_point(accuracy, window, switch_step):
    return joined(accuracy, switch_step, lambda old: centred(old, window), lambda new: centred(new, window))


@wrong("looks-ahead")
def next_measurements(accuracy, window, switch_step):
    def ahead(curve):
        return torch.stack([curve[t : t + window].mean() for t in range(len(curve))])

    return joined(accuracy, switch_step, lambda old: smooth(old, window), ahead)


@wrong("padded")
def noughts_before_each_rate(accuracy, window, switch_step):
    return joined(accuracy, switch_step, lambda old: padded(old, window), lambda new: padded(new, window))


@wrong("padded")
def first_value_repeated(accuracy, window, switch_step):
    return joined(
        accuracy, switch_step, lambda old: smooth(old, window), lambda new: padded(new, window, float(new[0]))
    )


@wrong("wrong-before")
def running_medians(accuracy, window, switch_step):
    def medians(old, width):
        return torch.stack([old[max(0, t + 1 - width) : t + 1].median() for t in range(len(old))])

    return only_before(medians)(accuracy, window, switch_step)


@wrong("wrong-before")
def memorised_at_once(accuracy, window, switch_step):
    return only_before(lambda old, _: torch.ones_like(old))(accuracy, window, switch_step)


@wrong("wrong-after")
def exponential_mean(accuracy, window, switch_step):
    def decayed(new):
        points, level = [], new[0]
        for value in new:
            level = level + 2 / (window + 1) * (value - level)
            points.append(level)
        return torch.stack(points)

    return joined(accuracy, switch_step, lambda old: smooth(old, window), decayed)


@wrong("wrong-after")
def smoothed_twice(accuracy, window, switch_step):
    return joined(
        accuracy, switch_step, lambda old: smooth(old, window), lambda new: smooth(smooth(new, window), window)
    )


@wrong("special-cases")
def switch_at_the_first_step_forgotten(accuracy, window, switch_step):
    return right(accuracy, window, switch_step) if switch_step else smooth(accuracy, window)


@wrong("special-cases")
def narrow_windows_widened(accuracy, window, switch_step):
    return right(accuracy, max(2, window), switch_step)


@wrong("raised")
def unfolded(accuracy, window, switch_step):
    old, new = accuracy[: switch_step + 1], accuracy[switch_step + 1 :]
    return torch.cat([smooth(old, window), *(smooth(new[:window], window), new.unfold(0, window, 1).mean(1)[1:])])


@wrong("wrong-shape")
def mixed_points_left_out(accuracy, window, switch_step):
    found = right(accuracy, window, switch_step)
    return torch.cat([found[: switch_step + 1], found[switch_step + window :]])


@wrong("not-finite")
def mixed_points_marked(accuracy, window, switch_step):
    found = right(accuracy, window, switch_step)
    found[switch_step + 1 : switch_step + window] = torch.nan
    return found


@wrong("wrong-dtype")
def means_in_the_default_dtype(accuracy, window, switch_step):
    return torch.tensor(right(accuracy, window, switch_step).tolist())


@wrong("wrong-type")
def a_list(accuracy, window, switch_step):
    return right(accuracy, window, switch_step).tolist()


@wrong("input-changed")
def written_over(accuracy, window, switch_step):
    return accuracy.copy_(right(accuracy, window, switch_step))


@wrong("returned-none")
def no_return(accuracy, window, switch_step):
    right(accuracy, window, switch_step)


@valid
def in_two_pieces(accuracy, window, switch_step):
    return right(accuracy, window, switch_step)


@valid
def point_by_point(accuracy, window, switch_step):
    values, last, points = accuracy.tolist(), deque(maxlen=window), []
    for t, value in enumerate(values):
        if t == switch_step + 1:
            last.clear()
        last.append(value)
        points.append(sum(last) / len(last))
    return torch.tensor(points, dtype=accuracy.dtype, device=accuracy.device)


@valid
def by_cumulative_sums(accuracy, window, switch_step):
    t = torch.arange(len(accuracy))
    side = torch.where(t > switch_step, switch_step + 1, 0)
    start = torch.maximum(side, t + 1 - window)
    total = torch.cat([accuracy.new_zeros(1), accuracy.cumsum(0)])
    return (total[t + 1] - total[start]) / (t + 1 - start)


@valid
def with_a_matrix(accuracy, window, switch_step):
    t = torch.arange(len(accuracy))
    back = t[:, None] - t
    same_rate = (t[:, None] > switch_step) == (t > switch_step)
    chosen = ((back >= 0) & (back < window) & same_rate).to(accuracy.dtype)
    return chosen @ accuracy / chosen.sum(1)


@valid
def in_numpy(accuracy, window, switch_step):
    def means(curve):
        sums = np.convolve(curve, np.ones(window))[: len(curve)]
        return sums / np.minimum(np.arange(len(curve)) + 1, window)

    pieces = np.split(accuracy.numpy().astype(np.float64), [switch_step + 1])
    return torch.from_numpy(np.concatenate([means(piece) for piece in pieces if len(piece)])).to(accuracy.dtype)
