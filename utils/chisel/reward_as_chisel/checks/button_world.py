"""The check of `button_world`: where the button is, what is walled off, how often, and where episodes begin.

Each property looks at another part of what comes back, so that each can fail alone.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw
from chisel.checking.contract import WRONG_DEVICE, WRONG_DTYPE, WRONG_SHAPE, WRONG_TYPE, Arguments, Problem
from chisel.reward_as_chisel.checks import _button_faults as faults
from chisel.reward_as_chisel.checks._trees import grown
from chisel.reward_as_chisel.mazes import MOVES, Mazes, start_cell

PARTS = ("opened", "button", "starts")
SIGMAS = 6  # of a frequency; two in a billion each; a check looks at about twenty


@dataclass(frozen=True)
class World:
    """Something with the tensors `opened` [B, S, 4] bool, `button` [B] int and `starts` [B, S] bool."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        opened = arguments["bank"].opened
        shapes = {"opened": opened.shape, "button": opened.shape[:1], "starts": opened.shape[:2]}
        for name in PARTS:
            part = getattr(result, name, None)
            if type(part) is not Tensor:
                return WRONG_TYPE, f"{type(result).__name__}, where a ButtonWorld with a tensor `{name}` is promised"
            if part.shape != shapes[name]:
                return WRONG_SHAPE, f"`{name}` of shape {list(part.shape)}, where {list(shapes[name])} is promised"
            whole = not (part.dtype.is_floating_point or part.dtype.is_complex or part.dtype == torch.bool)
            if not (whole if name == "button" else part.dtype == torch.bool):
                return (
                    WRONG_DTYPE,
                    f"`{name}` is {part.dtype}, where {'int' if name == 'button' else 'bool'} is promised",
                )
            if part.device != opened.device:
                return WRONG_DEVICE, f"`{name}` on {part.device}, where the bank is on {opened.device}"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return all(torch.equal(getattr(a, name), getattr(b, name)) for name in PARTS)


check = Check(
    exercise="button_world",
    solution="chisel.reward_as_chisel.button:button_world",
    arguments=("bank", "p_open", "generator"),
    returns=World(),
    example="a maze of 3 x 3 whose dead ends are cells 2 (the cheese), 3, 6 (the start) and 8, with p_open 0  ->  the "
    "button in cell 3 or in cell 8, half of the time each; its one passage closed from both sides; all cells are "
    "starts but the button's and cell 2",
    read="the section 'A reward never met' of the chapter",
    single_precision=False,
)


@check.property(
    "place", "the button is in a dead end, not at the start or cheese", faults.CROWDED, faults.START, faults.CHEESE
)
def place(attempt: Attempt, draw: Draw) -> None:
    for size, p_open in ((3, 0.0), (4, 1.0), (5, 0.5), (6, 0.3)):
        bank = _bank(draw, size, 20)
        arguments = (bank, p_open, _random(draw))
        got = attempt(*arguments, remember=size == 3)
        button, tried = _inside(got.button, bank), attempt.describe(arguments)
        ends = bank.opened.sum(-1).gather(1, button[:, None])[:, 0] == 1
        for id, wrong in {
            "not-a-dead-end": ~ends | (button != got.button),
            "on-the-start": button == start_cell(size),
            "on-the-cheese": button == bank.cheese,
        }.items():
            if bool(wrong.any()):
                row = int(wrong.int().argmax())
                cells = f"maze {row}, cheese in {int(bank.cheese[row])}, dead ends {_list(_ends(bank)[row])}"
                attempt.fail(id, f"{tried}\n{cells}", f"button in cell {int(got.button[row])}")


@check.property(
    "draw", "each of a maze's dead ends is drawn as often", faults.FIXED, faults.BATCH, faults.UNEVEN, faults.STREAM
)
def drawn(attempt: Attempt, draw: Draw) -> None:
    # Two mazes by turns, in several batches: by the shares of its dead ends each way of drawing them shows itself. All
    # corners are among them, for whoever leaves out another one than the start's.
    mazes = [_rich(draw, 5, 3, (4,)), _rich(draw, 5, 4, (0, 24))]
    bank = Mazes(*(torch.cat([getattr(maze, name) for maze in mazes] * 48) for name in ("opened", "cheese")))
    found = torch.stack([attempt(bank, 0.5, random, remember=False).button for random in _randoms(draw, 8)])
    for first, maze in enumerate(mazes):
        buttons, ends = found[:, first::2], _free(maze)[0].nonzero()[:, 0]
        tried = attempt.describe((bank, 0.5, _random(draw)))
        tried += f"\nand with seven more generators; two mazes by turns, this one with a button in one of {_list(ends)}"
        if bool((buttons == buttons[0, 0]).all()):
            attempt.fail("always-the-same", tried, f"all in cell {int(buttons[0, 0])}")
        if bool((buttons == buttons[:, :1]).all()):
            attempt.fail(
                "one-draw-for-all", tried, f"all of a batch in one cell, in eight batches {_list(buttons[:, 0])}"
            )
        if bool((buttons == buttons[0]).all()):
            attempt.fail("generator-ignored", tried, "eight times the same buttons")
        share = torch.stack([(buttons == end).double().mean() for end in ends])
        if _unlikely(share, 1 / len(ends), buttons.numel()):
            attempt.fail("unequal-chances", tried, "shares " + ", ".join(f"{x:.3f}" for x in share.tolist()))


@check.property(
    "walls",
    "one passage is closed, from both sides, or none",
    *(faults.NO_WALL, faults.ONE_SIDE, faults.MORE, faults.OPENED, faults.SHUT),
)
def walls(attempt: Attempt, draw: Draw) -> None:
    for size, p_open in ((3, 0.0), (5, 0.0), (6, 0.0), (4, 1.0), (5, 0.4), (2, 0.0)):
        bank = _bank(draw, size, 1 if size == 2 else 20)
        bank = bank[torch.arange(1 if size == 2 else 160) % len(bank)]  # for chances that are nearly 0 or 1
        arguments = (bank, p_open, _random(draw))
        got = attempt(*arguments, remember=False)
        tried = attempt.describe(arguments)
        added, closed = got.opened & ~bank.opened, bank.opened & ~got.opened
        if bool(added.any()):
            attempt.fail("passages-opened", tried, _where(added))
        own, neighbours = _passage(bank, _inside(got.button, bank))
        whole, shut = own | neighbours, closed.flatten(1).any(1)
        if bool((closed & ~whole).any()):
            attempt.fail("more-walls", tried, _where(closed & ~whole) + f"; buttons in {_list(got.button[:8])}")
        half = shut & ~((closed == whole).flatten(1).all(1))
        if bool(half.any()):
            attempt.fail(
                "wall-on-one-side",
                tried,
                _where(closed & half[:, None, None]) + f"; button in cell {int(got.button[half][0])}",
            )
        if p_open == 0 and not bool(shut.all()):
            attempt.fail("not-closed", tried, f"{int((~shut).sum())} of {len(bank)} mazes without a new wall")
        if p_open == 1 and bool(shut.any()):
            attempt.fail("closed-at-one", tried, f"{int(shut.sum())} of {len(bank)} mazes with a new wall")


@check.property(
    "chance",
    "a button can be reached with probability p_open",
    faults.INVERTED,
    faults.CHANCE,
    faults.BATCH,
    faults.QUOTA,
    faults.TIED,
)
def chance(attempt: Attempt, draw: Draw) -> None:
    # Small batches, for one draw that serves a batch; all of one maze, for the shares of its dead ends.
    chances = (0.8, 0.25)
    banks = [_rich(draw, 4, 3)[torch.zeros(40, dtype=torch.long)] for _ in chances]
    tried = [attempt.describe((bank, p_open, _random(draw))) for bank, p_open in zip(banks, chances, strict=True)]
    worlds = [
        [attempt(bank, p_open, random, remember=False) for random in _randoms(draw, 12)]
        for bank, p_open in zip(banks, chances, strict=True)
    ]
    reached = [
        torch.stack([_reachable(w.opened, bank, w.button) for w in group])
        for group, bank in zip(worlds, banks, strict=True)
    ]  # [12, 40] each
    if all(bool((r == r[:, :1]).all()) for r in reached) and any(bool((r != r[0, 0]).any()) for r in reached):
        attempt.fail("one-draw-for-all", tried[0], "in each of 12 batches either all buttons can be reached or none")
    for p_open, open_, said in zip(chances, reached, tried, strict=True):
        share, count = open_.double().mean(), open_.numel()
        if _unlikely(share, p_open, count):
            id = "chance-wrong" if _unlikely(share, 1 - p_open, count) else "chance-inverted"
            attempt.fail(id, said + "\nand with eleven more generators", f"{share:.1%} can be reached")
    if all(bool((r.sum(1) == r[0].sum()).all()) for r in reached):
        numbers = ", ".join(
            f"{int(r[0].sum())} at p_open = {p_open}" for r, p_open in zip(reached, chances, strict=True)
        )
        attempt.fail("number-fixed", tried[0], f"in each of 12 batches of 40, so many can be reached: {numbers}")
    for p_open, open_, group, said in zip(chances, reached, worlds, tried, strict=True):
        button = torch.stack([w.button for w in group])
        for end in button.unique():
            here = open_[button == end].double()
            if _unlikely(here.mean(), p_open, len(here)):
                words = f"of those in cell {int(end)}, {here.mean():.1%} can be reached"
                attempt.fail("chance-not-its-own", said + "\nand with eleven more generators", words)


@check.property(
    "starts", "episodes begin anywhere but at button and cheese", faults.WITH_BUTTON, faults.WITH_CHEESE, faults.FEW
)
def starts(attempt: Attempt, draw: Draw) -> None:
    for size, p_open in ((4, 0.0), (5, 1.0), (3, 0.5)):
        bank = _bank(draw, size, 20)
        arguments = (bank, p_open, _random(draw))
        got = attempt(*arguments, remember=False)
        tried = attempt.describe(arguments)
        cells = torch.arange(size * size)
        button, cheese = (cells == place[:, None] for place in (got.button, bank.cheese))
        for id, wrong in {
            "starts-on-the-button": got.starts & button,
            "starts-on-the-cheese": got.starts & cheese,
            "starts-left-out": ~got.starts & ~button & ~cheese,
        }.items():
            if bool(wrong.any()):
                row = int(wrong.any(1).int().argmax())
                words = f"maze {row}: button in {int(got.button[row])}, cheese in {int(bank.cheese[row])}, starts "
                attempt.fail(id, tried, words + _list(got.starts[row].nonzero()[:, 0]))


@check.property("memory", "the world has tensors of its own", faults.VIEW)
def memory(attempt: Attempt, draw: Draw) -> None:
    for p_open in (1.0, 0.5):
        bank = _bank(draw, 4, 3)
        arguments = (bank, p_open, _random(draw))
        got = attempt(*arguments, remember=False)
        if got.opened.untyped_storage().data_ptr() == bank.opened.untyped_storage().data_ptr():
            attempt.fail("shares-the-bank", attempt.describe(arguments), "`opened` at the bank's place in memory")


def _random(draw: Draw) -> torch.Generator:
    return torch.Generator().manual_seed(draw.integer(0, 2**31))


def _randoms(draw: Draw, number: int) -> list[torch.Generator]:
    return [_random(draw) for _ in range(number)]


def _bank(draw: Draw, size: int, batch: int) -> Mazes:
    """Draw mazes with a cheese each, that have a place for a button. Half of the cheeses are in a dead end."""
    opened, cheeses = [], []
    while len(opened) < batch:
        maze = grown(size, draw.integer(0, size * size), draw).opened
        leaf = (maze[0].sum(-1) == 1).nonzero()[:, 0].tolist()
        cheese = draw.choice(leaf) if draw.integer(0, 2) else draw.integer(0, size * size)
        if cheese != start_cell(size) and bool(_free(Mazes(maze, torch.tensor([cheese]))).any()):
            opened.append(maze)
            cheeses.append(cheese)
    return Mazes(torch.cat(opened), torch.tensor(cheeses))


def _rich(draw: Draw, size: int, places: int, among: tuple[int, ...] = ()) -> Mazes:
    """Draw one maze with this number of places for a button, and with these cells among them."""
    while True:
        bank = _bank(draw, size, 1)
        free = _free(bank)[0]
        if int(free.sum()) == places and all(free[cell] for cell in among):
            return bank


def _ends(bank: Mazes) -> Tensor:
    return bank.opened.sum(-1) == 1


def _free(bank: Mazes) -> Tensor:
    """Where a button may be [B, S]."""
    cells = torch.arange(bank.opened.shape[1])
    return _ends(bank) & (cells != bank.cheese[:, None]) & (cells != start_cell(bank.size))


def _inside(button: Tensor, bank: Mazes) -> Tensor:
    return button.long().clamp(0, bank.opened.shape[1] - 1)


def _passage(bank: Mazes, button: Tensor) -> tuple[Tensor, Tensor]:
    """All passages [B, S, 4] that lead out of the button's cell, and those that lead in."""
    cells = torch.arange(bank.opened.shape[1])
    here = (cells == button[:, None])[..., None]
    lead = torch.tensor([down * bank.size + right for down, right in MOVES])
    there = (cells[:, None] + lead) == button[:, None, None]
    return bank.opened & here, bank.opened & there


def _reachable(opened: Tensor, bank: Mazes, button: Tensor) -> Tensor:
    """Whether a button [B] has its passage, open from both sides. Half a wall is a wall here: see `walls`."""
    own, neighbours = _passage(bank, _inside(button, bank))
    return (opened & own).flatten(1).any(1) & (opened & neighbours).flatten(1).any(1)


def _unlikely(share: Tensor, probability: float, count: int) -> bool:
    spread = (probability * (1 - probability) / count) ** 0.5
    return bool(((share - probability).abs() > SIGMAS * spread).any())


def _where(passages: Tensor) -> str:
    names = ("up", "down", "left", "right")
    found = [f"cell {cell} {names[way]} (maze {row})" for row, cell, way in passages.nonzero()[:3].tolist()]
    return f"passages changed: {int(passages.sum())}, such as " + ", ".join(found)


def _list(cells: Tensor) -> str:
    return "cells " + ", ".join(
        map(str, cells.nonzero()[:, 0].tolist() if cells.dtype == torch.bool else cells.tolist())
    )
