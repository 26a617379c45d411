# %% [markdown] name="title"
# # Learning-rate mode shifts
#
# A network has learned its training set by heart and knows nothing else. Raise the learning rate and it may begin to
# generalise: at once, or never, or after it has forgotten everything. In this notebook you train such networks in seconds,
# change one thing at a time, and find out which of two rates it was that you changed.
#
# Each exercise has a stub, a check and three hints. A check names your mistake; it does not show you the answer.
# The experiments run on *your* functions. Where a check has not passed yet they take the library's and say so, so you can
# skip an exercise and still see its result.
#
# The text that goes with this is the chapter page of the book, under the same headings.
# Before each experiment the notebook asks what will come out. **Say how sure you are**, with the sliders; without them type
# `predict("id", 0.7)`. Your last word counts until a result is shown. Then you see how you did.

# %% name="setup"
import inspect
import math
from typing import Any

import torch
from torch import Tensor, nn

from chisel.core.estimates import Estimate
from chisel.core.plotting import show
from chisel.core.results import load_result
from chisel.core.scale import chosen_scale

torch.set_num_threads(1)  # small models: more threads only get in each other's way
scale = chosen_scale()  # laptop, or gpu where a GPU is found; CHISEL_SCALE=laptop or gpu overrides it

# %% name="setup-chapter"
from collections.abc import Callable

from chisel.journal.asking import ask
from chisel.journal.predictions import predict, reveal, seal
from chisel.lr_mode_shift import candidates, checks, claims, figures
from chisel.lr_mode_shift.explorer import phase_explorer
from chisel.lr_mode_shift.records import Attribution, History, ShiftMetrics, TwoByTwo
from chisel.lr_mode_shift.workbench import live

# %% [markdown] name="addition"
# ## Addition modulo p
#
# All pairs of numbers below p, and their sums modulo p. Some are for training; the rest are the questions.

# %% [markdown] name="make_split-header"
# ### Exercise 1: a split
#
# **You will be able to** divide data so that nothing leaks, nothing is lost, and the same seed gives the same split anywhere.

# %% exercise="chisel.lr_mode_shift.addition:make_split" name="make_split" difficulty=1 minutes=15 points=1

# %% [markdown] name="make_split-hints" hints=true
# Make all pairs first, in any order. What do you have to shuffle, and what may you not use for it?
# ---
# Shuffle row numbers with a generator of your own, made from the seed. Then both sets are slices of one order, so that they
# cannot overlap.
# ---
# `pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))`; the third column is `pairs.sum(1) % p`. Then
# `torch.randperm(p * p, generator=torch.Generator().manual_seed(seed))`, and cut it at `int(fraction * p * p)`.

# %% name="make_split-use"
train_rows, val_rows = check_make_split.yours_or_library()(p=31, fraction=0.6, seed=0)
print(f"{len(train_rows)} pairs to train on, {len(val_rows)} to ask")
a, b, c = train_rows[0].tolist()
print(f"the first: {a} + {b} = {c} modulo 31" if (a + b) % 31 == c else "the first row is no addition")

# %% [markdown] name="adamw"
# ## One step of AdamW
#
# The rate stands in two places. Write the step so that each can be raised without the other.

# %% [markdown] name="adamw_step-header"
# ### Exercise 2: AdamW for many networks
#
# **You will be able to** say what a learning rate multiplies, and to take it apart.

# %% exercise="chisel.lr_mode_shift.optimiser:adamw_step" name="adamw_step" difficulty=3 minutes=35 points=3

# %% [markdown] name="adamw_step-hints" hints=true
# Do it for one number on paper: the two running means, their bias corrections, the step, the decay. Then ask of each of the
# three rates that come in where it belongs.
# ---
# Moments never see the decay. The decay shrinks the weights as they were before the step. What differs between the three
# modes is only which rate multiplies the gradient's part and which the decay. A rate with one value a member needs the shape
# `[M, 1, 1]` beside a weight `[M, a, b]`.
# ---
# `mean = b1 * mean + (1 - b1) * g`; `square = b2 * square + (1 - b2) * g**2`; with `t` steps made, this one included,
# `p * (1 - decay_rate * weight_decay) - gradient_rate * (mean / (1 - b1**t)) / ((square / (1 - b2**t)).sqrt() + eps)`.
# Return new dicts; change nothing that came in.

# %% [markdown] name="schedule"
# ## Changing the rate, and nothing else

# %% [markdown] name="lr_at-header"
# ### Exercise 3a: the rate of a step
#
# **You will be able to** say which step is the first at the new rate.

# %% exercise="chisel.lr_mode_shift.schedule:lr_at" name="lr_at" difficulty=1 minutes=5 points=1

# %% [markdown] name="lr_at-hints" hints=true
# Write down the rates of five steps with a switch at step 3.
# ---
# It depends on the step and the switch only through one comparison; it is not multiplied again at each step.
# ---
# The new rate is `base * multiplier`, for every step that is at least `switch_step`.

# %% [markdown] name="set_lr-header"
# ### Exercise 3b: tell the optimiser
#
# **You will be able to** change a rate in the middle of a training without starting anything anew.

# %% exercise="chisel.lr_mode_shift.schedule:set_lr" name="set_lr" difficulty=1 minutes=5 points=1

# %% [markdown] name="set_lr-hints" hints=true
# An optimiser may treat parts of a network differently. Where does it keep what it does with each?
# ---
# `optimizer.defaults` is read when a group is added, and never again. Making a new optimiser forgets its moments.
# ---
# Walk through `optimizer.param_groups` and set the entry `"lr"` of each.

# %% [markdown] name="train-header"
# ### Exercise 4: train, and look without touching
#
# **You will be able to** measure a network after every step and have it train as if you had not.

# %% exercise="chisel.lr_mode_shift.training:train" name="train" difficulty=3 minutes=40 points=3

# %% [markdown] name="train-hints" hints=true
# Write the loop without any measurement first. Then ask what a measurement could disturb: the mode, the gradients, the
# random numbers of dropout.
# ---
# Measure *before* each step, and once more after the last. Remember the mode of every module and put it back; evaluation
# mode draws no random numbers. One optimiser makes all steps.
# ---
# `modes = [(m, m.training) for m in model.modules()]`, `model.eval()`, measure under `torch.no_grad()`, put the modes back.
# Then set the rate of every group to `schedule(step)`, take `data[0]` or `data[0][order[step]]`, and step. Accuracies and
# losses go into four tensors in double precision.

# %% [markdown] name="one-run-predict"
# **Predict**: at the switch, training accuracy is 1 and validation accuracy near chance. One run goes on as before, the other
# at fifty times the rate. After 150 more steps, which has generalised? And what does training accuracy do at the switch?

# %% name="train-drop-ask" tags=["nbval-ignore-output"]
ask("train-drop", "fifty-faster")

# %% name="train-use"
written = check_make_split.yours_or_library(), check_lr_at.yours_or_library(), check_train.yours_or_library()
single = live.one_run_live(*written)
for run, found in live.one_run_table(single):
    print(f"{run:24} {found}")

# %% name="train-figure" tags=["nbval-ignore-output"]
show(live.one_run_figure(single), "one-run")

# %% [markdown] name="reading"
# ## Reading two curves

# %% [markdown] name="shift_metrics-header"
# ### Exercise 5: what the two curves do
#
# **You will be able to** tell two curves that rise together from two that are merely near each other.

# %% exercise="chisel.lr_mode_shift.measurements:shift_metrics" name="shift_metrics" difficulty=3 minutes=30 points=3

# %% [markdown] name="shift_metrics-hints" hints=true
# Cut both curves at the switch first; what comes before matters to nothing. Then find where training accuracy is lowest.
# ---
# Gap and r are read from that minimum to the end. Try the outcomes in the order of the list, and stop at the first.
# ---
# `low = int(train.argmin())` after `train = train_acc[switch_step:]`; `drop = train[0] - train[low]`. For val-collapse compare
# `val` with its own `cummax`. Where one of the two is constant r is `float("nan")`, and then it is not above .8.

# %% [markdown] name="stack"
# ## Many runs as one

# %% [markdown] name="stacked_forward-header"
# ### Exercise 6: many networks at once
#
# **You will be able to** train a grid of settings in the time of a few, with no network seeing another.

# %% exercise="chisel.lr_mode_shift.stacked:stacked_forward" name="stacked_forward" difficulty=2 minutes=20 points=2

# %% [markdown] name="stacked_forward-hints" hints=true
# Write it for one network, with tables that are looked up. Which axis do the tables get, and which the pairs?
# ---
# Row m of `a` looks things up in table m and in no other. An index of shape [M, 1] beside one of shape [M, N] does that.
# ---
# `member = torch.arange(M)[:, None]`; `params["left"][member, a]` is [M, N, h]. Add the other, square, and multiply by
# `params["out"]`: `@` takes the leading axis as a batch.

# %% [markdown] name="grid-predict"
# **Predict** for 10, 50 and 300 times the rate, three networks each: what does the switch do to training accuracy, and how
# many generalise within 500 steps?

# %% name="stacked_forward-use" tags=["nbval-ignore-output"]
grid = live.grid_live(check_stacked_forward.yours_or_library(), check_adamw_step.yours_or_library(), scale)
for multiplier, found in live.grid_table(check_shift_metrics.yours_or_library(), grid):
    print(f"{multiplier:6} {found}")

# %% name="grid-figure" tags=["nbval-ignore-output"]
show(live.curves_figure(grid), "grid")

# %% [markdown] name="switch"
# ## What the switch does
#
# These were quadratic networks. The source's was most likely a transformer. Over seeds, with the controls:

# %% name="drop-figure" tags=["nbval-ignore-output"]
reveal("train-drop")
show(figures.drop.figure(load_result(claims.TRAIN_DROP)), "train-drop")

# %% [markdown] name="tandem-predict"
# **Predict**: where training accuracy fell, do both curves then rise together? At which rates?

# %% name="tandem-ask" tags=["nbval-ignore-output"]
ask("tandem", "ten-never", "two-transitions")

# %% name="tandem-figure" tags=["nbval-ignore-output"]
reveal("tandem", "ten-never", "two-transitions")
show(figures.tandem.figure(load_result(claims.TANDEM)), "tandem")

# %% name="sooner-figure" tags=["nbval-ignore-output"]
reveal("fifty-faster")
show(figures.sooner.figure(load_result(claims.FIFTY_FASTER)), "sooner")

# %% [markdown] name="explorer-header"
# When to switch, and how far? **Find** a multiplier that speeds up the transformer after it has memorised and ruins it before.
# And is there one at which all three networks generalise?

# %% name="explorer" tags=["nbval-ignore-output"]
phase_explorer()

# %% [markdown] name="attribution"
# ## Rate or decay
#
# In AdamW whoever raises the rate raises the decay. Four groups of runs take them apart.

# %% [markdown] name="attribute-header"
# ### Exercise 7: whose doing was it?
#
# **You will be able to** compare times of which some were never reached, without leaving those out.

# %% exercise="chisel.lr_mode_shift.attribution:attribute" name="attribute" difficulty=3 minutes=30 points=3

# %% [markdown] name="attribute-hints" hints=true
# A run that never got there took *at least* as long as it was watched. What is the smallest gain that it can have had?
# ---
# Put every run on the scale `log2(horizon / steps)`, with steps no longer than the horizon. Effects are differences of these,
# seed by seed; only then take means over seeds. A bootstrap sample draws seeds, not runs.
# ---
# `gained = torch.log2(horizon / steps.clamp(1, horizon))` is [rate, decay, S]. The rate's effect is
# `(gained[1] - gained[0]).mean(0)`, the decay's `(gained[:, 1] - gained[:, 0]).mean(0)`. Draw
# `torch.randint(S, (2000, S), generator=...)`, index, average, and take the 2.5 and 97.5 % quantiles.

# %% [markdown] name="attribute-predict"
# **Predict** for the transformer: which of the two makes it generalise sooner, the higher rate or the higher decay?

# %% name="rate-or-decay-ask" tags=["nbval-ignore-output"]
ask("rate-or-decay", "fresh-start")

# %% name="attribute-use" tags=["nbval-ignore-output"]
reveal("rate-or-decay")
for architecture, found in live.attribution_table(check_attribute.yours_or_library()):
    print(f"{architecture:12} {found}")

# %% name="attribute-figure" tags=["nbval-ignore-output"]
show(figures.attribution.figure(load_result(claims.RATE_OR_DECAY)), "rate-or-decay")

# %% name="fresh-figure" tags=["nbval-ignore-output"]
reveal("fresh-start")
show(figures.fresh.figure(load_result(claims.FRESH_START)), "fresh-start")

# %% [markdown] name="probe"
# ## What the network computes
#
# Accuracy says whether answers are right. How much of what a network says is *about the sum* at all?

# %% [markdown] name="symmetrised_logits-header"
# ### Exercise 8: the part that is addition
#
# **You will be able to** split a network's answers into what follows from the rule and what does not.

# %% exercise="chisel.lr_mode_shift.measurements:symmetrised_logits" name="symmetrised_logits" difficulty=2 minutes=20 points=2

# %% [markdown] name="symmetrised_logits-hints" hints=true
# Which entries of the cube must be equal in a network that knows nothing but the sum? How many such groups are there, and how
# many entries has each?
# ---
# Number each entry by `(a + b - c) % p`. Average within each group, and write the average back everywhere.
# ---
# `group = (n[:, None, None] + n[:, None] - n) % p` with `n = torch.arange(p)`; `torch.zeros(p).index_add(0, group.flatten(),
# logits.flatten()) / p**2` are the means, and indexing them with `group` writes them back. Mind the dtype of the zeros.

# %% [markdown] name="collapse-predict"
# **Predict**: full batches, and a switch to fifty times the rate. Validation accuracy shoots up. Does it stay?

# %% name="val-collapse-ask" tags=["nbval-ignore-output"]
ask("val-collapse")

# %% name="symmetrised_logits-use" tags=["nbval-ignore-output"]
seal("val-collapse")
collapse = live.collapse_live(check_symmetrised_logits.yours_or_library(), scale)
show(live.curves_figure(collapse), "collapse")

# %% name="probe-figure" tags=["nbval-ignore-output"]
show(live.curves_figure(collapse, ("train_acc", "val_acc", "general")), "probe")

# %% name="collapse-figure" tags=["nbval-ignore-output"]
reveal("val-collapse")
show(figures.collapse.figure(load_result(claims.VAL_COLLAPSE)), "val-collapse")

# %% [markdown] name="classic"
# ## At full size
#
# p = 113 and a transformer of width 128, as in most work on grokking. Nothing here is trained live.

# %% name="classic-size-ask" tags=["nbval-ignore-output"]
ask("classic-size")

# %% name="classic-figure" tags=["nbval-ignore-output"]
reveal("classic-size")
show(figures.classic.figure(load_result(claims.CLASSIC_SIZE)), "classic-size")

# %% [markdown] name="bug"
# ## The silent bug
#
# Curves are noisy, so one smooths them. One thing about this function is wrong.

# %% name="bug-source"
print(inspect.getsource(candidates.buggy_curve))

# %% [markdown] name="fixed_curve-header"
# ### Exercise 9a: find it
#
# **You will be able to** see what an innocent average does to a sudden event.

# %% exercise="chisel.lr_mode_shift.silent_bug:fixed_curve" name="fixed_curve" difficulty=2 minutes=20 points=2

# %% [markdown] name="fixed_curve-hints" hints=true
# Smooth a curve that is 1 up to the switch and 0 after it. What should come out, and what does?
# ---
# A point may reach back over the last `window` measurements, but not into another regime. Which side does the measurement
# *at* the switch belong to? It was made before the first step at the new rate.
# ---
# For `t > switch_step` the measurements begin at `max(switch_step + 1, t + 1 - window)`, for the others at
# `max(0, t + 1 - window)`.

# %% name="fixed_curve-use" tags=["nbval-ignore-output"]
mended = check_fixed_curve.yours_or_library()
example = candidates.example("wide-window", seed=0)
show(live.smoothed_figure({"as found": candidates.buggy_curve, "mended": mended}, *example), "silent-bug")

# %% [markdown] name="hidden_by-menu"
# As found, it turns a crash into a gentle slope. Which of these settings would have hidden the bug?

# %% name="bug-menu"
for name, meaning in candidates.SETTINGS.items():
    print(f"{name:18} {meaning}")

# %% [markdown] name="hidden_by-header"
# ### Exercise 9b: what would have hidden it?
#
# **You will be able to** say of a setting which faults it cannot show, before you trust its result.

# %% exercise="chisel.lr_mode_shift.silent_bug:hidden_by" name="hidden_by" difficulty=2 minutes=15 points=2

# %% [markdown] name="hidden_by-hints" hints=true
# The bug mixes two regimes. When is there nothing to mix?
# ---
# When a point is a mean of one measurement; when both regimes look alike; when there is only one; and when one looks only
# where no window reaches back to the switch.
# ---
# Four of the ten settings hide it. You can measure it: `candidates.curve_difference(your_function, setting, seed=0)` is zero
# where both functions agree.

# %% name="hidden_by-use"
hiding = check_hidden_by.yours_or_library()()
for name in candidates.SETTINGS:
    apart = "apart" if candidates.curve_difference(mended, name, seed=0) > 0 else "alike"
    print(f"{name:18} curves {apart}{'   named as hiding it' if name in hiding else ''}")

# %% [markdown] name="verdicts"
# ## The verdicts
#
# What the stored results say, claim by claim. The book shows each criterion; `chisel claims` lists them, and
# `chisel claims ID --force` measures one again on your machine.

# %% name="verdict-table"
for claim in claims.CLAIMS:
    print(f"{load_result(claim).verdict:20} {claim.title}")
