"""The check of `fixed_curve`: the points up to the switch, and those after it, of ordinary curves and of short ones.

Each point is computed from the measurements that its mean may hold, one by one. Known mistakes are put side by side
with it.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close

ROUNDED = 1e-5  # a mean with single precision in between is no fault

check = Check(
    exercise="fixed_curve",
    solution="chisel.lr_mode_shift.silent_bug:fixed_curve",
    arguments=("accuracy", "window", "switch_step"),
    returns=TensorLike(like="accuracy", shape=lambda a: tuple(a["accuracy"].shape)),
    example="accuracy [0.6, 1.0, 1.0, 0.2, 0.4, 0.9], window 3, switch_step 2: the first three are measured at the old "
    "rate  ->  [0.6, 0.8, 0.867] and then [0.2, 0.3, 0.5]",
    read="the section 'The silent bug' of the chapter",
)

STILL = Diagnosis(
    "bug-still-there",
    "points after the switch still hold measurements from before it",
    "The first points after the switch are means over both rates. What was memorised is in them, though the network "
    "may have lost it all.",
)
LATE = Diagnosis(
    "switch-on-the-wrong-side",
    "the measurement at the switch counts to the new rate, or one after it to the old one",
    "Accuracy is measured before each step. The one at index `switch_step` is measured before the first step at the "
    "new rate: nothing has changed yet.",
)
RAW = Diagnosis(
    "not-smoothed",
    "some points after the switch are not smoothed as they could be",
    "Where the window does not fit, the mean is over as many measurements of the new rate as there are. Leave none of "
    "them out.",
)
WIDE = Diagnosis(
    "window-ignored",
    "a mean reaches further back than the window",
    "However long ago the switch is, a point is the mean of the last `window` measurements, and of no more.",
)
LENGTH = Diagnosis(
    "window-off",
    "the window has another width",
    "With a window of 1 the curve comes back as it is; with one of 2 a point is the mean of itself and the one before.",
)
FUTURE = Diagnosis(
    "looks-ahead",
    "a point holds measurements that come after it",
    "The mean goes back from each point. One that looks ahead shows a crash before it happens.",
)
PADDED = Diagnosis(
    "padded",
    "where there are fewer measurements than the window is wide, something else takes their place",
    "Noughts, or a value repeated, were never measured. Divide by the number of measurements that there are.",
)
BEFORE = Diagnosis(
    "wrong-before",
    "up to the switch the curve is not the mean that it was",
    "Before the switch, and at it, there is no other rate that could mix in: nothing is to be changed there.",
)
AFTER = Diagnosis(
    "wrong-after",
    "after the switch a point is not the mean of the last measurements of its own rate",
    "Take the measurements after the switch as a curve of their own, which begins there.",
)
EDGE = Diagnosis(
    "special-cases",
    "where little is to be averaged the curve is wrong",
    "A window of one step, one wider than the curve, a switch at the first or at the last measurement: the rule is the "
    "same.",
)


def _smoothed(curve: list[float], window: int) -> list[float]:
    """Return the mean of the last measurements at each point of a curve that knows one rate."""
    points = []
    for t in range(len(curve)):
        last = [curve[i] for i in range(t, -1, -1) if t - i < window]
        points.append(sum(last) / len(last))
    return points


def _wanted(accuracy: Tensor, window: int, switch: int) -> Tensor:
    curve = accuracy.tolist()
    return accuracy.new_tensor(_smoothed(curve[: switch + 1], window) + _smoothed(curve[switch + 1 :], window))


def _padded(curve: Tensor, window: int, front: float) -> Tensor:
    """Return the mean over the whole window, with `front` for what was never measured."""
    return torch.cat([curve.new_full((window - 1,), front), curve]).unfold(0, window, 1).mean(1)


def _centred(curve: Tensor, reach: int) -> Tensor:
    """Return the mean over as many measurements before a point as after it."""
    return torch.stack([curve[max(0, t - reach) : t + reach + 1].mean() for t in range(len(curve))])


def _ahead(curve: Tensor, window: int) -> Tensor:
    """Return the mean of the next measurements at each point."""
    return torch.stack([curve[t : t + window].mean() for t in range(len(curve))])


def _cases(draw: Draw) -> list[tuple[Tensor, int, int]]:
    """Curves with a crash, of several lengths; in the second the window is wider than what comes before the switch."""
    sizes = ((9, 4, 14), (3, 6, 12), (10, 3, 9))
    curves = [torch.cat([draw.uniform(0.7, 1, s + 1), draw.uniform(0, 0.6, n)]) for s, _, n in sizes]
    return [(curve, window, switch) for curve, (switch, window, _) in zip(curves, sizes, strict=True)]


def _special(attempt: Attempt, draw: Draw, side: Callable[[int], slice]) -> None:
    """Ask about curves, windows and switches with little to average, and look at one side of the switch."""
    for length, window, switch in ((8, 1, 3), (7, 20, 2), (9, 3, 0), (9, 4, 8), (6, 2, 4), (1, 3, 0), (2, 2, 0)):
        accuracy = draw.uniform(0, 1, length)
        got, want = (
            curve[side(switch)] for curve in (attempt(accuracy, window, switch), _wanted(accuracy, window, switch))
        )
        attempt.expect(got, want, "special-cases", attempt.describe((accuracy, window, switch)), None, ROUNDED)


@check.property(
    "before",
    "up to the switch, itself included, nothing is changed",
    *(LATE, LENGTH, FUTURE, PADDED, WIDE, RAW, BEFORE, EDGE),
)
def before(attempt: Attempt, draw: Draw) -> None:
    for accuracy, window, switch in _cases(draw):
        got = attempt(accuracy, window, switch)[: switch + 1]
        curve = accuracy[: switch + 1]
        want = _wanted(accuracy, window, switch)[: switch + 1]
        if close(got, want, ROUNDED):
            continue
        suspects = {
            "switch-on-the-wrong-side": [torch.cat([want[:-1], curve[-1:]])],
            "not-smoothed": [curve, torch.cat([curve[: window - 1], want[window - 1 :]])],
            "window-off": [_wanted(curve, size, switch) for size in (window - 1, window + 1, 2 * window)],
            "looks-ahead": [
                *(
                    _centred(whole, reach)[: switch + 1]
                    for whole in (accuracy, curve)
                    for reach in (window // 2, window)
                ),
                *(_ahead(whole, window)[: switch + 1] for whole in (accuracy, curve)),
            ],
            "padded": [_padded(curve, window, 0.0), _padded(curve, window, float(curve[0]))],
            "window-ignored": [_wanted(curve, len(curve), switch)],
        }
        tried = attempt.describe((accuracy, window, switch)) + "\n(the points up to the switch)"
        attempt.expect(got, want, "wrong-before", tried, suspects, ROUNDED)
    _special(attempt, draw, lambda switch: slice(0, switch + 1))


@check.property(
    "after",
    "after the switch a point is the mean of measurements after the switch alone",
    *(STILL, LATE, RAW, WIDE, LENGTH, FUTURE, PADDED, AFTER, EDGE),
)
def after(attempt: Attempt, draw: Draw) -> None:
    for accuracy, window, switch in _cases(draw):
        got = attempt(accuracy, window, switch)[switch + 1 :]
        curve, last = accuracy[switch + 1 :], len(accuracy) - 1
        want = _wanted(accuracy, window, switch)[switch + 1 :]
        if close(got, want, ROUNDED):
            continue
        found = _wanted(accuracy, window, last)[switch + 1 :]  # as if there were no switch
        earlier, later = (_wanted(accuracy, window, switch + by)[switch + 1 :] for by in (-1, 1))
        held = torch.cat([accuracy[switch].expand(window - 1), want[window - 1 :]])
        suspects = {
            "bug-still-there": [found, torch.cat([found[: window - 1], found[window - 1 :]]), held],
            "switch-on-the-wrong-side": [earlier, later],
            "not-smoothed": [
                *(torch.cat([curve[:n], want[n:]]) for n in range(2, window + 1)),
                *(curve, curve[0] + 0 * curve),
                torch.cat([want[window - 1].expand(window - 1), want[window - 1 :]]),
            ],
            "window-ignored": [_wanted(curve, len(curve), last)],
            "window-off": [_wanted(curve, size, last) for size in (window - 1, window + 1, 2 * window)],
            "looks-ahead": [*(_centred(curve, reach) for reach in (window // 2, window)), _ahead(curve, window)],
            "padded": [_padded(curve, window, front) for front in (0.0, 1.0, float(curve[0]))],
        }
        tried = attempt.describe((accuracy, window, switch)) + "\n(the points after the switch)"
        attempt.expect(got, want, "wrong-after", tried, suspects, ROUNDED)
    _special(attempt, draw, lambda switch: slice(switch + 1, None))
