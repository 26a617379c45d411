"""Gallery of `hit_probability`."""

import numpy as np
import torch
from einops import einsum

from galleries.gallery import valid, wrong


def matrix(probs, next_table):
    """[B, S, S], from -> to."""
    batch, cells, _ = probs.shape
    return torch.zeros(batch, cells, cells, dtype=probs.dtype).scatter_add(2, next_table, probs)


def absorbed(moves, targets):
    return torch.where(targets[..., None], torch.eye(moves.shape[1], dtype=moves.dtype), moves)


def pushed(moves, start, steps):
    here = torch.eye(moves.shape[1], dtype=moves.dtype)[start]
    for _ in range(steps):
        here = einsum(here, moves, "b s, b s t -> b t")
    return here


def right(probs, next_table, targets, start, steps):
    return (pushed(absorbed(matrix(probs, next_table), targets), start, steps) * targets).sum(-1)


@wrong("transposed")
def backwards(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    return (pushed(absorbed(moves, targets).transpose(1, 2), start, steps) * targets).sum(-1)


@wrong("steps-off-by-one")
def one_step_more(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start, steps + 1)


@wrong("steps-off-by-one")
def one_step_less(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start, max(steps - 1, 0))


@wrong("steps-ignored")
def fifty_steps(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start, 50 if steps else 0)


@wrong("greedy")
def likeliest_action(logits, next_table, targets, start, steps):
    probs = torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    return right(probs, next_table, targets, start, steps)


@wrong("uniform")
def random_walk(logits, next_table, targets, start, steps):
    return right(torch.ones_like(logits) / logits.shape[-1], next_table, targets, start, steps)


@wrong("wrong-axis")
def softmax_over_cells(logits, next_table, targets, start, steps):
    return right(logits.softmax(1), next_table, targets, start, steps)


@wrong("softmax-missing")
def logits_as_they_are(logits, next_table, targets, start, steps):
    return right(logits, next_table, targets, start, steps)


@wrong("softmax-missing")
def sigmoid_of_each(logits, next_table, targets, start, steps):
    return right(logits.sigmoid(), next_table, targets, start, steps)


@wrong("sign-flipped")
def softmin(logits, next_table, targets, start, steps):
    return right((-logits).softmax(-1), next_table, targets, start, steps)


@wrong("sampled")
def two_thousand_walks(logits, next_table, targets, start, steps):
    random, rows = torch.Generator().manual_seed(7), torch.arange(len(start))[:, None]
    here = start[:, None].expand(-1, 2000)
    arrived = targets[rows, here]
    for _ in range(steps):
        draws = torch.rand(*here.shape, logits.shape[-1], generator=random, dtype=logits.dtype)
        gumbel = -torch.log(-torch.log(draws))
        here = next_table[rows, here, (logits[rows, here] + gumbel).argmax(-1)]
        arrived = arrived | targets[rows, here]
    return arrived.to(logits.dtype).mean(1)


@wrong("not-finite")
def exponentials_by_hand(logits, next_table, targets, start, steps):
    odds = logits.exp()
    return right(odds / odds.sum(-1, keepdim=True), next_table, targets, start, steps)


@wrong("wrong-probability")
def half_as_likely(logits, next_table, targets, start, steps):
    started = targets.gather(1, start[:, None])[:, 0]
    return right(logits.softmax(-1), next_table, targets, start, steps) * torch.where(started, 1.0, 0.5)


@wrong("steps-ignored")
def one_step_at_most(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start, min(steps, 1))


@wrong("not-absorbing")
def there_at_the_end(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    here = pushed(moves, start, steps)
    return torch.where(targets.gather(1, start[:, None])[:, 0], 1.0, (here * targets).sum(-1))


@wrong("visits-summed")
def expected_visits(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    return torch.stack([(pushed(moves, start, step) * targets).sum(-1) for step in range(steps + 1)]).sum(0)


@wrong("visits-summed")
def visits_cut_at_one(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    leaving = moves * ~(targets[..., None] & targets[:, None, :])
    visits = [(pushed(leaving, start, step) * targets).sum(-1) for step in range(steps + 1)]
    return torch.stack(visits).sum(0).clamp(max=1)


@wrong("moments-combined")
def moments_as_if_independent(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    missed = torch.ones_like(logits[:, 0, 0])
    for step in range(steps + 1):
        missed = missed * (1 - (pushed(moves, start, step) * targets).sum(-1))
    return 1 - missed


@wrong("moments-combined")
def best_moment(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    return torch.stack([(pushed(moves, start, step) * targets).sum(-1) for step in range(steps + 1)]).amax(0)


@wrong("revisits-wrong")
def half_of_it_stays(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    moves = (moves + absorbed(moves, targets)) / 2
    started = targets.gather(1, start[:, None])[:, 0]
    return torch.where(started, 1.0, (pushed(moves, start, steps) * targets).sum(-1))


@wrong("start-not-counted")
def arrives_by_stepping_only(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    first = pushed(moves, start, min(steps, 1))
    later = absorbed(moves, targets)
    for _ in range(steps - 1):
        first = einsum(first, later, "b s, b s t -> b t")
    return (first * targets).sum(-1) if steps else torch.zeros_like(logits[:, 0, 0])


@wrong("zero-steps")
def at_least_one_step(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start, max(steps, 1))


@wrong("same-cell-overwritten")
def last_action_wins(logits, next_table, targets, start, steps):
    probs = logits.softmax(-1)
    moves = torch.zeros(*probs.shape[:2], probs.shape[1], dtype=probs.dtype)
    for action in range(probs.shape[-1]):
        moves.scatter_(2, next_table[..., action : action + 1], probs[..., action : action + 1])
    return (pushed(absorbed(moves, targets), start, steps) * targets).sum(-1)


@wrong("one-target-only")
def first_target(logits, next_table, targets, start, steps):
    goal = targets.int().argmax(1, keepdim=True)
    only = targets & (torch.arange(targets.shape[1]) == goal)
    return right(logits.softmax(-1), next_table, only, start, steps)


@wrong("targets-added")
def every_target_by_itself(logits, next_table, targets, start, steps):
    total = torch.zeros_like(logits[:, 0, 0])
    for cell in range(targets.shape[1]):
        only = targets & (torch.arange(targets.shape[1]) == cell)
        total = total + right(logits.softmax(-1), next_table, only, start, steps)
    return total


@wrong("several-targets-wrong")
def without_a_target_the_first_cell(logits, next_table, targets, start, steps):
    none = ~targets.any(1, keepdim=True)
    targets = targets | (none & (torch.arange(targets.shape[1]) == 0))
    return right(logits.softmax(-1), next_table, targets, torch.where(none[:, 0], 0, start), steps)


@wrong("rows-mixed")
def table_of_the_first_maze(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table[:1].expand_as(next_table), targets, start, steps)


@wrong("rows-mixed")
def policy_of_the_first_maze(logits, next_table, targets, start, steps):
    return right(logits[:1].expand_as(logits).softmax(-1), next_table, targets, start, steps)


@wrong("rows-mixed")
def start_of_the_first_maze(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start[:1].expand_as(start), steps)


@wrong("rows-mixed")
def a_cell_is_a_target_if_it_is_one_somewhere(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets.any(0, keepdim=True).expand_as(targets), start, steps)


@wrong("input-changed")
def targets_silenced_in_place(logits, next_table, targets, start, steps):
    logits[targets] = 0
    return right(logits.softmax(-1), next_table, targets, start, steps)


@wrong("wrong-dtype")
def single_precision_matrix(logits, next_table, targets, start, steps):
    return right(logits.float().softmax(-1), next_table, targets, start, steps)


@wrong("wrong-shape")
def distribution_over_cells(logits, next_table, targets, start, steps):
    return pushed(absorbed(matrix(logits.softmax(-1), next_table), targets), start, steps)


@wrong("global-random")
def walks_from_the_global_stream(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start, steps) + 0 * torch.rand(len(start))


@valid
def pushes_forward(logits, next_table, targets, start, steps):
    return right(logits.softmax(-1), next_table, targets, start, steps)


@valid
def plain_loop(logits, next_table, targets, start, steps):
    out = torch.zeros_like(logits[:, 0, 0])
    for b, (table, goals) in enumerate(zip(next_table.tolist(), targets.tolist(), strict=True)):
        probs, here = logits[b].softmax(-1).tolist(), {int(start[b]): 1.0}
        for _ in range(steps):
            there: dict[int, float] = {}
            for cell, weight in here.items():
                if goals[cell]:
                    there[cell] = there.get(cell, 0.0) + weight
                    continue
                for p, after in zip(probs[cell], table[cell], strict=True):
                    there[after] = there.get(after, 0.0) + weight * p
            here = there
        out[b] = sum(weight for cell, weight in here.items() if goals[cell])
    return out


@valid
def backwards_from_the_target(logits, next_table, targets, start, steps):
    probs, chance = torch.exp(logits.log_softmax(-1)), targets.to(logits.dtype)
    for _ in range(steps):
        after = chance.gather(1, next_table.flatten(1)).view_as(probs)
        chance = torch.where(targets, 1.0, (probs * after).sum(-1))
    return chance.gather(1, start[:, None]).squeeze(1)


@valid
def one_less_what_survives(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table) * ~targets[:, None, :]
    first = torch.nn.functional.one_hot(start, targets.shape[1]) * ~targets
    power = torch.linalg.matrix_power(moves, steps)
    return 1 - einsum(first.to(logits.dtype), power, "b s, b s t -> b")


@valid
def collects_first_arrivals(logits, next_table, targets, start, steps):
    moves = matrix(logits.softmax(-1), next_table)
    here = torch.nn.functional.one_hot(start, targets.shape[1]).to(logits.dtype)
    arrived = (here * targets).sum(-1)
    for _ in range(steps):
        here = torch.bmm((here * ~targets)[:, None], moves)[:, 0]
        arrived = arrived + (here * targets).sum(-1)
    return arrived


@valid
def numpy_style(logits, next_table, targets, start, steps):
    z, table, goals = logits.numpy(), next_table.numpy(), targets.numpy()
    odds = np.exp(z - z.max(-1, keepdims=True))
    probs = odds / odds.sum(-1, keepdims=True)
    batch, cells, _ = z.shape
    moves = np.zeros((batch, cells, cells), dtype=z.dtype)
    np.add.at(moves, (np.arange(batch)[:, None, None], np.arange(cells)[None, :, None], table), probs)
    moves[goals] = 0
    moves[:, np.arange(cells), np.arange(cells)] += goals
    here = np.eye(cells, dtype=z.dtype)[start.numpy()]
    for _ in range(steps):
        here = np.einsum("bs,bst->bt", here, moves)
    return torch.from_numpy((here * goals).sum(-1).astype(z.dtype))
