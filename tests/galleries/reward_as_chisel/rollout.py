"""Gallery of `rollout`."""

import random

import numpy as np
import torch
from torch.distributions import Categorical

from galleries.gallery import valid, wrong


def drawn(logits, shape, generator):
    """Draw actions [B, K] from logits [B, K, A] by the largest of logits plus Gumbel noise."""
    noise = torch.rand(shape, generator=generator, dtype=torch.float64).clamp(min=1e-300)
    return (logits - torch.log(-torch.log(noise))).argmax(-1)


def walk(logits, next_table, start, terminal, steps, generator, act=None, see=None, go=None):
    """Walk as one should, but for what is replaced.

    act(logits [B, K, A]) -> actions. see(state) -> the cell whose logits count. go(rows, state, action) -> next state.
    """
    rows = torch.arange(len(start))[:, None]
    act = act or (lambda here: drawn(here, here.shape, generator))
    go = go or (lambda rows, state, action: next_table[rows, state, action])
    state, living = start, ~terminal[rows, start]
    states, actions, alive = [state], [], []
    for _ in range(steps):
        action = act(logits[rows, see(state) if see else state])
        state = torch.where(living, go(rows, state, action), state)
        living = living & ~terminal[rows, state]
        states.append(state)
        actions.append(action)
        alive.append(living)
    return torch.stack(states, -1), torch.stack(actions, -1), torch.stack(alive, -1)


@wrong("start-missing")
def states_after_each_step_only(*arguments):
    states, actions, alive = walk(*arguments)
    return torch.cat([states[..., 1:], states[..., -1:]], dim=-1), actions, alive


@wrong("wrong-shape")
def as_many_states_as_actions(*arguments):
    states, actions, alive = walk(*arguments)
    return states[..., :-1], actions, alive


@wrong("wrong-shape")
def time_comes_first(*arguments):
    return tuple(part.permute(2, 0, 1) for part in walk(*arguments))


@wrong("wrong-type")
def alive_as_numbers(*arguments):
    states, actions, alive = walk(*arguments)
    return states, actions, alive.double()


@wrong("wrong-type")
def states_alone(*arguments):
    return walk(*arguments)[0]


@wrong("no-such-action")
def five_actions_always(logits, next_table, start, terminal, steps, generator):
    states, actions, alive = walk(logits, next_table, start, terminal, steps, generator)
    return states, actions + 5 * (actions == logits.shape[-1] - 1), alive


@wrong("no-such-action")
def actions_counted_from_one(*arguments):
    states, actions, alive = walk(*arguments)
    return states, actions + 1, alive


@wrong("wrong-maze")
def table_of_the_first_maze(logits, next_table, *rest):
    return walk(logits, next_table[:1].expand_as(next_table), *rest)


@wrong("table-ignored")
def arithmetic_on_a_ring(logits, next_table, *rest):
    cells = logits.shape[1]
    return walk(logits, next_table, *rest, go=lambda rows, state, action: (state + action - 1) % cells)


@wrong("cell-and-action-swapped")
def action_before_cell(logits, next_table, *rest):
    if next_table.shape[1] != next_table.shape[2]:
        return walk(logits, next_table, *rest)
    return walk(logits, next_table, *rest, go=lambda rows, state, action: next_table[rows, action, state])


@wrong("actions-shifted")
def action_of_the_step_before(*arguments):
    states, actions, alive = walk(*arguments)
    return states, actions.roll(1, dims=-1), alive


@wrong("always-from-start")
def state_never_updated(logits, next_table, start, *rest):
    return walk(logits, next_table, start, *rest, go=lambda rows, state, action: next_table[rows, start, action])


@wrong("stops-early")
def who_stands_still_has_finished(logits, next_table, start, terminal, steps, generator):
    states, actions, alive = walk(logits, next_table, start, terminal, steps, generator)
    states, living = states.clone(), torch.ones_like(start, dtype=torch.bool)
    for t in range(steps):
        states[..., t + 1] = torch.where(living, states[..., t + 1], states[..., t])
        living = living & (t < 2)
    return states, actions, alive


@wrong("stops-early")
def all_agents_end_with_the_first(logits, next_table, start, terminal, steps, generator):
    rows = torch.arange(len(start))[:, None]
    state, living = start, ~terminal[rows, start]
    states, actions, alive = [state], [], []
    for _ in range(steps):
        action = drawn(logits[rows, state], logits[rows, state].shape, generator)
        state = torch.where(living, next_table[rows, state, action], state)
        living = living & ~terminal[rows, state].any(1, keepdim=True)
        states.append(state)
        actions.append(action)
        alive.append(living)
    return torch.stack(states, -1), torch.stack(actions, -1), torch.stack(alive, -1)


@wrong("illegal-move")
def other_actions_recorded(*arguments):
    states, actions, alive = walk(*arguments)
    return states, actions.flip(1).flip(0).roll(2, -1) if actions.shape[-1] > 1 else actions, alive


@wrong("illegal-move")
def jumps_two_steps(logits, next_table, *rest):
    return walk(logits, next_table, *rest, go=lambda rows, s, a: next_table[rows, next_table[rows, s, a], a])


@wrong("greedy")
def likeliest_action(logits, *rest):
    return walk(logits, *rest, act=lambda here: here.argmax(-1))


@wrong("uniform")
def random_walk(logits, next_table, start, terminal, steps, generator):
    def act(here):
        usual = torch.randint(here.shape[-1], here.shape[:-1], generator=generator)
        return torch.where(here.amax(-1) - here.amin(-1) > 20, here.argmax(-1), usual)

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("wrong-axis")
def softmax_over_cells(logits, next_table, start, terminal, steps, generator):
    return walk(logits.softmax(1).clamp(min=1e-30).log(), next_table, start, terminal, steps, generator)


@wrong("softmax-missing")
def logits_given_to_multinomial(logits, next_table, start, terminal, steps, generator):
    def act(here):
        flat = here.reshape(-1, here.shape[-1])
        return torch.multinomial(flat, 1, generator=generator).view(here.shape[:-1])

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("sign-flipped")
def lowest_logit_first(logits, *rest):
    return walk(-logits, *rest)


@wrong("wrong-frequencies")
def twice_as_sure(logits, *rest):
    return walk(2 * logits, *rest)


@wrong("wrong-frequencies")
def last_action_never(logits, next_table, start, terminal, steps, generator):
    def act(here):
        cumulative = here.softmax(-1).cumsum(-1)
        draws = torch.rand(*here.shape[:-1], 1, generator=generator, dtype=here.dtype)
        return (draws >= cumulative).sum(-1).clamp(max=here.shape[-1] - 2)

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("raised")
def exponentials_by_hand(logits, next_table, start, terminal, steps, generator):
    def act(here):
        odds = here.exp()
        flat = (odds / odds.sum(-1, keepdim=True)).reshape(-1, here.shape[-1])
        return torch.multinomial(flat, 1, generator=generator).view(here.shape[:-1])

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("agents-share-draws")
def one_draw_a_maze(logits, next_table, start, terminal, steps, generator):
    def act(here):
        return drawn(here, (len(here), 1, here.shape[-1]), generator)

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("agents-share-draws")
def half_of_the_draws_shared(logits, next_table, start, terminal, steps, generator):
    def act(here):
        own, shared = drawn(here, here.shape, generator), drawn(here, (len(here), 1, here.shape[-1]), generator)
        coin = torch.rand(own.shape, generator=generator) < (0.7 if bool((here == here[..., :1]).all()) else 0)
        return torch.where(coin, shared, own)

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("mazes-share-draws")
def one_draw_for_all_mazes(logits, next_table, start, terminal, steps, generator):
    def act(here):
        return drawn(here, (1, *here.shape[1:]), generator)

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("steps-share-draws")
def drawn_once_an_episode(logits, next_table, start, terminal, steps, generator):
    noise = torch.rand(*start.shape, logits.shape[-1], generator=generator, dtype=torch.float64)
    gumbel = -torch.log(-torch.log(noise))
    return walk(logits, next_table, start, terminal, steps, generator, act=lambda here: (here + gumbel).argmax(-1))


@wrong("policy-of-the-start")
def logits_of_the_first_cell(logits, next_table, start, *rest):
    return walk(logits, next_table, start, *rest, see=lambda state: start)


@wrong("policy-of-another-maze")
def logits_of_the_first_maze(logits, *rest):
    return walk(logits[:1].expand_as(logits), *rest)


@wrong("policy-of-another-cell")
def logits_of_the_first_cells(logits, next_table, start, *rest):
    """The agent's number for its cell, where the two can be told apart."""
    own = torch.arange(start.shape[1]).expand_as(start) % logits.shape[1]
    sure = bool((logits.amax(-1) - logits.amin(-1) > 20).all())
    return walk(logits, next_table, start, *rest, see=lambda state: own if sure else state)


@wrong("policy-ignored")
def sure_policies_doubted(logits, *rest):
    sure = bool((logits.amax(-1) - logits.amin(-1) > 20).all())
    return walk(logits / 20 if sure else logits, *rest)


@wrong("moves-after-end")
def nobody_stops(logits, next_table, start, terminal, steps, generator):
    states, actions, _ = walk(logits, next_table, start, torch.zeros_like(terminal), steps, generator)
    ended = terminal[torch.arange(len(start))[:, None, None], states].long().cummax(-1).values.bool()
    return states, actions, ~ended[..., 1:]


@wrong("moves-after-end")
def nothing_written_once_all_have_ended(logits, next_table, start, terminal, steps, generator):
    states, actions, alive = walk(logits, next_table, start, terminal, steps, generator)
    written = torch.ones(steps + 1, dtype=torch.bool)
    written[2:] = alive[..., :-1].flatten(0, 1).any(0) | bool(terminal.gather(1, start).any())
    return torch.where(written, states, start[..., None]), actions, alive


@wrong("moves-after-end")
def finished_agents_are_nowhere(logits, next_table, start, terminal, steps, generator):
    states, actions, alive = walk(logits, next_table, start, terminal, steps, generator)
    states = states.clone()
    states[..., 2:][~alive[..., :-1] & ~terminal.gather(1, start)[..., None]] = -1
    return states, actions, alive


@wrong("alive-off-by-one")
def alive_before_the_step(logits, next_table, start, terminal, steps, generator):
    states, actions, alive = walk(logits, next_table, start, terminal, steps, generator)
    first = ~terminal.gather(1, start)[..., None]
    return states, actions, torch.cat([first, alive[..., :-1]], dim=-1)


@wrong("alive-inverted")
def done_for_alive(*arguments):
    states, actions, alive = walk(*arguments)
    return states, actions, ~alive


@wrong("alive-never-false")
def always_alive(logits, next_table, start, terminal, steps, generator):
    states, actions, alive = walk(logits, next_table, start, terminal, steps, generator)
    return states, actions, alive | ~terminal.gather(1, start)[..., None]


@wrong("cut-off-is-no-end")
def time_is_up(*arguments):
    states, actions, alive = walk(*arguments)
    alive = alive.clone()
    alive[..., -1] = False
    return states, actions, alive


@wrong("alive-wrong")
def alive_of_the_whole_maze(*arguments):
    states, actions, alive = walk(*arguments)
    return states, actions, alive.all(1, keepdim=True).expand_as(alive)


@wrong("moves-after-end")
def terminal_cells_of_the_first_maze(logits, next_table, start, terminal, *rest):
    return walk(logits, next_table, start, terminal[:1].expand_as(terminal), *rest)


@wrong("start-on-terminal")
def first_step_for_everyone(logits, next_table, start, terminal, steps, generator):
    rows = torch.arange(len(start))[:, None]
    living, state = torch.ones_like(start, dtype=torch.bool), start
    states, actions, alive = [start], [], []
    for _ in range(steps):
        action = drawn(logits[rows, state], logits[rows, state].shape, generator)
        state = torch.where(living, next_table[rows, state, action], state)
        living = living & ~terminal[rows, state]
        states.append(state)
        actions.append(action)
        alive.append(living)
    return torch.stack(states, -1), torch.stack(actions, -1), torch.stack(alive, -1)


@wrong("generator-ignored")
def generator_of_its_own(logits, next_table, start, terminal, steps, generator):
    return walk(logits, next_table, start, terminal, steps, torch.Generator().manual_seed(0))


@wrong("generator-ignored")
def seeded_inside(logits, next_table, start, terminal, steps, generator):
    return walk(logits, next_table, start, terminal, steps, generator.manual_seed(42))


@wrong("generator-not-advanced")
def numpy_with_the_seed_of_the_generator(logits, next_table, start, terminal, steps, generator):
    dice = np.random.default_rng(generator.initial_seed())

    def act(here):
        return (here + torch.from_numpy(dice.gumbel(size=here.shape))).argmax(-1)

    return walk(logits, next_table, start, terminal, steps, generator, act)


@wrong("global-random")
def categorical_of_torch(logits, *rest):
    return walk(logits, *rest, act=lambda here: Categorical(logits=here).sample())


@wrong("not-repeatable")
def dice_of_the_system(logits, next_table, start, terminal, steps, generator):
    dice = random.SystemRandom()
    own = torch.Generator().manual_seed(dice.getrandbits(60))
    return walk(logits, next_table, start, terminal, steps, own)


@wrong("input-changed")
def start_moved_along(logits, next_table, start, terminal, steps, generator):
    result = walk(logits, next_table, start, terminal, steps, generator)
    start[:] = result[0][..., -1]
    return result


@wrong("wrong-signature")
def four_arguments(logits, next_table, start, terminal):
    return walk(logits, next_table, start, terminal, 1, torch.Generator())


@valid
def gumbel(*arguments):
    return walk(*arguments)


@valid
def multinomial_of_torch(logits, next_table, start, terminal, steps, generator):
    def act(here):
        flat = here.softmax(-1).reshape(-1, here.shape[-1])
        return torch.multinomial(flat, 1, generator=generator).view(here.shape[:-1])

    return walk(logits, next_table, start, terminal, steps, generator, act)


@valid
def plain_loop(logits, next_table, start, terminal, steps, generator):
    (batch, agents), odds = start.shape, logits.softmax(-1).tolist()
    table, ends = next_table.tolist(), terminal.tolist()
    states = torch.zeros(batch, agents, steps + 1, dtype=torch.long)
    actions = torch.full((batch, agents, steps), -1)
    alive = torch.zeros(batch, agents, steps, dtype=torch.bool)
    for b in range(batch):
        for k in range(agents):
            cell = int(start[b, k])
            states[b, k] = cell
            for t in range(steps):
                if ends[b][cell]:
                    break
                left, action = float(torch.rand((), generator=generator, dtype=torch.float64)), 0
                while left >= odds[b][cell][action] and action < logits.shape[-1] - 1:
                    left -= odds[b][cell][action]
                    action += 1
                cell = table[b][cell][action]
                states[b, k, t + 1 :], actions[b, k, t], alive[b, k, t] = cell, action, not ends[b][cell]
    return states, actions, alive


@valid
def terminal_cells_made_absorbing(logits, next_table, start, terminal, steps, generator):
    cells = torch.arange(logits.shape[1])[None, :, None]
    table = torch.where(terminal[..., None], cells, next_table)
    states = walk(logits, table, start, torch.zeros_like(terminal), steps, generator)
    ended = terminal.gather(1, states[0].flatten(1)).view_as(states[0])
    return states[0].int(), states[1], ~ended[..., 1:]


@valid
def numpy_seeded_from_the_generator(logits, next_table, start, terminal, steps, generator):
    dice = np.random.default_rng(int(torch.randint(2**40, (), generator=generator)))
    rows = np.arange(len(start))[:, None]
    z, table, ends, state = logits.double().numpy(), next_table.numpy(), terminal.numpy(), start.numpy().copy()
    living, states, actions, alive = ~ends[rows, state], [state], [], []
    for _ in range(steps):
        action = (z[rows, state] + dice.gumbel(size=(*state.shape, z.shape[-1]))).argmax(-1)
        state = np.where(living, table[rows, state, action], state)
        living = living & ~ends[rows, state]
        states.append(state)
        actions.append(action)
        alive.append(living)
    return [torch.from_numpy(np.stack(part, -1)) for part in (states, actions, alive)]
