"""What the notebook trains live, small, and what it reads from stored runs."""

import pytest
import torch

from chisel.lr_mode_shift import candidates
from chisel.lr_mode_shift.addition import make_split
from chisel.lr_mode_shift.measurements import shift_metrics, symmetrised_logits
from chisel.lr_mode_shift.optimiser import adamw_step
from chisel.lr_mode_shift.schedule import lr_at
from chisel.lr_mode_shift.silent_bug import fixed_curve
from chisel.lr_mode_shift.stacked import stacked_forward
from chisel.lr_mode_shift.training import train
from chisel.lr_mode_shift.workbench import live


@pytest.fixture
def brief(monkeypatch):
    """The same networks, switched after twenty steps and watched for a few."""
    monkeypatch.setattr(live, "BASE", {**live.BASE, "switch_step": 20})
    for name, steps in (("AFTER_ONE", 5), ("AFTER_GRID", 120), ("AFTER_COLLAPSE", 120)):
        monkeypatch.setattr(live, name, steps)


def test_two_single_runs_are_one_until_the_switch(brief):
    found = live.one_run_live(make_split, lr_at, train)
    rows = dict(live.one_run_table(found))
    assert rows["50x, before the switch"] == "the same run, bit by bit"
    assert rows["50x, after it"] == "another run"
    assert len(list(live.one_run_figure(found).select_traces())) == 4


def test_a_rate_that_changes_a_step_early_is_seen(brief):
    def early(step: int, base: float, multiplier: float, switch_step: int) -> float:
        return lr_at(step + 1, base, multiplier, switch_step)

    rows = dict(live.one_run_table(live.one_run_live(make_split, early, train)))
    assert rows["50x, before the switch"] == "another run"


def test_the_grid_is_trained_with_what_the_reader_wrote(brief):
    asked = []

    def noted(params, a, b):
        asked.append(len(a))
        return stacked_forward(params, a, b)

    runs = live.grid_live(noted, adamw_step)
    assert max(asked) == 3 * len(live.GRID)
    rows = dict(live.grid_table(shift_metrics, runs))
    assert list(rows) == ["1x", "10x", "50x", "300x"]
    assert all(" of 3; " in words for words in rows.values())
    assert len(list(live.curves_figure(runs).select_traces())) == 2 * len(runs.settings)


def test_the_probe_is_a_share_and_is_the_readers(brief):
    runs = live.collapse_live(symmetrised_logits)
    general = runs.curves["general"]
    assert bool(((general >= 0) & (general <= 1 + 1e-9)).all()) and float(general.std()) > 0
    everything = live.collapse_live(lambda logits: logits)
    assert torch.allclose(everything.curves["general"], torch.ones_like(general))


def test_a_probe_that_is_right_and_slow_is_not_waited_for(brief, monkeypatch, capsys):
    monkeypatch.setattr(live, "PATIENCE", -1.0)
    asked = []
    runs = live.collapse_live(lambda logits: asked.append(1) or logits)
    assert len(asked) == 1 and "the library's is asked" in capsys.readouterr().out
    assert float(runs.curves["general"].std()) > 0


def test_smoothed_curves_are_drawn_beside_the_measured_one():
    smoothers = {"as found": candidates.buggy_curve, "mended": fixed_curve}
    chart = live.smoothed_figure(smoothers, *candidates.example("wide-window", 0))
    names = [trace.name for trace in chart.select_traces()]
    assert names == ["measured", "as found", "mended"]
