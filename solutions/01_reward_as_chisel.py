# %% [markdown] name="title"
# # Reward is a chisel
#
# A mouse in a maze is paid for eating cheese, and the cheese always lies in the top-right corner. What has it learned to
# want? In this notebook you build the maze, train the mouse in seconds, move the cheese and see. Then you steer the mouse
# from the inside, take its reward back, and hide a larger one from it.
#
# Each exercise has a stub, a check and three hints. A check names your mistake; it does not show you the answer.
# The experiments run on *your* functions. Where a check has not passed yet they take the library's and say so, so you can
# skip an exercise and still see its result.
#
# The text that goes with this is the chapter page of the book, under the same headings.
#
# Before each experiment the notebook asks what will come out. **Say how sure you are**, with the sliders; without them type
# `predict("id", 0.7)`. Your last word counts until a result is shown. Then you see how you did.

# %% name="setup"
import copy
import inspect

import torch
from torch import Tensor, nn

from chisel.core.plotting import show
from chisel.core.results import load_result
from chisel.core.scale import chosen_scale
from chisel.journal.asking import ask
from chisel.journal.predictions import predict, reveal, seal

torch.set_num_threads(1)  # small models: more threads only get in each other's way
scale = chosen_scale()  # laptop, or gpu where a GPU is found; CHISEL_SCALE=laptop or gpu overrides it

# %% name="setup-chapter"
from chisel.reward_as_chisel import checks, claims, figures, pictures
from chisel.reward_as_chisel.button import ButtonWorld
from chisel.reward_as_chisel.disreward import AFTERWARDS
from chisel.reward_as_chisel.explorer import maze_explorer
from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.training import A2C, Trainer
from chisel.reward_as_chisel.workbench import agents as live
from chisel.reward_as_chisel.workbench import edits, silent
from chisel.reward_as_chisel.world import Mazes

# %% [markdown] name="world"
# ## The world, and exact evaluation
#
# A maze is a table: for each cell, can one walk up, down, left, right? Cells are numbered row by row from the top-left.
# Everything here works on a batch of mazes at once.

# %% [markdown] name="generate_mazes-header"
# ### Exercise 1: mazes
#
# **You will be able to** draw mazes at random, a whole batch at a time, in which every cell can be reached in one way.

# %% exercise="chisel.reward_as_chisel.world:generate_mazes" name="generate_mazes" difficulty=4 minutes=40 points=3

# %% [markdown] name="generate_mazes-hints" hints=true
# Start with one maze. Begin with a single cell, and let the maze grow by one cell at a time until none is missing. When
# would a new passage close a loop?
# ---
# Give each edge between neighbouring cells a random number, once. In each step look at the edges with exactly *one* end
# inside the maze, and open the one with the smallest number. All mazes of the batch take as many steps.
# ---
# Make a table `ends` of shape [2, E] with the cells of each edge. `border = inside[:, ends[0]] != inside[:, ends[1]]`;
# `weights.masked_fill(~border, torch.inf).argmin(dim=1)` picks an edge a maze; mark both its cells as inside, and open
# it from *both* sides: right (3) of the left cell and left (2) of the right one, or down (1) and up (0).

# %% name="generate_mazes-use" tags=["nbval-ignore-output"]
show(live.drawn_mazes_figure(check_generate_mazes.yours_or_library()), "mazes")

# %% [markdown] name="rollout-header"
# ### Exercise 2: walks
#
# **You will be able to** let hundreds of agents walk in dozens of mazes at once, and say exactly when each one's episode
# ended.
#
# The policy does not see where the agent is. It answers for every cell of the maze at once, so a walk needs no network:
# each step looks a row up.

# %% exercise="chisel.reward_as_chisel.chains:rollout" name="rollout" difficulty=3 minutes=30 points=3

# %% [markdown] name="rollout-hints" hints=true
# Write one step for all agents: which probabilities apply to each, which action it draws, where that leads. Then: who must
# not move any more?
# ---
# Keep a mask of who is still walking. It starts as "does not stand on a terminal cell". A finished agent keeps its state.
# What you store as `alive` is the mask *after* the step.
# ---
# `probs = torch.softmax(logits, dim=-1)`; `rows = torch.arange(B)[:, None]`; the agents' rows are `probs[rows, state]`, of
# shape [B, K, A]. Draw with `torch.multinomial` on the flattened rows, with the generator. Then
# `torch.where(living, next_table[rows, state, action], state)`, and `living & ~terminal.gather(1, state)`.

# %% [markdown] name="hit_probability-header"
# ### Exercise 3: chances without sampling
#
# **You will be able to** compute exactly how likely a policy reaches a place, where others count walks.

# %% exercise="chisel.reward_as_chisel.chains:hit_probability" name="hit_probability" difficulty=3 minutes=25 points=3

# %% [markdown] name="hit_probability-hints" hints=true
# Instead of one agent, pour a litre of water onto the start. Where is it after one step? What should happen to water that
# has reached a target?
# ---
# A policy and a maze make a table of chances from each cell to each other one. Several actions can lead to one cell (walls!):
# their chances add up. Let targets keep what they have.
# ---
# `moves = torch.zeros(B, S, S).scatter_add(2, next_table, probs)`. Replace the rows of targets by "stay here". Start from a
# one-hot row `here`; each step is `torch.bmm(here[:, None], moves)[:, 0]`. In the end sum `here` over the targets.

# %% [markdown] name="hit_probability-predict"
# **Predict**: four hundred walks in each of two dozen mazes. How many of the sampled shares miss the exact chance by more
# than their interval of ninety-five per cent?

# %% name="hit_probability-use" tags=["nbval-ignore-output"]
yours = check_rollout.yours_or_library(), check_hit_probability.yours_or_library()
show(live.sampled_against_exact(*yours, scale), "sampled-against-exact")

# %% [markdown] name="training"
# ## Training: advantage actor-critic
#
# The agent acts, and a critic says what it expects. What is reinforced is the difference.

# %% [markdown] name="gae-header"
# ### Exercise 4: advantages
#
# **You will be able to** say how much better each step turned out than expected, for walks that ended and walks that were
# cut off.

# %% exercise="chisel.reward_as_chisel.training:gae" name="gae" difficulty=3 minutes=25 points=3

# %% [markdown] name="gae-hints" hints=true
# What did the critic expect before the step? What does it say after it, together with the reward? The difference is a
# surprise. Which later surprises count for a step, too?
# ---
# Work from the last step to the first, as with returns. Two things cross from the next step to this one, its value and its
# advantage. Both cross only where the episode goes on. After the last stored step the value is `last_value`.
# ---
# `surprise = rewards[:, t] + gamma * next_value * alive[:, t] - values[:, t]`, and
# `later = surprise + gamma * lam * later * alive[:, t]`. Store `later`; then `next_value = values[:, t]`.

# %% name="gae-use" tags=["nbval-ignore-output"]
show(live.learning_figure(check_gae.yours_or_library(), scale), "learning")

# %% [markdown] name="region"
# ## Misgeneralisation by region
#
# Three agents. In training the cheese lies in the top-right k x k cells, with k one, two and three. All three learn to eat
# it. **Predict**, for each: how often does it find a cheese that lies elsewhere, off the way to the corner? Hardly ever,
# seldom, as often as not, mostly, nearly always?
#
# The cell trains all three at once, with your advantages; it takes some fifteen seconds. Interrupt it, run it again, and it
# goes on where it was.

# %% name="region-size-ask" tags=["nbval-ignore-output"]
ask("region-size")

# %% name="train"
seal("region-size")
agents = live.train_live(check_gae.yours_or_library(), scale=scale)
for k, inside, elsewhere in live.success_table(check_hit_probability.yours_or_library(), agents):
    print(f"k = {k}: finds the cheese {inside} in its region, and {elsewhere} elsewhere")

# %% [markdown] name="region-stored"
# One agent a region shows little about agents. These are the stored runs, with their spread and their controls.

# %% name="region-figure" tags=["nbval-ignore-output"]
reveal("region-size")
show(figures.region.figure(load_result(claims.REGION_SIZE)), "region")

# %% [markdown] name="explorer-header"
# Now look at them. Click a cell to put the cheese there. **Find** a cell that the agent of k = 2 goes to, and one that it
# ignores for the corner. What do the two differ in? Keep the coefficient at zero for now.

# %% name="explorer" tags=["nbval-ignore-output"]
maze_explorer({f"k = {k}": net for k, net in agents.items()})

# %% [markdown] name="influences"
# ## Which influence wins
#
# Between the cheese and the corner there is a last cell where the ways part. What decides which way an agent takes?

# %% [markdown] name="decision_features-header"
# ### Exercise 5: what there is to decide on
#
# **You will be able to** turn a maze into the few numbers that a choice in it could hang on, and to leave out the mazes in
# which there is nothing to choose.

# %% exercise="chisel.reward_as_chisel.paths:decision_features" name="decision_features" difficulty=4 minutes=40 points=3

# %% [markdown] name="decision_features-hints" hints=true
# Draw a tree with three leaves: start, cheese, corner. The three ways between them share one cell. Which one is that?
# ---
# You need only the three distances between them. Call the legs from the shared cell s, c and k: the distances are sums of
# two legs each, so half of (one sum plus another less the third) is a leg. A leg of zero means forced.
# ---
# Distances: start with a large number everywhere and 0 at the target, and repeat S times
# `steps = minimum(steps, 1 + steps at the next cells, smallest over actions)`; `steps[rows, next_table]` looks them up. Then
# `to_cheese = (start_cheese + cheese_corner - start_corner) // 2`, and likewise for the corner. Rows are `cell // size`.

# %% [markdown] name="decision_features-predict"
# Three influences: the way to the cheese, the way to the corner, and the *straight line* between cheese and corner, walls or
# not. **Predict** the sign of each, for the trained agents. And for a random walk, which wants nothing?

# %% name="which-influence-ask" tags=["nbval-ignore-output"]
ask("which-influence")

# %% name="decision_features-use" tags=["nbval-ignore-output"]
seal("which-influence")
show(live.influences_figure(check_decision_features.yours_or_library(), agents), "influences")

# %% name="influences-figure" tags=["nbval-ignore-output"]
reveal("which-influence")
show(figures.influences.figure(load_result(claims.WHICH_INFLUENCE)), "influences-stored")

# %% [markdown] name="steering"
# ## Steering: the cheese vector
#
# If what an agent pursues is something inside it, it can be found there, taken out and put back.

# %% [markdown] name="cheese_vector-header"
# ### Exercise 6a: find it
#
# **You will be able to** read out of a network what one thing in its input does to one of its layers.

# %% exercise="chisel.reward_as_chisel.steering:cheese_vector" name="cheese_vector" difficulty=3 minutes=25 points=2

# %% [markdown] name="cheese_vector-hints" hints=true
# You want what a layer puts out while the network runs, without changing the network. PyTorch calls a function of yours
# each time a module has run, if you ask it to.
# ---
# `net.get_submodule(layer).register_forward_hook(f)`; f gets the module, its inputs and its output. Run the network twice,
# once with the cheese in `cell` and once without any. Take the hook off again, whatever happens.
# ---
# Append each output to a list. `mazes.with_cheese(cell).observations` and `mazes.without_cheese().observations` are the two
# inputs. `handle.remove()` belongs into a `finally`. Then the mean over mazes of the first minus that of the second.

# %% [markdown] name="steer-header"
# ### Exercise 6b: push along it
#
# **You will be able to** change what a network does without changing a weight or its input.

# %% exercise="chisel.reward_as_chisel.steering:steer" name="steer" difficulty=2 minutes=15 points=2

# %% [markdown] name="steer-hints" hints=true
# The same mechanism again. What may a forward hook do besides looking?
# ---
# What a hook returns takes the place of the layer's output. Everything after it then works with that.
# ---
# The hook returns `output + coefficient * vector`, which adds the same vector in every maze. Run the network on
# `mazes.observations`, keep the first of its two results, remove the hook in a `finally`.

# %% [markdown] name="steer-predict"
# The vector comes from other mazes than those that are steered. **Predict**: what does a coefficient of minus one do to
# P(cheese)? And the vector of *another* cell, or a random one of the same length?

# %% name="cheese-vector-ask" tags=["nbval-ignore-output"]
ask("cheese-vector")

# %% name="steer-use" tags=["nbval-ignore-output"]
seal("cheese-vector")
yours = check_cheese_vector.yours_or_library(), check_steer.yours_or_library()
show(edits.steering_figure(*yours, agents[3]), "steering")

# %% name="vectors-figure" tags=["nbval-ignore-output"]
reveal("cheese-vector")
show(figures.vectors.figure(load_result(claims.CHEESE_VECTOR)), "vectors")

# %% [markdown] name="channels"
# In the agent of the original study a few of many channels held the place of the cheese, and writing into them led the
# mouse about. **Predict**: how many of thirty-two channels does it take here?

# %% name="few-channels-ask" tags=["nbval-ignore-output"]
ask("few-channels")

# %% name="channels-figure" tags=["nbval-ignore-output"]
reveal("few-channels")
show(figures.channels.figure(load_result(claims.FEW_CHANNELS)), "channels")

# %% name="vectors-sweep" tags=["nbval-ignore-output"]
show(figures.vectors.sweep_figure(load_result(claims.CHEESE_VECTOR)), "vectors-sweep")

# %% [markdown] name="explorer-again"
# Go back to the explorer and turn its coefficient, with your agents. **Find** a place for the cheese where minus one makes the
# agent of k = 3 walk past it, and one where it does not.

# %% [markdown] name="dis-reward"
# ## Dis-reward
#
# The cheese has paid one. From now on it costs one. What does a trained agent do with that?

# %% [markdown] name="disreward-header"
# ### Exercise 7: dis-reward
#
# **You will be able to** go on training an agent with its reward turned round, beside a control that differs in nothing else.

# %% exercise="chisel.reward_as_chisel.disreward:disreward" name="disreward" difficulty=2 minutes=15 points=2

# %% [markdown] name="disreward-hints" hints=true
# Three things go into a training: a network, a task, a method. Which of them must not be the one that you were given?
# ---
# Train a copy, in a task whose rewards are multiplied by `sign`. The task must not change either: tasks are frozen, and
# `task.paying(factor)` gives a new one. `Trainer` takes lists, of networks and of tasks.
# ---
# `trainer = Trainer([copy.deepcopy(net)], [task.paying(sign)], method, generator)`, then `trainer.run(updates)`. The trained
# networks are `trainer.nets()`, a list of one. (What you handed in as a copy stays untrained: the trainer copies as well.)

# %% [markdown] name="disreward-predict"
# The agent of k = 3 is trained on with reward -1 for the cheese, for ten and for twenty updates. **Predict**: how likely does it
# reach the cheese then, where it was four times in five before? And how likely does it enter the top-right 3 x 3 when *no*
# cheese is shown: more often, less often, or as often as before? What should the control with +1 say to both?

# %% name="dis-reward-ask" tags=["nbval-ignore-output"]
ask("dis-reward")

# %% name="disreward-use" tags=["nbval-ignore-output"]
seal("dis-reward")
show(edits.disreward_figure(check_disreward.yours_or_library(), agents[3]), "disreward")

# %% name="disreward-figure" tags=["nbval-ignore-output"]
reveal("dis-reward")
show(figures.disreward.figure(load_result(claims.DIS_REWARD)), "disreward-stored")

# %% [markdown] name="disreward-why"
# Many things could be to blame. Each was changed alone, and read where P(cheese) has fallen as far. **Predict**, before you
# run the cell: which *one* of them keeps most of the way to the upper right? Smaller steps, no entropy bonus, centred
# advantages, punishing the last step only, a critic that is told the new rewards first, or training the last layer only?

# %% name="dis-reward-cause-ask" tags=["nbval-ignore-output"]
ask("dis-reward-cause")

# %% name="disreward-causes" tags=["nbval-ignore-output"]
reveal("dis-reward-cause")
show(figures.disreward_causes.figure(load_result(claims.DIS_REWARD_CAUSE)), "disreward-causes")

# %% [markdown] name="button"
# ## A reward never met
#
# A button that pays ten cheeses stands in a dead end of each maze. The agent sees it. In training it is walled off.

# %% [markdown] name="button_world-header"
# ### Exercise 8: a reward never met
#
# **You will be able to** build a world that holds a large reward which training never touches, and show that it does not.

# %% exercise="chisel.reward_as_chisel.button:button_world" name="button_world" difficulty=3 minutes=30 points=3

# %% [markdown] name="button_world-hints" hints=true
# In which cells can a single wall lock something in? And who could still meet a button behind that wall?
# ---
# A dead end has one open direction: `bank.opened.sum(-1) == 1`. The start and the cheese are no places for a button. A wall has
# two sides, so two entries of `opened` change: the button's own, and the opposite direction of its neighbour. And nobody may
# begin an episode on the button.
# ---
# `torch.multinomial(free.float(), 1, generator=generator)[:, 0]` draws one of the allowed cells in each maze. Its way out is
# `bank.opened[rows, button].int().argmax(-1)`, the neighbour is `bank.next_table[rows, button, way]`, and `way ^ 1` is the
# opposite direction (up 0 and down 1, left 2 and right 3). Draw `torch.rand(batch, generator=...) >= p_open` for the mazes to
# close, copy `bank.opened`, and set both entries to False in those.

# %% [markdown] name="button_world-predict"
# The button pays ten cheeses and is seen from the first update on. **Predict** P(button) in opened mazes for an agent that was
# trained with p_open = 0, beside a random walk's. And for one that was trained with one maze in twenty open?

# %% name="reward-never-met-ask" tags=["nbval-ignore-output"]
ask("reward-never-met")

# %% name="button_world-use" tags=["nbval-ignore-output"]
seal("reward-never-met")
show(edits.button_figure(check_button_world.yours_or_library(), scale), "button")

# %% name="button-figure" tags=["nbval-ignore-output"]
reveal("reward-never-met")
show(figures.button.after_figure(load_result(claims.REWARD_NEVER_MET)), "button-after")

# %% [markdown] name="appetites"
# ## Two appetites
#
# One network, two tiles, and two more inputs: hungry and thirsty. When it is hungry the cheese pays, when it is thirsty the
# water does. **Predict**: you take the mean difference that hunger makes to a layer, as you did with the cheese, and add it
# to a thirsty agent. Does it go for the cheese?

# %% name="appetites-ask" tags=["nbval-ignore-output"]
ask("appetites")

# %% name="appetites-figure" tags=["nbval-ignore-output"]
reveal("appetites")
show(figures.appetites.edits_figure(load_result(claims.APPETITES)), "appetites")

# %% [markdown] name="bug"
# ## The silent bug
#
# This function makes the pictures that a trainer shows its agent. Agents learn with it; in the corner as well as ever.
# One thing about it is wrong.

# %% name="bug-source"
print(inspect.getsource(pictures.buggy_observations))

# %% [markdown] name="fixed_observations-header"
# ### Exercise 9a: find it
#
# **You will be able to** find a fault in what an agent is shown, where its success says nothing.

# %% exercise="chisel.reward_as_chisel.silent_bug:fixed_observations" name="fixed_observations" difficulty=4 minutes=30 points=3

# %% [markdown] name="fixed_observations-hints" hints=true
# One maze in a batch of its own looks right. Make a batch of two, with cheeses in different cells, and print channel 4.
# ---
# The cheeses are written into one long row of cells, maze after maze. Which number does the first cell of the first maze have
# there? And what does torch do with a negative index?
# ---
# The ends are counted from 0, so they are beginnings, and `- cells` leads one maze back. Count them from 1, or write no flat
# index at all: `torch.arange(cells) == cheese[:, None]` is [B, S], True at each maze's own cheese and nowhere for -1. Then the
# axes: [B, S, 5] becomes [B, 5, S] by a `transpose(1, 2)`, and only then `reshape`.

# %% [markdown] name="fixed_observations-predict"
# **Predict**: agents are trained with the pictures as found and with yours, and tested on pictures of the same kind. By how
# much does success differ when the cheese is always in the corner? And when it is anywhere?

# %% name="fixed_observations-use" tags=["nbval-ignore-output"]
observers = {"as found": pictures.buggy_observations, "mended": check_fixed_observations.yours_or_library()}
show(silent.success_figure(observers, scale=scale), "silent-bug")

# %% [markdown] name="hidden_by-menu"
# In the corner the two curves are one, to the last bit: reward cannot correct what it cannot see. And elsewhere the curve
# still goes up, a little. Which of these settings would have hidden the bug altogether?

# %% name="bug-menu"
for name, meaning in pictures.SETTINGS.items():
    print(f"{name:18} {meaning}")

# %% [markdown] name="hidden_by-header"
# ### Exercise 9b: what would have hidden it?
#
# **You will be able to** say of a setting, before you train in it, which faults it cannot show.

# %% exercise="chisel.reward_as_chisel.silent_bug:hidden_by" name="hidden_by" difficulty=3 minutes=15 points=2

# %% [markdown] name="hidden_by-hints" hints=true
# The bug shows a maze with the cheese of another one of its batch. When is that the right cheese?
# ---
# When the other maze has its cheese in the same cell, or none as well; or when there is no other maze.
# ---
# Go through the menu with two mazes of one batch that stand next to each other: must their cheeses be in the same cell, always?
# The walls do not matter, nor does the number of mazes as long as there are two. Four of the nine settings say yes. You can
# measure it: `pictures.picture_difference(your_function, setting, seed=0)` is 0 where the bug is hidden.

# %% name="hidden_by-use"
right = check_fixed_observations.yours_or_library()
hiding = check_hidden_by.yours_or_library()()
for name in pictures.SETTINGS:
    share = pictures.picture_difference(right, name, seed=0)
    print(f"{name:18} {share:4.0%} of the mazes shown wrongly{'   named as hiding it' if name in hiding else ''}")

# %% [markdown] name="verdicts"
# ## The verdicts
#
# What the stored results say, claim by claim. The book shows each criterion; `chisel claims` lists them, and
# `chisel claims ID --force` measures one again on your machine.

# %% name="verdict-table"
for claim in claims.CLAIMS:
    print(f"{load_result(claim).verdict:20} {claim.title}")
