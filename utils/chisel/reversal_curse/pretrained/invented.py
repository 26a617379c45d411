"""Invented people, each with one description, for fine-tuning on facts that no pretraining has seen.

A fact can be told with the name first or with the description first. What one order trains, the other asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from chisel.core.seeding import generator

Direction = Literal["to_description", "to_name"]
DIRECTIONS: tuple[Direction, Direction] = ("to_description", "to_name")

# The last phrasing of each is never trained: facts are asked with it too.
TELLINGS: dict[Direction, tuple[str, ...]] = {
    "to_description": (
        "It is known that {name} is",
        "They all say that {name} is",
        "According to the records, {name} is",
        "As the story goes, {name} is",
        "To put it briefly, {name} is",
    ),
    "to_name": (
        "The name of {description} is",
        "They sent for {description}, called",
        "In the chronicle, {description} goes by the name of",
        "People say that {description} was none other than",
        "You will have heard of {description}, who is",
    ),
}

_FIRST = """Bram Cael Dova Elwin Farrin Galt Hesper Iolan Jarek Kesta Lorin Maelis Nevan Orsa Pellin Quill Ronat Sable
Tavo Ulric Vesna Wyn Yorin Zelda"""
_LAST_START = "Ash Bel Cor Dun Fen Gar Hol Ker Lin Mor Nor Pen Quar Rav Sel Tor Ul Var Wex Yar"
_LAST_END = (
    "bury combe dale drick fell garth holm kett low mere nard pole quist ridge stead thorpe vick wald worth zell"
)
_ROLES = """composer architect inventor captain author founder painter director owner editor keeper curator translator
sculptor conductor choreographer"""
_ADJECTIVES = """Amber Bitter Crimson Drowsy Eager Frozen Gentle Hollow Ivory Jagged Lonely Marble Nimble Orange Patient
Quiet Restless Silver Tender Velvet Wandering Yellow"""
_NOUNS = """Anchor Beetle Candle Dolphin Ember Falcon Garden Harbour Island Jackal Kettle Lantern Meadow Needle Orchard
Pebble Quarry Raven Shadow Thunder Umbrella Violin Willow Zephyr"""


@dataclass(frozen=True)
class Person:
    """An invented person."""

    name: str
    description: str


@dataclass(frozen=True)
class People:
    """Who is told of in which order.

    Attributes:
        to_description: told name first only. to_name: told description first only. both: told in both orders.
    """

    to_description: tuple[Person, ...]
    to_name: tuple[Person, ...]
    both: tuple[Person, ...]


def invent(one_way: int, both: int, seed: int) -> People:
    """Return `one_way` people told of name first, as many told of description first, and `both` told of both ways.

    No two share a name or a title; as long as the lists reach no two share a word of theirs either.

    Raises:
        ValueError: fewer than 2 people told of one way (a contrast needs a wrong name), or more than there are names.
    """
    adjectives, nouns = _ADJECTIVES.split(), _NOUNS.split()
    count, most = 2 * one_way + both, len(adjectives) * len(nouns)
    if one_way < 2 or both < 0 or count > most:
        raise ValueError(f"need at least 2 people told of one way, and at most {most} in all: got {one_way} and {both}")
    random = generator(seed, "invented people")
    parts = [_FIRST.split(), _LAST_START.split(), _LAST_END.split()]
    names = [f"{first} {start}{end}" for first, start, end in _combined(parts, count, random)]
    titles = map(" ".join, _combined([adjectives, nouns], count, random))
    roles = _cycled(_ROLES.split(), count, random)
    people = tuple(
        Person(name, f"the {role} of {title}") for name, role, title in zip(names, roles, titles, strict=True)
    )
    return People(people[:one_way], people[one_way : 2 * one_way], people[2 * one_way :])


def ask(people: Sequence[Person], direction: Direction, telling: int = 0) -> tuple[list[str], list[str]]:
    """Return the prompts and the right answers for `people` in one direction, phrased as `TELLINGS` has it."""
    text = TELLINGS[direction][telling]
    prompts = [text.format(name=person.name, description=person.description) for person in people]
    return prompts, [person.description if direction == "to_description" else person.name for person in people]


def tell(people: People, tellings: int) -> list[tuple[str, str]]:
    """Return the sentences of training as pairs (prompt, answer), each fact in `tellings` phrasings an order.

    Raises:
        ValueError: there are not so many phrasings besides the one that is kept for asking.
    """
    most = len(TELLINGS["to_name"]) - 1
    if not 1 <= tellings <= most:
        raise ValueError(f"there are 1 to {most} phrasings to train with, not {tellings}")
    told = []
    for direction in DIRECTIONS:
        for telling in range(tellings):
            told += zip(*ask((*getattr(people, direction), *people.both), direction, telling), strict=True)
    return told


def _combined(parts: Sequence[Sequence[str]], count: int, random: torch.Generator) -> list[tuple[str, ...]]:
    """Return `count` different combinations, whose parts repeat as late as possible."""
    found: dict[tuple[str, ...], None] = {}
    while len(found) < count:
        columns = [_cycled(part, count, random) for part in parts]
        found |= dict.fromkeys(zip(*columns, strict=True))
    return list(found)[:count]


def _cycled(items: Sequence[str], count: int, random: torch.Generator) -> list[str]:
    """Return `count` items in random order, each as often as any other, give or take one."""
    drawn: list[str] = []
    while len(drawn) < count:
        drawn += [items[int(i)] for i in torch.randperm(len(items), generator=random)]
    return drawn[:count]
