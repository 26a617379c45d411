"""The silent bug: what it does to a curve and to the drop, what hides it (measured), and the curve without it."""

import pytest
import torch

from chisel.lr_mode_shift.candidates import example
from chisel.lr_mode_shift.measurements import shift_metrics
from chisel.lr_mode_shift.silent_bug import SETTINGS, buggy_curve, curve_difference, fixed_curve, hidden_by


def test_by_hand():
    accuracy = torch.tensor([0.0, 0.4, 1.0, 1.0, 0.2, 0.4, 0.6])
    right = [0.0, 0.2, 1.4 / 3, 2.4 / 3, 0.2, 0.3, 0.4]
    assert fixed_curve(accuracy, 3, 3).tolist() == pytest.approx(right)
    found = [0.0, 0.2, 1.4 / 3, 2.4 / 3, 2.2 / 3, 1.6 / 3, 0.4]
    assert buggy_curve(accuracy, 3, 3).tolist() == pytest.approx(found)
    assert torch.equal(fixed_curve(accuracy, 1, 3), accuracy)


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_point_mixes_the_two_rates(setting):
    accuracy, window, switch = example(setting, 0)
    curve = fixed_curve(accuracy, window, switch)
    assert curve.dtype == accuracy.dtype and curve.shape == accuracy.shape
    for t in range(len(accuracy)):
        first = 0 if t <= switch else switch + 1
        own = accuracy[first : t + 1][-window:]
        assert float(curve[t]) == pytest.approx(float(own.double().mean()), abs=1e-6)


def test_a_crash_becomes_a_dip():
    accuracy, window, switch = example("wide-window", 0)
    right, found = (
        shift_metrics(f(accuracy, window, switch), accuracy, switch).drop for f in (fixed_curve, buggy_curve)
    )
    assert right > 0.6 and found < 0.25


def test_what_hides_the_bug_is_what_measures_as_hiding_it():
    found = {name: [curve_difference(fixed_curve, name, seed) for seed in range(10)] for name in SETTINGS}
    assert {name for name, sizes in found.items() if max(sizes) == 0} == hidden_by()
    assert all(min(sizes) > 0.05 for name, sizes in found.items() if name not in hidden_by())


def test_a_setting_shows_what_it_says():
    curves = {name: example(name, 0) for name in SETTINGS}
    assert {name for name, (_, window, _) in curves.items() if window != 25} == {"wide-window", "one-step-window"}
    assert curves["double-precision"][0].dtype == torch.float64
    assert len(curves["switch-after-all"][0]) == 201 and len(curves["switch-at-the-end"][0]) == 202
    assert bool((curves["nothing-lost"][0] == 1).all()) and curves["dead"][0][201:].max() < 0.15
    assert curves["validation"][0][:201].max() < 0.05 and curves["validation"][0][-50:].min() > 0.9
    for name in ("many-seeds", "read-late", "wide-window"):
        accuracy = curves[name][0]
        assert len(accuracy) == 401 and bool((accuracy[:201] == 1).all())
        assert accuracy[201:206].mean() < 0.4 and accuracy[250:260].mean() > 0.85


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValueError, match="unknown setting 'narrow': use one of wide-window, "):
        curve_difference(fixed_curve, "narrow", 0)
