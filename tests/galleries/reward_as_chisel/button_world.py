"""Gallery of `button_world`."""

import random as python_random
from types import SimpleNamespace
from typing import NamedTuple

import torch
from torch import Tensor

from chisel.reward_as_chisel.button import ButtonWorld
from galleries.gallery import valid, wrong


def corner(bank):
    return bank.size * (bank.size - 1)


def free(bank):
    """Where a button may be."""
    ends = (bank.opened.sum(-1) == 1) & ~bank.targets
    ends[:, corner(bank)] = False
    return ends


def pick(allowed, generator):
    return torch.multinomial(allowed.float(), 1, generator=generator)[:, 0]


def lots(bank, p_open, generator):
    """True for mazes to be closed."""
    return torch.rand(len(bank), generator=generator) >= p_open


def closed(bank, button, shut, near=True, far=True):
    opened, rows = bank.opened.clone(), torch.arange(len(bank))
    way = bank.opened[rows, button].int().argmax(1)
    if near:
        opened[rows[shut], button[shut], way[shut]] = False
    if far:
        neighbour = bank.next_table[rows, button, way]
        opened[rows[shut], neighbour[shut], torch.tensor([1, 0, 3, 2])[way][shut]] = False
    return opened


def beginnings(bank, button):
    starts = ~bank.targets
    starts[torch.arange(len(bank)), button] = False
    return starts


def built(bank, p_open, generator, allowed=None):
    """A right world, for entries that go wrong somewhere else."""
    button = pick(free(bank) if allowed is None else allowed, generator)
    return ButtonWorld(closed(bank, button, lots(bank, p_open, generator)), button, beginnings(bank, button))


@wrong("not-a-dead-end")
def any_cell(bank, p_open, generator):
    allowed = ~bank.targets
    allowed[:, corner(bank)] = False
    return built(bank, p_open, generator, allowed)


@wrong("not-a-dead-end")
def two_ways_out(bank, p_open, generator):
    allowed = (bank.opened.sum(-1) == 2) & ~bank.targets
    return built(bank, p_open, generator, torch.where(allowed.any(1, keepdim=True), allowed, free(bank)))


@wrong("on-the-start")
def start_not_left_out(bank, p_open, generator):
    return built(bank, p_open, generator, (bank.opened.sum(-1) == 1) & ~bank.targets)


@wrong("on-the-start")
def another_corner_left_out(bank, p_open, generator):
    allowed = (bank.opened.sum(-1) == 1) & ~bank.targets
    allowed[:, bank.size - 1] = False
    allowed = torch.where(allowed.any(1, keepdim=True), allowed, free(bank))
    return built(bank, p_open, generator, allowed)


@wrong("on-the-cheese")
def cheese_not_left_out(bank, p_open, generator):
    allowed = bank.opened.sum(-1) == 1
    allowed[:, corner(bank)] = False
    return built(bank, p_open, generator, allowed)


@wrong("always-the-same")
def first_one(bank, p_open, generator):
    button = free(bank).int().argmax(1)
    return ButtonWorld(closed(bank, button, lots(bank, p_open, generator)), button, beginnings(bank, button))


@wrong("always-the-same")
def last_one(bank, p_open, generator):
    allowed = free(bank)
    button = (allowed * torch.arange(allowed.shape[1])).argmax(1)
    return ButtonWorld(closed(bank, button, lots(bank, p_open, generator)), button, beginnings(bank, button))


@wrong("one-draw-for-all")
def same_rank_everywhere(bank, p_open, generator):
    allowed = free(bank)
    rank = (torch.rand(1, generator=generator) * allowed.sum(1)).long()
    button = (allowed & (allowed.cumsum(1) == rank[:, None] + 1)).int().argmax(1)
    return ButtonWorld(closed(bank, button, lots(bank, p_open, generator)), button, beginnings(bank, button))


@wrong("one-draw-for-all")
def all_open_or_none(bank, p_open, generator):
    button = pick(free(bank), generator)
    shut = (torch.rand(1, generator=generator) >= p_open).expand(len(bank))
    return ButtonWorld(closed(bank, button, shut), button, beginnings(bank, button))


@wrong("unequal-chances")
def by_cell_number(bank, p_open, generator):
    allowed = free(bank)
    return built(bank, p_open, generator, allowed * (1.0 + torch.arange(allowed.shape[1])) ** 3)


@wrong("unequal-chances")
def first_more_often(bank, p_open, generator):
    allowed = free(bank)
    return built(bank, p_open, generator, allowed * torch.where(allowed.cumsum(1) == 1, 4.0, 1.0))


@wrong("unequal-chances")
def as_many_as_the_poorest_maze_has(bank, p_open, generator):
    allowed = free(bank)
    rank = torch.randint(int(allowed.sum(1).min()), (len(bank),), generator=generator)
    button = (allowed & (allowed.cumsum(1) == rank[:, None] + 1)).int().argmax(1)
    return ButtonWorld(closed(bank, button, lots(bank, p_open, generator)), button, beginnings(bank, button))


@wrong("unequal-chances")
def top_right_left_out(bank, p_open, generator):
    allowed = free(bank)
    allowed[:, bank.size - 1] = False
    return built(bank, p_open, generator, torch.where(allowed.any(1, keepdim=True), allowed, free(bank)))


@wrong("generator-ignored")
def stream_of_its_own(bank, p_open, generator):
    return built(bank, p_open, torch.Generator().manual_seed(0))


@wrong("generator-ignored")
def stream_begun_anew(bank, p_open, generator):
    return built(bank, p_open, generator.manual_seed(1))


@wrong("wall-on-one-side")
def own_side(bank, p_open, generator):
    button = pick(free(bank), generator)
    opened = closed(bank, button, lots(bank, p_open, generator), far=False)
    return ButtonWorld(opened, button, beginnings(bank, button))


@wrong("wall-on-one-side")
def neighbours_side(bank, p_open, generator):
    button = pick(free(bank), generator)
    opened = closed(bank, button, lots(bank, p_open, generator), near=False)
    return ButtonWorld(opened, button, beginnings(bank, button))


@wrong("not-closed")
def never_closed(bank, p_open, generator):
    button = pick(free(bank), generator)
    torch.rand(len(bank), generator=generator)
    return ButtonWorld(bank.opened.clone(), button, beginnings(bank, button))


@wrong("not-closed")
def sideways_only(bank, p_open, generator):
    button, rows = pick(free(bank), generator), torch.arange(len(bank))
    shut = lots(bank, p_open, generator) & bank.opened[rows, button, 2:].any(1)
    return ButtonWorld(closed(bank, button, shut), button, beginnings(bank, button))


@wrong("more-walls")
def neighbour_walled_in(bank, p_open, generator):
    world = built(bank, p_open, generator)
    rows, table = torch.arange(len(bank)), bank.next_table
    way = bank.opened[rows, world.button].int().argmax(1)
    neighbour = table[rows, world.button, way]
    shut = (world.opened != bank.opened).flatten(1).any(1)
    world.opened[rows[shut], neighbour[shut]] = False
    return world


@wrong("more-walls")
def same_direction_at_the_neighbour(bank, p_open, generator):
    world = built(bank, p_open, generator)
    rows = torch.arange(len(bank))
    way = bank.opened[rows, world.button].int().argmax(1)
    shut = (world.opened != bank.opened).flatten(1).any(1)
    world.opened[rows[shut], bank.next_table[rows, world.button, way][shut], way[shut]] = False
    return world


@wrong("more-walls")
def every_dead_end_closed(bank, p_open, generator):
    world, table = built(bank, p_open, generator), bank.next_table
    shut = (world.opened != bank.opened).flatten(1).any(1)
    for row, cell in (free(bank) & shut[:, None]).nonzero().tolist():
        way = int(bank.opened[row, cell].int().argmax())
        world.opened[row, cell, way] = world.opened[row, table[row, cell, way], way ^ 1] = False
    return world


@wrong("passages-opened")
def neighbour_opened_up(bank, p_open, generator):
    world = built(bank, p_open, generator)
    world.opened[:, 1, 1] = world.opened[:, 1 + bank.size, 0] = True
    return world


@wrong("chance-wrong")
def always_closed_but_at_one(bank, p_open, generator):
    button = pick(free(bank), generator)
    shut = torch.full((len(bank),), p_open < 1)
    return ButtonWorld(closed(bank, button, shut), button, beginnings(bank, button))


@wrong("closed-at-one")
def nearly_one(bank, p_open, generator):
    return built(bank, min(p_open, 0.9), generator)


@wrong("closed-at-one")
def always_closed(bank, p_open, generator):
    return built(bank, 0.0, generator)


@wrong("not-closed")
def zero_taken_for_missing(bank, p_open, generator):
    return built(bank, p_open or 1.0, generator)


@wrong("not-closed")
def inverted(bank, p_open, generator):
    return built(bank, 1 - p_open, generator)


@wrong("chance-inverted")
def inverted_between_the_ends(bank, p_open, generator):
    return built(bank, p_open if p_open in (0, 1) else 1 - p_open, generator)


@wrong("chance-wrong")
def half(bank, p_open, generator):
    return built(bank, p_open if p_open in (0, 1) else 0.5, generator)


@wrong("chance-wrong")
def squared(bank, p_open, generator):
    return built(bank, p_open**2, generator)


@wrong("number-fixed")
def first_ones_open(bank, p_open, generator):
    button = pick(free(bank), generator)
    shut = torch.arange(len(bank)) >= round(p_open * len(bank))
    return ButtonWorld(closed(bank, button, shut), button, beginnings(bank, button))


@wrong("number-fixed")
def so_many_of_a_batch(bank, p_open, generator):
    button = pick(free(bank), generator)
    shut = torch.randperm(len(bank), generator=generator) >= round(p_open * len(bank))
    return ButtonWorld(closed(bank, button, shut), button, beginnings(bank, button))


@wrong("chance-not-its-own")
def one_number_for_both(bank, p_open, generator):
    allowed = free(bank)
    number = torch.rand(len(bank), generator=generator)
    rank = (number * allowed.sum(1)).long()
    button = (allowed & (allowed.cumsum(1) == rank[:, None] + 1)).int().argmax(1)
    return ButtonWorld(closed(bank, button, number >= p_open), button, beginnings(bank, button))


@wrong("starts-on-the-button")
def cheese_left_out_only(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(starts=~bank.targets)


@wrong("starts-on-the-button")
def button_left_out_when_open_only(bank, p_open, generator):
    world = built(bank, p_open, generator)
    shut = (world.opened != bank.opened).flatten(1).any(1)
    return world._replace(starts=torch.where(shut[:, None], ~bank.targets, world.starts))


@wrong("starts-on-the-cheese")
def button_left_out_only(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(starts=world.starts | bank.targets)


@wrong("starts-left-out")
def bottom_left_only(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(starts=torch.arange(world.starts.shape[1]).expand_as(world.starts) == corner(bank))


@wrong("starts-left-out")
def no_dead_end(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(starts=world.starts & (bank.opened.sum(-1) != 1))


@wrong("shares-the-bank")
def not_copied_when_all_are_open(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(opened=bank.opened) if p_open == 1 else world


@wrong("shares-the-bank")
def view(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(opened=bank.opened[:]) if torch.equal(world.opened, bank.opened) else world


@wrong("input-changed")
def walls_in_place(bank, p_open, generator):
    world = built(bank, p_open, generator)
    bank.opened.copy_(world.opened)
    return world


@wrong("global-random")
def global_draws(bank, p_open, generator):
    button = torch.multinomial(free(bank).float(), 1)[:, 0]
    return ButtonWorld(closed(bank, button, torch.rand(len(bank)) >= p_open), button, beginnings(bank, button))


@wrong("global-random")
def draws_of_python(bank, p_open, generator):
    button = torch.tensor([python_random.choice(row.nonzero()[:, 0].tolist()) for row in free(bank)])
    return ButtonWorld(closed(bank, button, lots(bank, p_open, generator)), button, beginnings(bank, button))


@wrong("wrong-type")
def plain_tuple(bank, p_open, generator):
    return tuple(built(bank, p_open, generator))


@wrong("wrong-type")
def walls_only(bank, p_open, generator):
    return built(bank, p_open, generator).opened


@wrong("wrong-dtype")
def starts_as_numbers(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(starts=world.starts.float())


@wrong("wrong-shape")
def column_of_buttons(bank, p_open, generator):
    world = built(bank, p_open, generator)
    return world._replace(button=world.button[:, None])


@valid
def in_steps(bank, p_open, generator):
    return built(bank, p_open, generator)


class OtherName(NamedTuple):
    opened: Tensor
    button: Tensor
    starts: Tensor


@valid
def maze_by_maze(bank, p_open, generator):
    opened, buttons, starts = bank.opened.clone(), [], torch.ones(bank.opened.shape[:2], dtype=torch.bool)
    steps = [-bank.size, bank.size, -1, 1]
    for row, (table, cheese) in enumerate(zip(bank.opened.tolist(), bank.cheese.tolist(), strict=True)):
        ends = [cell for cell, ways in enumerate(table) if sum(ways) == 1 and cell not in (cheese, corner(bank))]
        button = ends[int(torch.randint(len(ends), (1,), generator=generator))]
        if float(torch.rand(1, generator=generator)) >= p_open:
            way = table[button].index(True)
            opened[row, button, way] = False
            opened[row, button + steps[way], way ^ 1] = False
        starts[row, [button, cheese]] = False
        buttons.append(button)
    return OtherName(opened, torch.tensor(buttons), starts)


@valid
def largest_random_number(bank, p_open, generator):
    numbers = torch.rand(bank.opened.shape[:2], generator=generator)
    button = torch.where(free(bank), numbers, -1.0).argmax(1).int()
    chance = torch.full((len(bank),), float(p_open))
    shut = ~torch.bernoulli(chance, generator=generator).bool()
    at_button = torch.arange(bank.opened.shape[1]) == button[:, None]
    leads = bank.next_table[..., :4]
    to_button = at_button.gather(1, leads.flatten(1)).view_as(leads)
    wall = (at_button[..., None] | to_button) & shut[:, None, None]
    return SimpleNamespace(opened=bank.opened & ~wall, button=button, starts=~(at_button | bank.targets))


@valid
def walls_drawn_first(bank, p_open, generator):
    shut = ~(torch.rand(len(bank), generator=generator, dtype=torch.float64) < p_open)
    button = pick(free(bank) / free(bank).sum(1, keepdim=True), generator)
    return ButtonWorld(closed(bank, button, shut), button, beginnings(bank, button))
