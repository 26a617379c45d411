"""Two goals in one agent: cheese pays when it is hungry, water when it is thirsty, and it sees which it is.

A maze has two tiles, cheese and water. Two more channels of the observation are an inner state, the same in every
cell: hungry (1, 0) or thirsty (0, 1). Either tile ends the episode; the one that the state asks for pays 1, the other
nothing.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from chisel.reward_as_chisel.steering import activations
from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.world import NO_CHEESE, Mazes, check_cells, draw_mazes

INPUTS = 8  # open up, down, left, right; cheese; water; hungry; thirsty
HUNGRY = (1.0, 0.0)
THIRSTY = (0.0, 1.0)


@dataclass(frozen=True)
class Appetites(Mazes):
    """Mazes with a cheese and a water each, seen by an agent in some inner state.

    Attributes:
        water: [B] int, the cell of the water; -1 for none.
        state: [B, 2] float, what the agent sees of its state: how hungry and how thirsty it is.
    """

    water: Tensor
    state: Tensor

    def __getitem__(self, rows: Tensor | slice) -> "Appetites":
        return Appetites(self.opened[rows], self.cheese[rows], self.water[rows], self.state[rows])

    @property
    def water_targets(self) -> Tensor:
        """[B, S] bool, True at the water."""
        return Mazes(self.opened, self.water).targets

    @property
    def observations(self) -> Tensor:
        """[B, 8, size, size] float: passages up, down, left, right, cheese, water, hungry, thirsty."""
        shape = (len(self), -1, self.size, self.size)
        water = self.water_targets.float().view(shape)
        state = self.state.view(*self.state.shape, 1, 1).expand(*self.state.shape, self.size, self.size)
        return torch.cat([Mazes(self.opened, self.cheese).observations, water, state], dim=1)

    def with_cheese(self, cheese: Tensor | int) -> "Appetites":
        """Return the same mazes with the cheese in other cells ([B] int or one cell for all; -1 for none).

        Raises:
            WorldError: the mazes have no such cell.
        """
        return replace(self, cheese=self._cells(cheese))

    def with_water(self, water: Tensor | int) -> "Appetites":
        """Return the same mazes with the water in other cells ([B] int or one cell for all; -1 for none).

        Raises:
            WorldError: the mazes have no such cell.
        """
        return replace(self, water=self._cells(water))

    def feeling(self, hungry: float, thirsty: float) -> "Appetites":
        """Return the same mazes, all seen in one state."""
        return replace(self, state=torch.tensor([hungry, thirsty], device=self.state.device).expand(len(self), 2))

    def to(self, device: torch.device | str) -> "Appetites":
        """Return the mazes on `device`."""
        return Appetites(*(part.to(device) for part in (self.opened, self.cheese, self.water, self.state)))

    def _cells(self, cells: Tensor | int) -> Tensor:
        cells = torch.as_tensor(cells, device=self.cheese.device)
        check_cells(cells, NO_CHEESE, self.opened.shape[1])
        return cells.expand(len(self))


def draw_appetites(batch: int, size: int, cells: Tensor, generator: torch.Generator) -> Appetites:
    """Draw mazes with cheese and water in two of `cells: [N] int`; half of them are seen hungry, half thirsty.

    Raises:
        ValueError: there are not two cells.
    """
    if len(cells) < 2:
        raise ValueError(f"cheese and water need two cells, not {len(cells)}")
    mazes = draw_mazes(batch, size, cells, generator)
    cells = cells.to(generator.device)
    free = (cells != mazes.cheese[:, None]).float()
    water = cells[torch.multinomial(free, 1, generator=generator)[:, 0]]
    return Appetites(mazes.opened, mazes.cheese, water, draw_states(batch, generator))


def draw_states(batch: int, generator: torch.Generator) -> Tensor:
    """Draw states [B, 2], hungry or thirsty, each as likely as the other."""
    hungry = torch.rand(batch, generator=generator, device=generator.device) < 0.5
    return torch.stack([hungry, ~hungry], dim=1).float()


def appetite_task(world: Appetites, wants: Tensor | None = None) -> Task:
    """Return the task: either tile ends the episode, and pays what `wants` says.

    Args:
        world: of B mazes, as they are seen.
        wants: [B, 2] float, what cheese and water pay; the state that is seen if left out. A control draws it apart
            from what is seen, so that the state says nothing.
    """
    wants = world.state if wants is None else wants
    cheese, water = world.targets, world.water_targets
    pays = wants[:, :1] * cheese + wants[:, 1:] * water
    terminal = cheese | water
    return Task(world.observations, world.next_table, pays, terminal, ~terminal)


def state_vector(net: nn.Module, world: Appetites, layer: str) -> Tensor:
    """Return what hunger in place of thirst does to a layer: the mean difference over `world`, [C, n, n].

    At the stem this is the change of input itself, through a linear map: adding it there shows nothing.

    Args:
        net: a field policy with 8 inputs.
        world: mazes to average over; not those that the vector is tried in. The states that they hold do not matter.
        layer: the name of a module of `net`.

    Raises:
        AttributeError: `net` has no such layer.
    """
    return _gap(net, world.feeling(*HUNGRY), world.feeling(*THIRSTY), layer).mean(dim=0)


def vectors_by_tiles(net: nn.Module, shown: Appetites, others: Tensor, layer: str, what: str = "state") -> Tensor:
    """Return for each maze a vector read in *other* mazes that have cheese and water in the same two cells.

    Args:
        net: a field policy with 8 inputs.
        shown: B mazes that the vectors are for; their walls are not looked at.
        others: [K, S, 4] bool, the walls of the other mazes.
        layer: the name of a module of `net`.
        what: "state", hunger less thirst; or "tiles", a cheese alone less a water alone, seen thirsty.

    Returns:
        [B, C, n, n], each the mean over K mazes. Mazes with the same two cells share a vector.

    Raises:
        AttributeError: `net` has no such layer.
        ValueError: an unknown `what`.
    """
    if what not in ("state", "tiles"):
        raise ValueError(f"there are vectors of the state and of tiles, not of {what!r}")
    cells, mazes = others.shape[1], len(others)
    pairs, which = (shown.cheese * cells + shown.water).unique(return_inverse=True)
    found = []
    for some in pairs.split(64):  # so that a large maze's pairs fit into memory
        tiles = some.repeat_interleave(mazes)
        nobody = torch.zeros(len(tiles), 2, device=others.device)
        world = Appetites(others.repeat(len(some), 1, 1), tiles // cells, tiles % cells, nobody)
        one, other = world.feeling(*HUNGRY), world.feeling(*THIRSTY)
        if what == "tiles":
            one, other = other.with_water(NO_CHEESE), other.with_cheese(NO_CHEESE)
        found.append(_gap(net, one, other, layer).unflatten(0, (len(some), mazes)).mean(dim=1))
    return torch.cat(found)[which]


def as_long_as(vectors: Tensor, model: Tensor) -> Tensor:
    """Return the vectors [B, ...] scaled to the lengths of those of `model: [B, ...]`."""
    lengths = model.flatten(1).norm(dim=1) / vectors.flatten(1).norm(dim=1).clamp(min=1e-12)
    return vectors * lengths.view(-1, *[1] * (vectors.dim() - 1))


def _gap(net: nn.Module, one: Appetites, other: Appetites, layer: str) -> Tensor:
    return activations(net, one, layer) - activations(net, other, layer)
