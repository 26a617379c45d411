import itertools
import math
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from chisel.core.catalogue import UnknownClaim, find_chapters, find_claims
from chisel.core.claims import CAVEAT, FAILS, HOLDS, Claim, Criterion, verdict
from chisel.core.estimates import Estimate
from chisel.core.results import criteria_hash, judge, settings_hash, verdict_of


def criterion(name="c", **changes: Any) -> Criterion:
    return replace(Criterion(name, "s", "m", "low", ">", 0.5), **changes)


def claim(*criteria: Criterion, settings=None) -> Claim:
    presets = {"laptop": settings or {"seeds": 10}}
    return Claim("id", "t", "s", "source", "toybook.coins.x:E", "mean", criteria, ("control",), presets)


@pytest.mark.parametrize(
    ("relation", "below", "at", "above"),
    [("<", True, False, False), ("<=", True, True, False), (">", False, False, True), (">=", False, True, True)],
)
def test_a_criterion_compares_as_it_says(relation, below, at, above):
    made = criterion(relation=relation)
    assert (made.met_by(0.4), made.met_by(0.5), made.met_by(0.6)) == (below, at, above)
    assert not made.met_by(math.nan)


@pytest.mark.parametrize("met", list(itertools.product([True, False], repeat=4)))
def test_core_criteria_decide_and_scope_criteria_qualify(met):
    made = claim(*(criterion(str(i), role="core" if i < 2 else "scope") for i in range(4)))
    expected = FAILS if not all(met[:2]) else HOLDS if all(met) else CAVEAT
    assert verdict({str(i): m for i, m in enumerate(met)}, made) == expected


def test_a_verdict_needs_every_criterion():
    with pytest.raises(KeyError):
        verdict({"a": True}, claim(criterion("a"), criterion("b")))


def test_the_named_end_of_the_interval_is_compared():
    made = claim(criterion("low"), criterion("value", end="value"), criterion("high", end="high"))
    judged = judge(made, {"m": Estimate(0.6, 0.4, 0.8, 10)})
    assert [(j.measured, j.met) for j in judged] == [(0.4, False), (0.6, True), (0.8, True)]
    assert verdict_of(made, judged) == FAILS


def test_a_criterion_without_its_measurement_is_named():
    with pytest.raises(KeyError, match="criterion c needs the measurement m"):
        judge(claim(criterion()), {})


def test_the_criteria_hash_changes_with_what_is_compared_and_not_with_the_wording():
    first = criteria_hash(claim(criterion()))
    assert criteria_hash(claim(criterion(statement="in other words"))) == first
    others = [
        criterion(threshold=0.6),
        criterion(end="high"),
        criterion(relation=">="),
        criterion(role="scope"),
        criterion(name="d"),
    ]
    assert len({first, *(criteria_hash(claim(other)) for other in others)}) == 6


def test_the_settings_hash_changes_with_every_setting():
    hashes = {settings_hash(claim(settings=s), "laptop") for s in ({"seeds": 10}, {"seeds": 11}, {"seeds": 10, "a": 0})}
    assert len(hashes) == 3
    assert settings_hash(claim(settings={"a": 1, "b": (2, 3)}), "laptop") == settings_hash(
        claim(settings={"b": [2, 3], "a": 1}), "laptop"
    )


def test_chapters_are_found_and_not_listed(toy_folder):
    chapters = find_chapters("toybook")
    assert [(c.package, c.title, [x.id for x in c.claims]) for c in chapters] == [
        ("toybook.coins", "Coins", ["fair-coin", "drifting-coin"])
    ]


def test_chapters_come_by_number_and_those_without_one_last(toy_folder):
    for name, words in (("a_last", ""), ("b_second", "NUMBER = 2"), ("z_first", "NUMBER = 1")):
        package = toy_folder / "book" / "toybook" / name
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "claims.py").write_text(f"CLAIMS = ()\n{words}\n")
    names = [chapter.package.removeprefix("toybook.") for chapter in find_chapters("toybook")]
    assert names == ["z_first", "b_second", "a_last", "coins"]


def test_one_id_in_two_chapters_is_refused(toy_folder):
    book = toy_folder / "book" / "toybook"
    (book / "dice").mkdir()
    (book / "dice" / "__init__.py").touch()
    (book / "dice" / "claims.py").write_text("from toybook.coins.claims import CLAIMS\n")
    with pytest.raises(ValueError, match=r"must be unique .* drifting-coin, fair-coin"):
        find_chapters("toybook")


def test_an_unknown_id_brings_the_nearest(toy_folder):
    with pytest.raises(UnknownClaim, match="no claim is called 'fair-coins': did you mean fair-coin"):
        find_claims(["fair-coins"], "toybook")
    with pytest.raises(UnknownClaim, match="`chisel claims` lists them all"):
        find_claims(["zzz"], "toybook")


def test_reading_claims_and_results_imports_no_torch():
    code = (
        "import sys, chisel.claims_cli\n"
        "from chisel.core.catalogue import find_chapters\n"
        "find_chapters()\n"
        "print(sorted({'torch', 'numpy', 'joblib', 'plotly', 'tqdm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
