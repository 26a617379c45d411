# %% [markdown] name="title"
# # Learning-rate mode shifts
#
# A network has learned its training set by heart and knows little else. Raise its learning rate, and it may generalise:
# soon, or never, or after it has forgotten everything. In this notebook you train such networks in seconds, change one
# thing at a time, and find out that raising the rate changes two.
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
import inspect
from collections.abc import Callable
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
from chisel.journal.asking import ask
from chisel.journal.predictions import predict, reveal, seal
from chisel.lr_mode_shift import candidates, checks, claims, figures
from chisel.lr_mode_shift.explorer import phase_explorer
from chisel.lr_mode_shift.records import Attribution, History, ShiftMetrics, TwoByTwo
from chisel.lr_mode_shift.workbench import live, stored

# %% [markdown] name="addition"
# ## Addition modulo p
#
# All pairs of numbers below p, and their sums modulo p. Some are for training; the rest is for validation. p is small, so
# that a network can be asked all of them after every step.

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
print(f"{len(train_rows)} pairs to train on, {len(val_rows)} to validate on")
a, b, c = train_rows[0].tolist()
print(f"the first: {a} + {b} = {c} modulo 31" if (a + b) % 31 == c else "the first row is no addition")

# %% [markdown] name="adamw"
# ## One step of AdamW
#
# In AdamW the rate stands in two places: before the gradient's part, and before the weight decay. Write the step so that
# each can be raised without the other.

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

# %% [markdown] name="adamw_step-predict"
# **Predict**: twenty times the rate, and a weight of 1. What becomes of it in one step under each of the three modes, if
# there is no gradient? And if there is no decay?

# %% name="adamw_step-use"
step = check_adamw_step.yours_or_library()
weight, still, pull = ({"w": torch.full((1, 1), value)} for value in (1.0, 0.0, 1.0))
for decay in ("coupled", "constant", "decay_only"):
    decayed, _ = step(weight, still, {}, lr=0.02, weight_decay=1.0, decay=decay)
    pulled, _ = step(weight, pull, {}, lr=0.02, weight_decay=0.0, decay=decay)
    left = f"{decayed['w'].item():.3f} by decay alone, {pulled['w'].item():.3f} by the gradient alone"
    print(f"{decay:10} 1 becomes {left}")

# %% [markdown] name="schedule"
# ## Changing the rate, and nothing else
#
# One line changes a rate. The rest of this section is about what else it might change.

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

# %% name="set_lr-use"
rate, change = check_lr_at.yours_or_library(), check_set_lr.yours_or_library()
optimizer = torch.optim.AdamW([{"params": nn.Linear(1, 1).parameters()} for _ in range(2)])
for number in range(5):
    change(optimizer, rate(number, base=0.001, multiplier=20, switch_step=3))
    print(f"step {number}:", *(f"{group['lr']:g}" for group in optimizer.param_groups))

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
# The first network to train is the quadratic one: it adds up two looked-up vectors and squares them. It memorises, and
# validation accuracy is near chance. Then one run goes on as before, and another at fifty times the rate.
#
# **Predict**: which of the two generalises soon? And what does training accuracy do at the switch? The questions are about
# a transformer as well, which comes later.

# %% name="train-drop-ask" tags=["nbval-ignore-output"]
ask("train-drop", "fifty-faster")

# %% name="train-use"
seal("train-drop", "fifty-faster")
written = check_make_split.yours_or_library(), check_lr_at.yours_or_library(), check_train.yours_or_library()
single = live.one_run_live(*written)
for run, found in live.one_run_table(single):
    print(f"{run:24} {found}")

# %% name="train-figure" tags=["nbval-ignore-output"]
show(live.one_run_figure(single), "one-run")

# %% [markdown] name="train-look"
# Look at training accuracy to the right of the dotted line, which is the switch. Is anything lost there?

# %% [markdown] name="reading"
# ## Reading two curves
#
# Two curves that rise together: that is easily said of a picture. Here are three numbers for it, and a name for each of five
# outcomes.

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
# `val` with its own `cummax`. Where one of the two is constant r is `float("nan")`, and then it is no tandem.

# %% name="shift_metrics-use" tags=["nbval-ignore-output"]
metrics = check_shift_metrics.yours_or_library()
for multiplier, history in single.items():
    found = metrics(history.train_acc, history.val_acc, live.BASE["switch_step"])
    print(f"{multiplier:3}x  drop {found.drop:.2f}, gap {found.gap:.2f}, r {found.r:.2f}: {found.outcome}")

# %% [markdown] name="shift_metrics-doubt"
# **Doubt**: one of these runs has a smaller gap than the other. Would you call its curves "together"? At which steps are
# they close? And if there is no r, why not?

# %% [markdown] name="stack"
# ## Many runs as one
#
# One run shows what can happen. How often it happens takes a grid, and a grid is one network with an axis more.

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
# The same quadratic network, over seeds, at four rates. **Predict** for ten, fifty and three hundred times the rate: what
# does the switch do to training accuracy? And do they generalise within five hundred steps?

# %% name="stacked_forward-use" tags=["nbval-ignore-output"]
grid = live.grid_live(check_stacked_forward.yours_or_library(), check_adamw_step.yours_or_library(), scale)
for multiplier, found in live.grid_table(check_shift_metrics.yours_or_library(), grid):
    print(f"{multiplier:6} {found}")

# %% name="grid-figure" tags=["nbval-ignore-output"]
show(live.curves_figure(grid), "grid")

# %% [markdown] name="grid-look"
# The slider sets the rate. Find the one at which training accuracy falls, and see which of the two curves is back first.

# %% [markdown] name="switch"
# ## What the switch does
#
# From here on there are three networks: the quadratic one, one with a shared embedding, and a transformer of one layer. What
# follows is stored, over many seeds, because transformers take longer. First: by how much does training accuracy fall
# within the first steps, and how far above validation accuracy is it then?

# %% name="drop-figure" tags=["nbval-ignore-output"]
reveal("train-drop")
show(figures.quantities.fall_figure(load_result(claims.TRAIN_DROP)), "train-drop")

# %% [markdown] name="drop-look"
# Compare the three networks at the same multiplier. Then look at both symbols of a row: where both are far from zero, training
# accuracy fell, but not *to* validation accuracy.

# %% [markdown] name="tandem-predict"
# ### Do both then rise together?
#
# **Predict**: where a transformer's training accuracy fell, do both curves rise together afterwards? At which rates? And do
# they part again?

# %% name="tandem-ask" tags=["nbval-ignore-output"]
ask("tandem", "two-transitions", "base-uncorrelated", "ten-never")

# %% name="tandem-figure" tags=["nbval-ignore-output"]
seal("two-transitions", "base-uncorrelated", "ten-never")  # these curves show something of them, too
reveal("tandem")
show(figures.curves.figure(load_result(claims.TANDEM)), "tandem")

# %% [markdown] name="tandem-look"
# The axis is logarithmic, so that the first steps have room. Look for the steps at which the two bands leave each other and
# at which they meet; then move the slider to the rates that were reported.

# %% name="gap-figure" tags=["nbval-ignore-output"]
show(figures.quantities.gap_figure(load_result(claims.TANDEM)), "gap")

# %% [markdown] name="gap-look"
# **Doubt**: one distance, read from three parts of the same runs. Which of the three would you have quoted? A row that is
# near zero in all three may be a dead network.

# %% name="quadratic-figure" tags=["nbval-ignore-output"]
show(figures.curves.quadratic_figure(load_result(claims.TANDEM)), "quadratic")

# %% [markdown] name="quadratic-look"
# The quadratic network over seeds. See at which rate it begins to forget, and compare it with the rate that a transformer
# does not survive.

# %% name="two-figure" tags=["nbval-ignore-output"]
reveal("two-transitions")
show(figures.curves.ten_figure(load_result(claims.TWO_TRANSITIONS)), "two-transitions")

# %% [markdown] name="two-look"
# Look for a second parting: a place after the fall where training accuracy runs away from validation accuracy once more.

# %% [markdown] name="base-header"
# ### Two curves that both rise correlate

# %% name="base-figure" tags=["nbval-ignore-output"]
reveal("base-uncorrelated")
show(figures.quantities.correlation_figure(load_result(claims.BASE_UNCORRELATED)), "base-uncorrelated")

# %% [markdown] name="base-look"
# Look at the rows of the base rate. What the accuracies say and what their *changes* say are two stories. Which of them is
# about rising together?

# %% [markdown] name="sooner-header"
# ### Fifty times sooner, ten times never
#
# Now for the time that it takes. A cross with a count stands for the runs that had not generalised when they were stopped.

# %% name="sooner-figure" tags=["nbval-ignore-output"]
reveal("fifty-faster")
show(figures.times.figure(load_result(claims.FIFTY_FASTER)), "fifty-faster")

# %% [markdown] name="sooner-look"
# Compare each network's two rows. In which does the higher rate come first, and in which never?

# %% name="ten-figure" tags=["nbval-ignore-output"]
reveal("ten-never")
show(figures.times.figure(load_result(claims.TEN_NEVER)), "ten-never")

# %% [markdown] name="ten-look"
# Look for crosses at ten times the rate: it was reported never to converge.

# %% [markdown] name="order-predict"
# ### Is there a setting in which it holds?
#
# The reported network is not known. So other settings were tried, and one of them was measured over fresh seeds: a transformer
# with layer normalisation and little weight decay. **Predict**: does ten times the rate keep *this* one from generalising?

# %% name="order-ask" tags=["nbval-ignore-output"]
ask("reported-order")

# %% name="order-figure" tags=["nbval-ignore-output"]
reveal("reported-order")
show(figures.times.figure(load_result(claims.REPORTED_ORDER)), "reported-order-times")

# %% [markdown] name="order-look"
# Look at the order of the three rates, with both changes and with one alone. Each of the two sets of controls lacks one of
# them.

# %% name="order-curves" tags=["nbval-ignore-output"]
show(figures.curves.order_figure(load_result(claims.REPORTED_ORDER)), "reported-order")

# %% [markdown] name="order-doubt"
# **Doubt**: this setting was looked for until it was found. What does it show about the reported runs, and what does it not?

# %% [markdown] name="attribution"
# ## Rate or decay
#
# In AdamW whoever raises the rate raises the decay. Four groups of runs take the two apart: neither raised, either, both.

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
# `torch.randint(S, (2000, S), generator=...)`, index, average, and take the quantiles `[0.025, 0.975]`.

# %% [markdown] name="attribute-predict"
# **Predict** for the transformer: which of the two makes it forget? Which makes it generalise sooner, the higher rate or the
# higher decay? And is the answer the same for the quadratic network?

# %% name="rate-or-decay-ask" tags=["nbval-ignore-output"]
ask("rate-or-decay")

# %% name="attribute-use" tags=["nbval-ignore-output"]
reveal("rate-or-decay")
for network, found in stored.attribution_table(check_attribute.yours_or_library()):
    print(f"{network:12} {found}")

# %% [markdown] name="attribute-look"
# A halving gained means twice as soon, and *at least* that where runs are censored. The larger the interaction, the less
# sense there is in asking which of the two it was: one does more where the other is raised as well.

# %% name="effects-figure" tags=["nbval-ignore-output"]
show(figures.quantities.effects_figure(load_result(claims.RATE_OR_DECAY)), "effects")

# %% [markdown] name="effects-look"
# The library's reading of the same runs. Compare the interaction with the two effects: in which network does neither work
# alone?

# %% name="four-figure" tags=["nbval-ignore-output"]
show(figures.curves.four_figure(load_result(claims.RATE_OR_DECAY)), "rate-or-decay")

# %% [markdown] name="four-look"
# Move the slider from the rate alone to both, and then to the decay alone. Which of the three makes training accuracy fall
# at once, which slowly, and which brings it back?

# %% name="times-figure" tags=["nbval-ignore-output"]
show(figures.times.figure(load_result(claims.RATE_OR_DECAY)), "rate-or-decay-times")

# %% [markdown] name="times-look"
# **Doubt**: look at the quadratic network's rows with the rate alone and with the decay alone. What would a table have said
# that leaves out the runs which never got there?

# %% [markdown] name="fresh-predict"
# ### Is it a shift at all?
#
# Let a transformer have the raised rate from its first step on. There is nothing to forget, and no old mode to leave.
# **Predict**: what do its curves look like, beside those of a network that was switched? And what if, in place of a higher
# rate, its weights are shaken by noise?

# %% name="fresh-start-ask" tags=["nbval-ignore-output"]
ask("fresh-start")

# %% [markdown] name="explorer-header"
# When to switch, and how far? **Find** a multiplier at which the transformer falls if it is switched late, and not if it is
# switched early. Find one at which all three networks generalise. And say why a switch at step zero can never be called a
# drop.

# %% name="explorer" tags=["nbval-ignore-output"]
seal("fresh-start")
phase_explorer()

# %% name="fresh-figure" tags=["nbval-ignore-output"]
reveal("fresh-start")
show(figures.phase.figure(load_result(claims.FRESH_START)), "fresh-start")

# %% [markdown] name="fresh-look"
# Each cell names its most frequent outcome, and in how many runs it came. Read along a row, then along a column: which of the
# two choices decides more, how far or when?

# %% name="steps-figure" tags=["nbval-ignore-output"]
show(figures.phase.figure(load_result(claims.FRESH_START), "steps"), "fresh-start-steps")

# %% [markdown] name="steps-look"
# The same cells, with the median number of steps from the switch until a run had generalised. See whether those that start
# at the raised rate lose much by never having memorised at the old one. They save all the steps before the switch.

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
# **Predict**: the quadratic network, this time on full batches, and a switch to fifty times the rate. Validation accuracy
# shoots up. Does it stay up? The cell trains a few of them and asks your probe hundreds of times on the way. One that visits
# every entry in a loop of Python would take minutes; then the library's is asked, and the cell says so.

# %% name="val-collapse-ask" tags=["nbval-ignore-output"]
ask("val-collapse")

# %% name="symmetrised_logits-use" tags=["nbval-ignore-output"]
seal("val-collapse")
collapse = live.collapse_live(check_symmetrised_logits.yours_or_library(), scale)
show(live.curves_figure(collapse, ("train_acc", "val_acc", "general")), "collapse")

# %% [markdown] name="collapse-look"
# Follow validation accuracy after the switch, and training accuracy meanwhile: nothing that is trained on would have told
# you. Then follow your probe. Does it go with validation accuracy, or before it?

# %% name="collapse-figure" tags=["nbval-ignore-output"]
reveal("val-collapse")
show(figures.collapse.figure(load_result(claims.VAL_COLLAPSE)), "val-collapse")

# %% [markdown] name="stored-collapse-look"
# Over more seeds. Compare fifty times the rate with and without the decay that comes with it: what does the decay bring back?

# %% name="sizes-figure" tags=["nbval-ignore-output"]
show(figures.collapse.sizes_figure(load_result(claims.VAL_COLLAPSE)), "sizes")

# %% [markdown] name="sizes-look"
# **Doubt**: a share can fall because one part shrinks or because the other grows. Which was it here?

# %% [markdown] name="classic"
# ## At full size
#
# Modulo $113$, and a transformer of width $128$, as in most work on these networks. Nothing here is trained live. **Predict**:
# is the order of the rates the reported one, in which ten times fails and fifty times works?

# %% name="classic-size-ask" tags=["nbval-ignore-output"]
ask("classic-size")

# %% name="classic-figure" tags=["nbval-ignore-output"]
reveal("classic-size")
show(figures.curves.classic_figure(load_result(claims.CLASSIC_SIZE)), "classic-size")

# %% [markdown] name="classic-look"
# Look at the first steps after the switch, and at which curve is back first. Then imagine these curves with a point at every
# two hundredth step only: what would be left of the fall?

# %% name="classic-times" tags=["nbval-ignore-output"]
show(figures.times.classic_figure(load_result(claims.CLASSIC_SIZE)), "classic-times")

# %% [markdown] name="classic-times-look"
# Look at the base rate's row before you say how many times sooner: where it has a cross, the answer is "at least".

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

# %% [markdown] name="silent-look"
# Read the depth of the fall, and when it is over, from each curve. Both are means of true measurements.

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
# Four of the ten settings hide it. You can measure it: `candidates.curve_difference(your_function, setting, seed=0)` is zero,
# up to rounding, where both functions agree.

# %% name="hidden_by-use"
hiding = check_hidden_by.yours_or_library()()
for name in candidates.SETTINGS:
    apart = "apart" if candidates.curve_difference(mended, name, seed=0) > 0.001 else "alike"  # less is rounding
    print(f"{name:18} curves {apart}{'   named as hiding it' if name in hiding else ''}")

# %% [markdown] name="verdicts"
# ## The verdicts
#
# What the stored results say, claim by claim. The book shows each criterion; `chisel claims` lists them, and
# `chisel claims ID --force` measures one again on your machine.

# %% name="verdict-table"
for claim in claims.CLAIMS:
    print(f"{load_result(claim).verdict:20} {claim.title}")
