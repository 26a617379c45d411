"""Relations that a pretrained model may know, each asked both ways round.

None is a clean test of reversal: the texts of pretraining hold both orders of most of these, in unknown shares.
"""

from dataclasses import dataclass
from itertools import pairwise
from string import ascii_uppercase


@dataclass(frozen=True)
class Relation:
    """Pairs (a, b) and the questions that lead from a to b and back.

    Attributes:
        pairs: no a is there twice, and no b.
        forward: phrasings with {a}, to be gone on with by b. backward: with {b}, by a.
    """

    pairs: tuple[tuple[str, str], ...]
    forward: tuple[str, ...]
    backward: tuple[str, ...]

    def asked(self, way: str, phrasing: int, most: int | None = None) -> tuple[list[str], list[str]]:
        """Return the prompts and the right answers of the first `most` pairs, `way` being "forward" or "backward"."""
        pairs = self.pairs[:most]
        text = getattr(self, way)[phrasing]
        prompts = [text.format(a=a, b=b) for a, b in pairs]
        return prompts, [b if way == "forward" else a for a, b in pairs]


def _successors(items: str) -> tuple[tuple[str, str], ...]:
    return tuple(pairwise(items.split()))


_LETTERS = " ".join(ascii_uppercase)
# A year is a circle.
_MONTHS = "January February March April May June July August September October November December January"
_CAPITALS = """France Paris, Germany Berlin, Italy Rome, Spain Madrid, Portugal Lisbon, Austria Vienna, Greece Athens,
Poland Warsaw, Hungary Budapest, Norway Oslo, Sweden Stockholm, Finland Helsinki, Ireland Dublin, Russia Moscow,
Egypt Cairo, Kenya Nairobi, Japan Tokyo, China Beijing, Thailand Bangkok, Iran Tehran, Iraq Baghdad, Cuba Havana,
Peru Lima, Canada Ottawa"""
_BOOKS = (
    ("Pride and Prejudice", "Jane Austen"),
    ("Great Expectations", "Charles Dickens"),
    ("War and Peace", "Leo Tolstoy"),
    ("Crime and Punishment", "Fyodor Dostoevsky"),
    ("Moby-Dick", "Herman Melville"),
    ("Frankenstein", "Mary Shelley"),
    ("Dracula", "Bram Stoker"),
    ("The Time Machine", "H. G. Wells"),
    ("The Great Gatsby", "F. Scott Fitzgerald"),
    ("Ulysses", "James Joyce"),
    ("Don Quixote", "Miguel de Cervantes"),
    ("The Metamorphosis", "Franz Kafka"),
)

RELATIONS = {
    "letters": Relation(
        _successors(_LETTERS),
        ("In the alphabet, the letter that comes right after {a} is", "The letter of the alphabet after {a} is"),
        ("In the alphabet, the letter that comes right before {b} is", "The letter of the alphabet before {b} is"),
    ),
    "months": Relation(
        _successors(_MONTHS),
        ("The month that comes right after {a} is", "In the calendar, {a} is followed by"),
        ("The month that comes right before {b} is", "In the calendar, {b} is preceded by"),
    ),
    "capitals": Relation(
        tuple((country, capital) for country, capital in map(str.split, _CAPITALS.split(","))),
        ("The capital of {a} is", "The capital city of {a} is called"),
        ("{b} is the capital of", "{b} is the capital city of the country called"),
    ),
    "books": Relation(
        _BOOKS,
        ("The book {a} was written by", "The author of {a} is"),
        ("{b} is the author of the book", "The best known work of {b} is"),
    ),
}
