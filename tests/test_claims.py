"""What every declared claim and every stored result must be, and whether the stored verdicts still hold."""

import importlib.util
import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from chisel.core.catalogue import find_chapters, find_claims
from chisel.core.claims import SCALES, Claim, Criterion
from chisel.core.estimates import Estimate
from chisel.core.measure import measure
from chisel.core.needs import NotHere
from chisel.core.results import Result, encode, judge, load_result, results_folder, verdict_of

CLAIMS = find_claims()
for_each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)


def test_chapters_come_in_the_order_of_the_book():
    contents = (Path(__file__).parents[1] / "_toc.yml").read_text(encoding="utf-8")
    pages = re.findall(r"- file: solutions/\d\d_(\w+)$", contents, flags=re.MULTILINE)
    assert pages and [chapter.package for chapter in find_chapters()] == [f"chisel.{page}" for page in pages]
    assert all(chapter.claims for chapter in find_chapters())


@for_each_claim
def test_a_declaration_is_complete(claim: Claim):
    assert claim.id == claim.id.lower() and " " not in claim.id
    assert all(text.strip() for text in (claim.title, claim.statement, claim.source, claim.statistic))
    assert {"laptop", "sample"} <= set(claim.presets) <= set(SCALES)
    assert claim.controls and all(control.strip() for control in claim.controls)
    assert any(criterion.role == "core" for criterion in claim.criteria)
    assert max(Counter(criterion.id for criterion in claim.criteria).values()) == 1
    assert importlib.util.find_spec(claim.experiment.split(":")[0])
    # Each statement of a criterion is a sentence of its own.
    assert all(criterion.statement.strip() for criterion in claim.criteria)


@for_each_claim
def test_the_stored_result_is_current_and_follows_from_its_numbers(claim: Claim):
    result = load_result(claim)  # Raises for a stale or corrupt file.
    stored = (results_folder(claim) / f"{claim.id}.laptop.json").read_text(encoding="utf-8")
    assert stored == encode(result), f"`chisel claims {claim.id}` writes it anew with the words of today"
    declared = [(criterion.id, criterion.statement, criterion.role) for criterion in claim.criteria]
    assert [(c["id"], c["statement"], c["role"]) for c in json.loads(stored)["criteria"]] == declared


@for_each_claim
def test_enough_seeds_stand_behind_each_criterion(claim: Claim):
    measurements = load_result(claim).measurements
    for criterion in claim.criteria:
        estimate = measurements[criterion.measurement]
        assert estimate.unit == "exact" or estimate.n >= 10, f"{criterion.measurement} rests on {estimate.n} seeds"


@pytest.mark.slow
@for_each_claim
def test_the_stored_verdict_still_holds(claim: Claim, tmp_path, record_property):
    """Measure the cheap sample and compare it with what is stored."""
    try:
        sample, _ = measure(claim, "sample", cache=tmp_path)
    except NotHere as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{error}; there is no skipping this in CI")
        pytest.skip(f"{error}, which ends this skip")
    made = sample.provenance
    cost = f"{claim.id}: {made['cpu_seconds']:.1f} CPU-s for {made['seeds']} seeds ({sample.verdict})"
    record_property("cost of a claim", cost)
    assert contradictions(claim, load_result(claim), sample) == []


def contradictions(claim: Claim, stored: Result, sample: Result) -> list[str]:
    """Say where the sample contradicts the stored result.

    The verdict must be the same, and each criterion must fare the same or be undecided: a sample has fewer seeds, so
    its interval may reach over a threshold that the stored one clears. Where all of it lies on the other side, that
    counts.
    """
    found = [] if sample.verdict == stored.verdict else [f"verdict: {stored.verdict} stored, {sample.verdict} now"]
    for criterion, then, now in zip(claim.criteria, stored.criteria, sample.criteria, strict=True):
        estimate = sample.measurements[criterion.measurement]
        decided = criterion.met_by(estimate.low) == criterion.met_by(estimate.high)
        if then.met != now.met and decided:
            words = ("not met", "met")
            found.append(f"{now.id}: {words[then.met]} stored ({then.measured:.4g}), {words[now.met]} now ({estimate})")
    return found


SHIFT = Claim(
    id="shift",
    title="A shift",
    statement="The shift is positive and large.",
    source="this test",
    experiment="none:none",
    statistic="mean",
    criteria=(
        Criterion("positive", "above 0", "shift", "low", ">", 0.0),
        Criterion("large", "above 1", "shift", "low", ">", 1.0, "scope"),
    ),
    controls=("none",),
    presets={},
)


def shifted(low: float, high: float) -> Result:
    measurements = {"shift": Estimate((low + high) / 2, low, high, 10)}
    judged = judge(SHIFT, measurements)
    return Result("shift", "sample", verdict_of(SHIFT, judged), judged, measurements, {}, {})


@pytest.mark.parametrize(
    ("stored", "sample", "where"),
    [
        ((0.4, 0.6), (0.3, 0.7), []),
        ((0.4, 0.6), (0.1, 1.5), []),
        ((0.4, 0.6), (-0.1, 0.9), ["verdict"]),  # Undecided, but enough to lose the verdict.
        ((0.4, 0.6), (-0.6, -0.4), ["verdict", "positive"]),
        ((0.4, 0.6), (1.1, 1.5), ["verdict", "large"]),
        ((1.2, 1.4), (0.2, 0.8), ["verdict", "large"]),
        ((-0.6, -0.4), (0.4, 0.6), ["verdict", "positive"]),
    ],
)
def test_a_sample_that_contradicts_is_noticed(stored, sample, where):
    assert [line.split(":")[0] for line in contradictions(SHIFT, shifted(*stored), shifted(*sample))] == where
