"""The check of `lr_at`: the first shifted step, what comes before and long after it, any multiplier, and edges."""

from chisel.checking import Attempt, Check, Diagnosis, Draw, Number

check = Check(
    exercise="lr_at",
    solution="chisel.lr_mode_shift.schedule:lr_at",
    arguments=("step", "base", "multiplier", "switch_step"),
    returns=Number(),
    example="base 0.001, multiplier 50, switch_step 600: steps 0 to 599 are made at 0.001  ->  the rate of step 600 is "
    "0.05, and so is that of step 5000",
    read="the section 'Changing the rate, and nothing else' of the chapter",
)

LATE = Diagnosis(
    "one-step-late",
    "step number `switch_step` is still made at the old rate",
    "It is the first one at the new rate. A curve that drops one step later than it should is hard to tell from one "
    "that really needs a step to react.",
)
EARLY = Diagnosis(
    "one-step-early",
    "the step before `switch_step` is made at the new rate",
    "Step number `switch_step` is the first one at the new rate, and steps are counted from 0.",
)
EXCHANGED = Diagnosis(
    "rates-exchanged",
    "the new rate comes before the switch and the old one after it",
    "Training begins at the base rate.",
)
UNCHANGED = Diagnosis(
    "never-switched",
    "the rate at the switch is still the base rate",
    "From step number `switch_step` on it is `multiplier` times as high.",
)
ALWAYS = Diagnosis(
    "switched-from-the-start",
    "the new rate holds long before the switch",
    "Until the switch all runs have to be the same, whatever their multiplier. So training begins at the base rate.",
)
MULTIPLIER = Diagnosis(
    "multiplier-for-rate",
    "the new rate is the multiplier itself",
    "The multiplier is the new rate over the base rate, and not a rate.",
)
ADDED = Diagnosis(
    "added",
    "base and multiplier are added",
    "50 times as high is not 50 more: the steps would be 50,000 times as long.",
)
DIVIDED = Diagnosis(
    "divided",
    "the base rate is divided by the multiplier",
    "A multiplier above 1 raises the rate.",
)
RATE = Diagnosis(
    "wrong-rate",
    "the rate at the switch is another one",
    "It is `multiplier` times the base rate, at once and to the last digit.",
)
BEFORE = Diagnosis(
    "not-base-before",
    "before the switch the rate is not the base rate",
    "Nothing may depend on the multiplier or on the step until then: no warm-up, no decay.",
)
BACK = Diagnosis(
    "back-again",
    "later the rate is the base rate again",
    "The switch is not a single step: the rate stays where it went.",
)
AGAIN = Diagnosis(
    "multiplied-again",
    "later steps are multiplied once more",
    "The multiplier changes the rate once. Multiplied at each step, it would be out of all bounds after ten.",
)
AFTER = Diagnosis(
    "not-constant-after",
    "after the switch the rate goes on changing",
    "It stays at `multiplier` times the base rate.",
)
LOWER = Diagnosis(
    "never-lowered",
    "a multiplier below 1 has no effect",
    "It lowers the rate. Such a run tells what a change as such does.",
)
SMALL = Diagnosis(
    "small-multiplier",
    "a multiplier of 1 or less gives a rate that is not `multiplier` times the base rate",
    "The rule is the same for every multiplier: 1 changes nothing, and less than 1 lowers the rate.",
)
ZERO = Diagnosis(
    "zero-taken-for-none",
    "a switch at step 0 is taken for no switch",
    "0 is a step like any other, the first one. In Python it also counts as false, so `if switch_step` and "
    "`switch_step or ...` pass it over.",
)


@check.property(
    "switch",
    "the first step at the new rate is `switch_step`",
    *(EXCHANGED, LATE, EARLY, ALWAYS, UNCHANGED, MULTIPLIER, ADDED, DIVIDED, RATE),
)
def switch(attempt: Attempt, draw: Draw) -> None:
    for at in (600, 1, draw.integer(20, 500), 1000 + draw.integer(1, 500)):
        base, times = draw.number(2e-4, 5e-3), draw.number(3.0, 60.0)
        before, here, after = (attempt(step, base, times, at) for step in (at - 1, at, at + 1))
        tried = f"{attempt.describe((at, base, times, at))}\nand the steps before and after it"
        got = f"{float(before):.6g}, {float(here):.6g} and {float(after):.6g} at the steps {at - 1}, {at} and {at + 1}"
        new = base * times
        if _equal(before, new) and _equal(here, base):
            attempt.fail("rates-exchanged", tried, got)
        if _equal(here, base):
            attempt.fail("one-step-late" if _equal(after, new) else "never-switched", tried, got)
        known = {"multiplier-for-rate": times, "added": base + times, "divided": base / times}
        for id, value in known.items():
            if _equal(here, value):
                attempt.fail(id, tried, got)
        if not _equal(here, new):
            attempt.fail("wrong-rate", tried, got)
        if _equal(before, new):
            first = attempt(0, base, times, at, remember=False)
            id = "switched-from-the-start" if at > 1 and _equal(first, new) else "one-step-early"
            attempt.fail(id, tried, f"{got}, and {float(first):.6g} at step 0")


@check.property("before", "until the switch it is the base rate", ALWAYS, BEFORE)
def before(attempt: Attempt, draw: Draw) -> None:
    for at in (40, draw.integer(700, 2000)):
        base, times = draw.number(2e-4, 5e-3), draw.number(3.0, 60.0)
        for step in (0, 1, at // 2, at - 9):
            got, tried = attempt(step, base, times, at), attempt.describe((step, base, times, at))
            if _equal(got, base * times):
                attempt.fail("switched-from-the-start", tried, got)
            if not _equal(got, base):
                attempt.fail("not-base-before", tried, got)


@check.property("after", "the new rate stays", BACK, AGAIN, AFTER)
def after(attempt: Attempt, draw: Draw) -> None:
    for at in (25, draw.integer(300, 900)):
        base, times = draw.number(2e-4, 5e-3), draw.number(2.0, 20.0)
        for step in (at + 2, at + 37, 2 * at, 5000 + at):
            got, tried = attempt(step, base, times, at), attempt.describe((step, base, times, at))
            if _equal(got, base):
                attempt.fail("back-again", tried, got)
            if step == at + 2 and any(_equal(got, base * times**k) for k in (2, 3)):
                attempt.fail("multiplied-again", tried, got)
            if not _equal(got, base * times):
                attempt.fail("not-constant-after", tried, got)


@check.property("small", "the multiplier may be 1 or less", LOWER, SMALL)
def small(attempt: Attempt, draw: Draw) -> None:
    for times in (draw.number(0.05, 0.9), 1, 0.0):
        at, base = draw.integer(5, 800), draw.number(2e-4, 5e-3)
        got, tried = attempt(at + 3, base, times, at), attempt.describe((at + 3, base, times, at))
        if times != 1 and _equal(got, base):
            attempt.fail("never-lowered", tried, got)
        if not _equal(got, base * times):
            attempt.fail("small-multiplier", tried, got)


@check.property("zero", "the switch may be at step 0", ZERO)
def zero(attempt: Attempt, draw: Draw) -> None:
    for step in (0, draw.integer(1, 3000)):
        base, times = draw.number(2e-4, 5e-3), draw.number(3.0, 60.0)
        got = attempt(step, base, times, 0)
        if not _equal(got, base * times):
            attempt.fail("zero-taken-for-none", attempt.describe((step, base, times, 0)), got)


def _equal(got: float, want: float) -> bool:
    """Compare relative to the value: rates are small."""
    return abs(float(got) - want) <= 1e-12 * abs(want)
