"""What a policy does in a maze: sampled (`rollout`) and computed exactly (`hit_probability`)."""

import torch
from torch import Tensor


def rollout(
    logits: Tensor, next_table: Tensor, start: Tensor, terminal: Tensor, steps: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Let K agents walk in each of B mazes, all at once; they do not see each other.

    At each step each agent draws its action from softmax(logits) of the cell where it stands, independently of all
    others and of what it drew before.

    An episode ends when its agent stands on a terminal cell; an agent that starts on one is finished at once. A
    finished agent's state stays where it ended; its actions are arbitrary.

    How this is misread: `alive[..., t]` is about what comes *after* step t. The step that reaches the end is a real
    step, and its alive is already False.

    Args:
        logits: [B, S, A] of the policy in each cell, numbers of any magnitude.
        next_table: [B, S, A] int, where each action leads.
        start: [B, K] int, the first cells.
        terminal: [B, S] bool, where an episode ends.
        steps: how many steps, T.
        generator: the only source of randomness, on the device of `logits`; a second call with it draws other walks.

    Returns:
        states: [B, K, T + 1] int, the cell before each step and after the last; actions: [B, K, T] int; and
        alive: [B, K, T] bool, True when the episode goes on after step t.
    """
    batch, agents = start.shape
    cumulative = torch.softmax(logits, dim=-1).cumsum(dim=-1)
    cumulative = cumulative / cumulative[..., -1:]  # the last is 1 exactly, so a draw below 1 falls on an action
    rows = torch.arange(batch, device=logits.device)[:, None]
    state, living = start, ~terminal.gather(1, start)
    states, actions, alive = [state], [], []
    for _ in range(steps):
        draws = torch.rand(batch, agents, 1, generator=generator, dtype=logits.dtype, device=logits.device)
        action = (draws >= cumulative[rows, state]).sum(dim=-1)
        state = torch.where(living, next_table[rows, state, action], state)
        living = living & ~terminal.gather(1, state)
        states.append(state)
        actions.append(action)
        alive.append(living)
    return torch.stack(states, dim=-1), torch.stack(actions, dim=-1), torch.stack(alive, dim=-1)


def hit_probability(logits: Tensor, next_table: Tensor, targets: Tensor, start: Tensor, steps: int) -> Tensor:
    """Compute exactly how likely an agent stands on a target at some time within `steps` steps. No sampling.

    The agent draws its actions from softmax(logits) of the cell where it stands; several actions may lead to the same
    cell. So a policy in a maze is a Markov chain on cells. Make the targets absorbing and push the start's probability
    through the chain: what lies on the targets in the end has stood on one.

    How this is misread: it is the chance of *having been* there, not of being there at the end.

    Args:
        logits: [B, S, A] of the policy in each cell, numbers of any magnitude.
        next_table: [B, S, A] int, where each action leads.
        targets: [B, S] bool; several, or none, in a maze.
        start: [B] int, the first cell; time 0 counts.
        steps: how many steps, 0 or more.

    Returns:
        [B] the probability.
    """
    probs = torch.softmax(logits, dim=-1).masked_fill(targets[..., None], 0)  # who has arrived moves no more
    moves = torch.zeros(*logits.shape[:2], logits.shape[1], dtype=logits.dtype, device=logits.device)
    moves = moves.scatter_add(2, next_table, probs)  # [B, S, S], from -> to
    moves = moves + torch.diag_embed(targets.to(logits.dtype))
    here = torch.nn.functional.one_hot(start, logits.shape[1]).to(logits.dtype)  # [B, S]
    for _ in range(steps):
        here = torch.bmm(here.unsqueeze(1), moves).squeeze(1)
    return (here * targets).sum(dim=-1)
