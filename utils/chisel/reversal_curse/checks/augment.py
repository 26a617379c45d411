"""The check of `augment`: copies, entities of several tokens, doubles, order, and what stays as it is.

Statements are compared with what the docstring says of them, one property a side of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from chisel.checking import Attempt, Check, Draw
from chisel.reversal_curse.checks import _augment_faults as faults
from chisel.reversal_curse.checks._worlds import PARTS, World, content, listed
from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FIRST_ENTITY, FORWARD, IDENTICAL, MASK, Fact, Facts

check = Check(
    exercise="augment",
    solution="chisel.reversal_curse.world:augment",
    arguments=("facts", "mode"),
    returns=World(),
    example='train: 5 FORWARD 7-8  ->  "reversed" adds 7-8 FORWARD 5; "identical" adds 5 IDENTICAL 5 and 7-8 IDENTICAL '
    "7-8 (7-8 is one entity of two tokens)",
    read="the section 'What switches it off' of the chapter",
    single_precision=False,
)


@check.property("none", 'the mode "none" adds nothing', faults.NONE)
def none(attempt: Attempt, draw: Draw) -> None:
    for lengths in ((1, 1), (2, 3)):
        facts = _facts(draw, *lengths)
        got, tried = attempt(facts, "none"), _tried(facts, "none")
        if list(got.train) != list(facts.train):
            attempt.fail("none-changes-something", tried, f"train: {listed(got.train)}")


@check.property(
    "reversed",
    "each trained statement has its reversed copy",
    *(faults.ORIGINALS, faults.NOTHING, faults.RELATION, faults.HELD, faults.EXPOSURE, faults.COPIES),
)
def reversed_copies(attempt: Attempt, draw: Draw) -> None:
    for pairs in (3, 6):
        facts = _facts(draw, 1, 1, pairs)
        turned = [_turned(fact) for fact in facts.train]
        inverse = [fact._replace(relation=FORWARD + BACKWARD - fact.relation) for fact in turned]
        held = [*facts.held_forward, *facts.held_backward]
        others = [[f._replace(relation=other) for f in turned] for other in (EXPOSED, IDENTICAL, MASK)]
        suspects = {
            "relation-changed": [inverse, [f for f in inverse if f not in facts.train], held, *others],
            "made-from-held-out": [[*turned, *map(_turned, held)]],
            "made-from-exposure": [[*turned, *map(_turned, facts.exposure)]],
        }
        _compare(attempt, facts, "reversed", turned, "wrong-copies", suspects)


@check.property(
    "identical",
    "each entity of a pair is identical to itself",
    *(
        faults.ORIGINALS,
        faults.NOTHING,
        faults.DOUBLED,
        faults.SIDE,
        faults.OTHER,
        faults.HELD,
        faults.EXPOSURE,
        faults.IDENTITIES,
    ),
)
def identities(attempt: Attempt, draw: Draw) -> None:
    for pairs in (3, 6):
        facts = _facts(draw, 1, 1, pairs)
        held, train = (*facts.held_forward, *facts.held_backward), facts.train
        want, subjects, objects = ([Fact(x, IDENTICAL, x) for x in some] for some in _entities(train))
        every = [Fact(x, IDENTICAL, x) for x in _entities((*train, *held))[0]]
        keys = [Fact(f.subject, IDENTICAL, f.subject) for f in facts.exposure]
        exposed = [Fact(x, IDENTICAL, x) for x in _entities((*train, *facts.exposure))[0]]
        each = [Fact(x, IDENTICAL, x) for fact in train for x in (fact.subject, fact.object)]
        others = [[f._replace(relation=other) for f in want] for other in (FORWARD, BACKWARD, EXPOSED)]
        suspects = {
            "identity-doubled": [each, [*want, *want]],
            "one-side-only": [subjects, objects],
            "wrong-identity-relation": others,
            "made-from-held-out": [every],
            "made-from-exposure": [[*want, *keys], exposed],
        }
        _compare(attempt, facts, "identical", want, "wrong-identities", suspects)


@check.property("tokens", "an entity of several tokens stays whole", faults.TOKENS, faults.SPLIT)
def several_tokens(attempt: Attempt, draw: Draw) -> None:
    for lengths in ((2, 2), (3, 1), (1, 4)):
        facts = _plain(_facts(draw, *lengths))
        new = {"reversed": list(map(_turned, facts.train))}
        new["identical"] = [Fact(x, IDENTICAL, x) for x in _entities(facts.train)[0]]
        for mode, want in new.items():
            back = [Fact(f.subject[::-1], f.relation, f.object[::-1]) for f in want]
            half = (
                [f._replace(object=f.object[::-1]) for f in want],
                [f._replace(subject=f.subject[::-1]) for f in want],
            )
            _compare(attempt, facts, mode, want, "entity-split", {"tokens-reversed": [back, *half]})


@check.property("doubles", "nothing is added that is there, or that is held out", faults.PRESENT, faults.LEAK)
def doubles(attempt: Attempt, draw: Draw) -> None:
    for pairs in (3, 5):
        mixed = _facts(draw, 1, 1, pairs)
        facts = _plain(mixed)
        again = replace(facts, train=(*facts.train, *map(_turned, facts.train)))
        _compare(attempt, again, "reversed", [], "already-there")
        some = replace(facts, train=(*facts.train, _turned(facts.train[1])))
        left = [_turned(f) for f in facts.train if f != facts.train[1]]
        _compare(attempt, some, "reversed", left, "already-there")
        known = [Fact(x, IDENTICAL, x) for x in _entities(facts.train)[0]]
        _compare(attempt, replace(facts, train=(*facts.train, *known[1:])), "identical", known[:1], "already-there")
        # As with "is married to": a reversed copy is then what is held out.
        forward, backward = ([f for f in mixed.train if f.relation == way] for way in (FORWARD, BACKWARD))
        asked = replace(
            facts, train=mixed.train, held_forward=(_turned(forward[0]),), held_backward=(_turned(backward[0]),)
        )
        left = [_turned(f) for f in mixed.train if f not in (forward[0], backward[0])]
        _compare(attempt, asked, "reversed", left, "held-out-added")


@check.property("order", "the new statements follow the old ones, in their order", faults.ORDER)
def order(attempt: Attempt, draw: Draw) -> None:
    for length in (1, 2):
        facts = _facts(draw, length, length)
        for mode in ("reversed", "identical"):
            new = [Fact(x, IDENTICAL, x) for x in _entities(facts.train)[0]]
            if mode == "reversed":
                new = [_turned(fact) for fact in facts.train]
            got, want = [*attempt(facts, mode, remember=False).train], [*facts.train, *new]
            # Which statements there are is looked at elsewhere.
            if Counter(got) == Counter(want) and got != want:
                attempt.fail("wrong-order", _tried(facts, mode), f"train: {listed(got)}")


@check.property("rest", "all but `train` stays as it is", faults.KEPT)
def rest(attempt: Attempt, draw: Draw) -> None:
    for mode in ("none", "reversed", "identical"):
        facts = _facts(draw, 1, 2)
        got = attempt(facts, mode)
        for part, old, new in zip((*PARTS, "vocabulary"), content(facts), content(got), strict=True):
            if part != "train" and old != new:
                text = new if part == "vocabulary" else listed(new)
                attempt.fail("rest-changed", _tried(facts, mode), f"{part}: {text}")


@check.property("modes", "an unknown mode is refused", faults.UNKNOWN)
def modes(attempt: Attempt, draw: Draw) -> None:
    for mode in ("backward", "reverse"):
        facts = _facts(draw, 1, 1)
        for came_back in attempt.not_refused(ValueError, facts, mode):
            got = f"train: {listed(came_back.train)}" if isinstance(came_back, Facts) else str(came_back)
            attempt.fail("unknown-mode-accepted", _tried(facts, mode), got)


def _compare(
    attempt: Attempt,
    facts: Facts,
    mode: str,
    want: Sequence[Fact],
    otherwise: str,
    suspects: Mapping[str, Sequence[Sequence[Fact]]] | None = None,
) -> None:
    """See whether just `want` is added, in any order; if not, name the mistake."""
    got, tried = attempt(facts, mode, remember=otherwise.startswith("wrong-")), _tried(facts, mode)
    old, now, new = Counter(facts.train), Counter(got.train), Counter(want)
    if now == old + new:
        return
    first = otherwise in ("wrong-copies", "wrong-identities")  # what is coarsest is said there
    if first and old - now:
        attempt.fail("originals-lost", tried, f"train: {listed(got.train)}\nwithout {listed((old - now).elements())}")
    if first and now == old:
        attempt.fail("nothing-added", tried, f"train: {listed(got.train)}")
    lines = {"added": now - old, "but should not be": now - old - new, "missing": old + new - now}
    text = "\n".join(f"{what}: {listed(some.elements())}" for what, some in lines.items() if some)
    for id, many in (suspects or {}).items():
        if any(now == old + Counter(some) for some in many if Counter(some) != new):
            attempt.fail(id, tried, text)
    attempt.fail(otherwise, tried, text)


def _facts(draw: Draw, of_a: int, of_b: int, pairs: int = 5) -> Facts:
    """Draw facts with entities of so many tokens: one pair stated both ways, the others one way, one not at all."""
    tokens = iter((FIRST_ENTITY + draw.permutation((pairs + 1) * (of_a + of_b))).tolist())

    def entity(length: int) -> tuple[int, ...]:
        return tuple(islice(tokens, length))

    some = [(entity(of_a), entity(of_b)) for _ in range(pairs + 1)]
    ahead, back = [Fact(a, FORWARD, b) for a, b in some], [Fact(b, BACKWARD, a) for a, b in some]
    train = [back[0], *ahead[: pairs // 2 + 1], *back[pairs // 2 + 1 : pairs]]
    train = [train[i] for i in draw.permutation(len(train)).tolist()]
    used = FIRST_ENTITY + len(some) * (of_a + of_b)
    known = [x for pair in some for x in pair]
    exposure = [Fact((used + i,), EXPOSED, x) for i, x in enumerate(known)]
    held = tuple(ahead[pairs // 2 + 1 :]), tuple(back[1 : pairs // 2 + 1])
    return Facts(tuple(train), *held, tuple(exposure), used + len(known))


def _turned(fact: Fact) -> Fact:
    return Fact(fact.object, fact.relation, fact.subject)


def _entities(statements: Iterable[Fact]) -> tuple[list[tuple[int, ...]], ...]:
    """All entities in order of first appearance; those that are subjects; those that are objects."""
    some = list(statements)
    each = [x for fact in some for x in (fact.subject, fact.object)]
    return tuple(list(dict.fromkeys(part)) for part in (each, [f.subject for f in some], [f.object for f in some]))


def _plain(facts: Facts) -> Facts:
    """The same without exposure and held-out statements, all forward."""
    train = tuple(f for f in facts.train if f.relation == FORWARD)
    return replace(facts, train=train, held_forward=(), held_backward=(), exposure=())


def _tried(facts: Facts, mode: str) -> str:
    parts = {part: listed(getattr(facts, part)) for part in PARTS[:3]}
    return "\n".join([*(f"{part}: {text}" for part, text in parts.items()), f"mode = {mode!r}"])
