"""The check of `make_facts`: who is paired with whom, what is trained, what is left to be asked, what chance decides.

Any draws will do: what is looked at is what every world has, and how worlds differ. The order of statements is free.
Numbers of pairs are never half-way between two whole numbers. A right solution fails by chance once in 10^5 checks.
"""

from collections.abc import Iterable
from itertools import groupby
from math import ceil
from typing import NamedTuple

from chisel.checking import Attempt, Check, Draw
from chisel.reversal_curse.checks import _fact_faults as faults
from chisel.reversal_curse.checks._worlds import World, entity, listed, written
from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FIRST_ENTITY, FORWARD, Fact, Facts

check = Check(
    exercise="make_facts",
    solution="chisel.reversal_curse.world:make_facts",
    arguments=("n", "fraction_both", "seed"),
    returns=World(),
    example="n 2, fraction_both 0: the A are 5 and 6, the B 7 and 8, the keys 9 to 12  ->  for instance train: 6 "
    "FORWARD 7 and 8 BACKWARD 5; held_backward: 7 BACKWARD 6; held_forward: 5 FORWARD 8; exposure: 9 EXPOSED 5, 10 "
    "EXPOSED 6, 11 EXPOSED 7, 12 EXPOSED 8; vocabulary 13",
    read="the section 'The world, and the exposure control' of the chapter",
    single_precision=False,
)
# n, fraction_both, and how many pairs are stated both ways and forward only
SIZES = (
    (8, 0.5, 4, 2),
    (7, 0.4, 3, 2),
    (10, 0.31, 3, 4),
    (5, 0.0, 0, 3),
    (6, 1.0, 6, 0),
    (9, 0.08, 1, 4),
    (1, 0.2, 0, 1),
)
SHARES = ("both ways", "forward only", "backward only")
LETTERS = dict(zip("2fb", SHARES, strict=True))


class Directions(NamedTuple):
    """Which pairs (A, B) the trained statements state."""

    forward: set[tuple[int, int]]
    backward: set[tuple[int, int]]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many both ways, forward only and backward only."""
        both = len(self.forward & self.backward)
        return both, len(self.forward) - both, len(self.backward) - both


def _ends(statement: Fact) -> tuple[int, int]:
    """The pair (A, B) of a statement whose entities have one token."""
    one, other = statement.subject[0], statement.object[0]
    return (one, other) if statement.relation == FORWARD else (other, one)


def _stated(facts: Facts) -> Directions:
    return Directions(*({_ends(s) for s in facts.train if s.relation == way} for way in (FORWARD, BACKWARD)))


def _worlds(attempt: Attempt, draw: Draw) -> Iterable[tuple[int, float, str, Facts]]:
    for n, fraction, *_ in SIZES:
        arguments = n, fraction, draw.integer(0, 2**31)
        yield n, fraction, attempt.describe(arguments), attempt(*arguments, remember=n == 8)


@check.property(
    "statements",
    "each A has one B, and statements lead from one to the other",
    *(faults.VOCABULARY, faults.TOKENS, faults.RELATION, faults.SWAPPED, faults.EXPOSURE_IN_TRAIN, faults.TWICE),
    faults.NOT_ONE_TO_ONE,
)
def statements(attempt: Attempt, draw: Draw) -> None:
    for n, _, tried, facts in _worlds(attempt, draw):
        if facts.vocabulary != FIRST_ENTITY + 4 * n:
            attempt.fail("vocabulary-off", tried, f"vocabulary {facts.vocabulary}")
        if any(s.relation == EXPOSED for s in facts.train):
            attempt.fail("exposure-in-train", tried, f"train: {listed(facts.train)}")
        held = [{s.relation for s in part} for part in (facts.held_forward, facts.held_backward)]
        if held == [{BACKWARD}, {FORWARD}]:
            attempt.fail("held-lists-swapped", tried, f"held_forward: {listed(facts.held_forward)}")
        parts = {"train": (FORWARD, BACKWARD), "held_forward": (FORWARD,), "held_backward": (BACKWARD,)}
        every = [(part, s, (_side(s.subject, n), _side(s.object, n))) for part in parts for s in getattr(facts, part)]
        for part, s, sides in every:
            if "" in sides:
                attempt.fail("tokens-off", tried, f"{part}: {written(s)}")
        for part, s, sides in every:
            if s.relation not in parts[part] or sides != (("A", "B") if s.relation == FORWARD else ("B", "A")):
                attempt.fail("wrong-relation", tried, f"{part}: {written(s)}")
            if getattr(facts, part).count(s) > 1:
                attempt.fail("stated-twice", tried, f"more than once in {part}: {written(s)}")
        pairs = {_ends(s) for s in facts.train}
        if not len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) == n:
            attempt.fail("not-one-to-one", tried, f"train: {listed(facts.train)}")


def _side(tokens: tuple[int, ...], n: int) -> str:
    """Return "A", "B", or nothing if it is neither."""
    place = (tokens[0] - FIRST_ENTITY) // n if len(tokens) == 1 else -1
    return {0: "A", 1: "B"}.get(place, "")


@check.property(
    "held-out",
    "held out is what is true and not trained",
    *(faults.LEAK, faults.BOTH_LISTED, faults.FALSE, faults.MISSING),
)
def held_out(attempt: Attempt, draw: Draw) -> None:
    for (_, _, tried, facts), (*_, both, _) in zip(_worlds(attempt, draw), SIZES, strict=True):
        held = {*facts.held_forward, *facts.held_backward}
        known = sorted(held & set(facts.train))
        if known:
            id = "both-ways-held-out" if _stated(facts).counts[0] == both else "leak"  # too many held out, or trained?
            attempt.fail(id, tried, f"trained, and held out as well: {listed(known)}")
        inverses = {Fact(s.object, FORWARD + BACKWARD - s.relation, s.subject) for s in facts.train}
        untrue, missing = sorted(held - inverses), sorted(inverses - set(facts.train) - held)
        if untrue:
            attempt.fail("held-out-is-false", tried, f"held out, and no inverse of theirs is trained: {listed(untrue)}")
        if missing:
            attempt.fail("held-out-missing", tried, f"neither trained nor held out: {listed(missing)}")


@check.property(
    "shares",
    "so many pairs are stated both ways, and of the others half",
    *(faults.FRACTION, faults.COMPLEMENT, faults.ROUNDING, faults.ONE_WAY, faults.HALF, faults.COUNT),
)
def shares(attempt: Attempt, draw: Draw) -> None:
    seed = draw.integer(0, 2**31)
    few, many = (_stated(attempt(8, fraction, seed)).counts[0] for fraction in (0.25, 0.75))
    if few == many:
        tried = f"n = 8, seed = {seed}, fraction_both = 0.25 and then 0.75"
        attempt.fail("fraction-ignored", tried, f"both times {few} pairs both ways")
    worlds = [(tried, n, fraction, _stated(facts).counts) for n, fraction, tried, facts in _worlds(attempt, draw)]
    want = [(both, forward, n - both - forward) for n, _, both, forward in SIZES]
    wrong = next((i for i, (*_, counts) in enumerate(worlds) if counts != want[i]), None)
    if wrong is None:
        return
    both = [counts[0] for *_, counts in worlds]
    # Where the number stated both ways is wrong somewhere, show that world: another may be wrong in the halves only.
    wrong = next((i for i, w in enumerate(want) if both[i] != w[0]), wrong)
    tried, n, _, counts = worlds[wrong]
    got = f"of {n} pairs " + ", ".join(f"{count} {share}" for count, share in zip(counts, SHARES, strict=True))
    cut = [[int(f * n) for _, n, f, _ in worlds], [ceil(f * n) for _, n, f, _ in worlds]]
    if both == [n - w[0] for (_, n, *_), w in zip(worlds, want, strict=True)]:
        attempt.fail("fraction-of-the-others", tried, got)
    if both in cut:
        attempt.fail("rounded-the-wrong-way", tried, got)
    if both == [w[0] for w in want] and all(0 in counts[1:] for *_, counts in worlds):
        attempt.fail("one-direction-only", tried, got)
    if all(counts[1] == w[2] for (*_, counts), w in zip(worlds, want, strict=True)):
        attempt.fail("half-rounded-down", tried, got)
    attempt.fail("wrong-counts", tried, got)


@check.property(
    "exposure",
    "each entity is the target of one statement, after a key of its own",
    *(faults.TURNED, faults.EXPOSED, faults.A_ONLY, faults.UNEXPOSED, faults.EXPOSED_TWICE, faults.KEY, faults.SHARED),
)
def exposure(attempt: Attempt, draw: Draw) -> None:
    for n, _, tried, facts in _worlds(attempt, draw):
        got = f"exposure: {listed(facts.exposure)}"
        entities = {(FIRST_ENTITY + i,) for i in range(2 * n)}
        keys = {(FIRST_ENTITY + 2 * n + i,) for i in range(2 * n)}
        after, shown = [s.subject for s in facts.exposure], [s.object for s in facts.exposure]
        if shown and set(after) <= entities and set(shown) <= keys:
            attempt.fail("exposure-turned-round", tried, got)
        if any(s.relation != EXPOSED for s in facts.exposure):
            attempt.fail("exposure-relation", tried, got)
        missing = sorted(entities - set(shown))
        if len(missing) == n and len({_side(tokens, n) for tokens in missing}) == 1:
            attempt.fail("one-side-exposed", tried, got)
        if missing:
            attempt.fail("entity-not-exposed", tried, f"{got}\nwithout {', '.join(map(entity, missing))}")
        if len(shown) > len(entities):
            attempt.fail("exposed-twice", tried, got)
        if not set(after) <= keys:
            attempt.fail("key-is-no-key", tried, got)
        if len(set(after)) < len(after):
            attempt.fail("key-shared", tried, got)


def _choices(facts: Facts, n: int) -> tuple[tuple[int, ...], str, str]:
    """The partner of each A in order, and a letter for the directions of each A's pair, and of each B's."""
    stated = _stated(facts)
    letters = {pair: "f" for pair in stated.forward} | {pair: "b" for pair in stated.backward}
    letters |= {pair: "2" for pair in stated.forward & stated.backward}
    of = [{pair[side]: letter for pair, letter in sorted(letters.items())} for side in (0, 1)]
    starts = FIRST_ENTITY, FIRST_ENTITY + n
    by_a, by_b = ("".join(of[i].get(starts[i] + k, "-") for k in range(n)) for i in (0, 1))
    return tuple(b for _, b in sorted(letters)), by_a, by_b


@check.property("seed", "another seed gives another world", faults.SEED)
def seeds(attempt: Attempt, draw: Draw) -> None:
    # Number 0 may be taken for no seed at all.
    if _choices(attempt(20, 0.5, 0), 20) == _choices(attempt(20, 0.5, 1), 20):
        tried = "n = 20, fraction_both = 0.5, with the seeds 0 and 1"
        attempt.fail("seed-ignored", tried, "twice the same pairs, stated in the same directions")


@check.property(
    "chance", "numbers tell neither partner nor direction", faults.BY_NUMBER, faults.NOT_SHUFFLED, faults.FEW
)
def chance(attempt: Attempt, draw: Draw) -> None:
    first, n = draw.integer(0, 2**30), 16
    seeds = [*range(first, first + 8), *(draw.integer(2**30, 2**31) for _ in range(16))]  # neighbours, and large ones
    tried = f"n = {n}, fraction_both = 0.5, with the seeds {', '.join(map(str, seeds))}"
    drawn = [_choices(attempt(n, 0.5, seed, remember=False), n) for seed in seeds]
    for place, partners in enumerate(zip(*(partners for partners, *_ in drawn), strict=False)):
        if len(set(partners)) < 4:  # of 24 draws: about 12, and below 4 never
            met = ", ".join(map(str, sorted(set(partners))))
            got = f"A number {FIRST_ENTITY + place} has no other partner than {met} in all {len(seeds)} worlds"
            attempt.fail("pairs-by-number", tried, got)
    steps = [[{(b + way * a) % n for a, b in enumerate(partners)} for way in (1, -1)] for partners, *_ in drawn]
    if all(min(map(len, both)) < 4 for both in steps):  # of a random order: about 10
        got = "the number of the B less that of the A, or their sum, is nearly the same for all pairs: the A in order"
        attempt.fail("pairs-by-number", tried, f"{got} have the partners {', '.join(map(str, drawn[0][0]))}")
    for side, start in enumerate((FIRST_ENTITY, FIRST_ENTITY + n)):
        letters = [(by_a, by_b)[side] for _, by_a, by_b in drawn]
        found = [{ways[place] for ways in letters} for place in range(n)]
        fixed = [place for place in range(n) if len(found[place]) < 3]
        if len(fixed) > 3:  # by chance one of 16 once in 30 checks, and so four once in 10^7
            ways = " or ".join(LETTERS.get(letter, "not at all") for letter in sorted(found[fixed[0]]))
            got = f"the pair of {'AB'[side]} number {start + fixed[0]} is stated {ways} in all {len(seeds)} worlds"
            attempt.fail("directions-by-number", tried, got)
        for left_out in LETTERS:  # as with one-way pairs that go forward and backward by turns
            patterns = {ways.replace(left_out, "") for ways in letters}
            if len(patterns) < 4:  # of 24 draws from 70 or more: about 20
                got = f"without those that are stated {LETTERS[left_out]}, the {'AB'[side]} in order are stated"
                pattern = ", ".join(LETTERS.get(letter, "not at all") for letter in sorted(patterns)[0])
                attempt.fail("directions-by-number", tried, f"{got} {pattern} in nearly all of {len(seeds)} worlds")
        if max(len(list(groupby(ways))) for ways in letters) < 7:  # of a random order: about 10 stretches
            stretches = [f"{len(list(some))} {LETTERS.get(way, 'not at all')}" for way, some in groupby(letters[0])]
            got = f"neighbours are stated alike: of the {'AB'[side]} in order, {', '.join(stretches)}"
            attempt.fail("directions-by-number", tried, got)
    for chosen, what in (([w[0] for w in drawn], "ways of pairing"), ([w[1] for w in drawn], "choices of directions")):
        if len(set(chosen)) < len(chosen) - 1:  # of 900900 choices: once in 10^7 checks
            attempt.fail("few-worlds", tried, f"{len(set(chosen))} different {what} in {len(chosen)} worlds")
