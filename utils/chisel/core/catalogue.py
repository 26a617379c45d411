"""Which claims there are. Chapters are found, not listed, so adding one changes nothing here. Imports no torch."""

import difflib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chisel.core.claims import Claim
from chisel.core.questions import Question


class UnknownClaim(LookupError):
    """A claim id that no chapter declares. The message names the nearest one."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Chapter:
    """A chapter that declares claims: its package, its title and the claims in their order."""

    package: str
    title: str
    claims: tuple[Claim, ...]


def find_chapters(root: str = "chisel") -> tuple[Chapter, ...]:
    """Return the chapters: every package under `root` that has a module `claims`, in the order of the book.

    Raises:
        ValueError: two claims have one id.
    """
    found: list[tuple[int, Chapter]] = []
    for name, folders in _packages(importlib.import_module(root).__path__):
        if any(module.name == "claims" for module in pkgutil.iter_modules(folders)):
            declared = importlib.import_module(f"{root}.{name}.claims")
            if hasattr(declared, "CLAIMS"):  # chisel.core.claims says what a claim is, and declares none.
                title, number = getattr(declared, "CHAPTER", name), getattr(declared, "NUMBER", sys.maxsize)
                found.append((number, Chapter(f"{root}.{name}", title, declared.CLAIMS)))
    chapters = [chapter for _, chapter in sorted(found, key=lambda item: item[0])]  # those without a number by name
    ids = [claim.id for chapter in chapters for claim in chapter.claims]
    if repeated := sorted({name for name in ids if ids.count(name) > 1}):
        raise ValueError(f"claim ids must be unique in the whole book, but these are not: {', '.join(repeated)}")
    return tuple(chapters)


def _packages(path: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield every package in the folders `path` with its own folders, and import none: some of them need torch."""
    for module in pkgutil.iter_modules(path):
        if module.ispkg:
            yield module.name, [str(Path(folder) / module.name) for folder in path]


def find_claims(ids: Iterable[str] | None = None, root: str = "chisel") -> tuple[Claim, ...]:
    """Return the claims called `ids`, in that order, or all of them.

    Raises:
        UnknownClaim: an id that no chapter declares.
    """
    known = {claim.id: claim for chapter in find_chapters(root) for claim in chapter.claims}
    if ids is None:
        return tuple(known.values())
    wanted = tuple(dict.fromkeys(ids))
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "`chisel claims` lists them all"
            raise UnknownClaim(f"no claim is called {name!r}: {hint}")
    return tuple(known[name] for name in wanted)


def find_questions(root: str = "chisel") -> tuple[Question, ...]:
    """Return the questions that chapters ask before their results, in the order of the chapters and of their claims.

    Raises:
        ValueError: two questions have one id, or one is about a claim that its chapter does not make.
    """
    found: list[Question] = []
    for chapter in find_chapters(root):
        if importlib.util.find_spec(f"{chapter.package}.questions") is None:
            continue
        own = importlib.import_module(f"{chapter.package}.questions").QUESTIONS
        claims = {claim.id for claim in chapter.claims}
        if strange := sorted(question.id for question in own if question.claim not in claims):
            raise ValueError(f"{chapter.package} asks about claims that it does not make: {', '.join(strange)}")
        found += own
    ids = [question.id for question in found]
    if repeated := sorted({name for name in ids if ids.count(name) > 1}):
        raise ValueError(f"question ids must be unique in the whole book, but these are not: {', '.join(repeated)}")
    return tuple(found)
