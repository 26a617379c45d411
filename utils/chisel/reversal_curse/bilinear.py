"""The smallest model with a reversal curse: an entity is a vector, a relation a matrix, and a score a product.

The score of name j after entity i is U[j] . W E[i]: E reads, U writes, W is the relation. Two relations share E and U.
With U = E the score of (i, j) under W is that of (j, i) under the transpose of W; untied, nothing links the two.

Source: the model is RESCAL's (Nickel, Tresp and Kriegel 2011) with a softmax over names; Zhu et al. (2024), arXiv
2405.04669, analyse a bilinear model of the reversal curse.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from chisel.core.progress import progress
from chisel.core.seeding import generator
from chisel.reversal_curse.model import weights
from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FIRST_ENTITY, FORWARD, Facts, sequences
from chisel.reversal_curse.training import Method

RELATIONS = (FORWARD, BACKWARD, EXPOSED)
METHOD = Method(steps=300, lr=3e-3)  # how `train_bilinear` trains unless told otherwise


def bilinear_scores(E: Tensor, W: Tensor, U: Tensor) -> Tensor:
    """Score every name after every entity.

    Args:
        E: [N, D] what each entity is read as.
        W: [K, D] the relation, from what is read to what is to be written.
        U: [P, K] what each name is written as.

    Returns:
        [N, P]: entry (i, j) is U[j] . (W E[i]), with gradients to all three.
    """
    return E @ W.T @ U.T


Scores = Callable[[Tensor, Tensor, Tensor], Tensor]


class Bilinear(nn.Module):
    """The bilinear model, asked as a decoder is.

    Args:
        world: whose tokens are read, and whose entities are written. Only these are names: the softmax is over them.
        width: of the vectors.
        tied: whether an entity is written with the vector it is read with.
        spread: standard deviation of all first values.
        random: the only source of these.
        scores: `bilinear_scores`, or a learner's version of it.
    """

    def __init__(
        self,
        world: Facts,
        width: int,
        tied: bool,
        spread: float,
        random: torch.Generator,
        scores: Scores = bilinear_scores,
    ) -> None:
        super().__init__()
        self.scores, self.tied = scores, tied
        self.names = slice(FIRST_ENTITY, FIRST_ENTITY + len(world.exposure))  # each entity has one exposure fact
        self.read = weights(world.vocabulary, width, random, spread)
        self.relations = nn.ParameterList(weights(width, width, random, spread) for _ in RELATIONS)
        if not tied:
            self.write = weights(len(world.exposure), width, random, spread)

    def answers(self, subjects: Tensor, relation: int) -> Tensor:
        """Map tokens `subjects: [N]` to the scores [N, P] of all P names in one relation."""
        write = self.read[self.names] if self.tied else self.write
        return self.scores(self.read[subjects], self.relations[RELATIONS.index(relation)], write)

    def forward(self, ids: Tensor) -> Tensor:
        """Map `ids: [B, L]`, each `subject relation ...`, to logits [B, L, V].

        Those at the relation are for the object, with minus infinity for what is no name. All others are 0.
        """
        logits = self.read.new_zeros(*ids.shape, len(self.read))
        for relation in RELATIONS:
            asked = (ids[:, 1] == relation).nonzero().squeeze(1)
            if len(asked):
                logits[asked, 1] = -torch.inf
                logits[asked, 1, self.names] = self.answers(ids[asked, 0], relation)
        return logits


def train_bilinear(
    worlds: Sequence[Facts],
    seeds: Sequence[int],
    tied: bool,
    width: int = 64,
    spread: float = 0.02,
    method: Method = METHOD,
    scores: Scores = bilinear_scores,
    device: torch.device | str = "cpu",
) -> list[Bilinear]:
    """Train one bilinear model a world, on all of its statements and exposure facts at every step.

    Args:
        seeds: of the first values, one a world.
        scores: `bilinear_scores`, or a learner's version of it.

    Raises:
        ValueError: there is not one seed a world, or there is no world.
    """
    if len(worlds) != len(seeds) or not worlds:
        raise ValueError(f"each world needs one seed, and one world at least: got {len(worlds)} and {len(seeds)}")
    nets = [
        Bilinear(world, width, tied, spread, generator(seed, "bilinear"), scores).to(device)
        for world, seed in zip(worlds, seeds, strict=True)
    ]
    stated = [by_relation(world, device) for world in worlds]
    parameters = [p for net in nets for p in net.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=method.lr, betas=(0.9, method.beta2), weight_decay=method.weight_decay)
    for step in progress(range(method.steps), "bilinear, tied" if tied else "bilinear, untied"):
        for group in optimiser.param_groups:
            group["lr"] = method.rate(step)
        losses = [
            nn.functional.cross_entropy(net.answers(subjects, relation), objects - FIRST_ENTITY)
            for net, statements in zip(nets, stated, strict=True)
            for relation, (subjects, objects) in statements.items()
        ]
        optimiser.zero_grad(set_to_none=True)
        torch.stack(losses).sum().backward()  # the models do not touch: the gradient of the sum is each one's own
        optimiser.step()
    return nets


def by_relation(world: Facts, device: torch.device | str) -> dict[int, tuple[Tensor, Tensor]]:
    """Return the subjects and the objects of all that is trained, as tokens [N], for each relation that occurs."""
    rows = sequences((*world.train, *world.exposure)).to(device)
    grouped = {relation: rows[rows[:, 1] == relation] for relation in RELATIONS}
    return {relation: (group[:, 0], group[:, 2]) for relation, group in grouped.items() if len(group)}


def likeness_to_transpose(net: Bilinear) -> float:
    """Return the cosine between the forward relation's matrix and the transpose of the backward relation's."""
    forward, backward = net.relations[0].detach(), net.relations[1].detach()
    return float(nn.functional.cosine_similarity(forward.flatten(), backward.T.flatten(), dim=0))
