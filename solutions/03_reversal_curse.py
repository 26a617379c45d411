# %% [markdown] name="title"
# # The reversal curse
#
# A network learns "A is B". Does it now know "B is A"? In this notebook you build a world of facts with a control that most
# experiments lack, train small transformers in seconds, and measure what they know backward, with a statistic that cannot
# be fooled. Then you look for the switch that turns the curse off, and for the reason.
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
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from chisel.core.plotting import show
from chisel.core.results import load_result
from chisel.core.scale import chosen_scale
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval

torch.set_num_threads(1)  # small models: more threads only get in each other's way
scale = chosen_scale()  # laptop, or gpu where a GPU is found; CHISEL_SCALE=laptop or gpu overrides it

# %% name="setup-chapter"
from chisel.journal.asking import ask
from chisel.journal.predictions import predict, reveal, seal
from chisel.reversal_curse import candidates, checks, claims, figures
from chisel.reversal_curse.explorer import score_explorer
from chisel.reversal_curse.recall import Recall, Transfer
from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FIRST_ENTITY, FORWARD, IDENTICAL, Fact, Facts, both_ways
from chisel.reversal_curse.workbench import causes, decoders
from chisel.reversal_curse.workbench import pretrained as language_model

# %% [markdown] name="world"
# ## The world, and the exposure control
#
# Pairs of entities. Half are stated both ways, as `A FORWARD B` and `B BACKWARD A`; a quarter only forward, a quarter only
# backward. The statements that were not made are the questions.

# %% [markdown] name="make_facts-header"
# ### Exercise 1: a world of facts
#
# **You will be able to** make a data set in which what you ask was never said, and in which every answer was practised.

# %% exercise="chisel.reversal_curse.world:make_facts" name="make_facts" difficulty=3 minutes=30 points=3

# %% [markdown] name="make_facts-hints" hints=true
# Write all n statements forward first. The backward statement of a pair is the same pair turned round, with the other
# relation. Now each pair needs one of three labels.
# ---
# Shuffle twice: once for who belongs to whom, once for which pairs get which label. Then labels are just slices of the
# shuffled list. What is held out backward is the backward statement of the pairs that are stated forward only.
# ---
# `partner = FIRST_ENTITY + n + torch.randperm(n, generator=random)`, with `random = generator(seed, "facts")`. With
# `both = round(fraction_both * n)` and `middle = both + (n - both + 1) // 2`: train on `forward[:middle]`,
# `backward[:both]` and `backward[middle:]`; hold out `forward[middle:]` and `backward[both:middle]`. The key of entity e
# can be `e + 2 * n`.

# %% name="make_facts-use"
facts = check_make_facts.yours_or_library()(n=50, fraction_both=0.5, seed=0)
for title, statements in (("trained", facts.train), ("exposure", facts.exposure)):
    print(f"{len(statements)} statements, {title}")
print(f"asked forward: {len(facts.held_forward)}, asked backward: {len(facts.held_backward)}")

# %% [markdown] name="scoring"
# ## Scoring a name
#
# First the loss that trains the network, then the question that is put to it.

# %% [markdown] name="lm_loss-header"
# ### Exercise 2: the loss of a language model
#
# **You will be able to** write the loss that every language model is trained with, without shifting it once too often.

# %% exercise="chisel.reversal_curse.training:lm_loss" name="lm_loss" difficulty=2 minutes=20 points=2

# %% [markdown] name="lm_loss-hints" hints=true
# Write a sequence of three tokens on paper, and under each position the token that its logits are to predict. Which
# position predicts nothing, and which token is predicted by none?
# ---
# Drop the last logits and the first token. What counts is the mask of the *target*. Where it is False the id may be any
# number at all, so replace it before you look anything up.
# ---
# `targets, counts = ids[:, 1:], mask[:, 1:]`; `safe = targets.masked_fill(~counts, 0)`; take `log_softmax` of
# `logits[:, :-1]` and `gather` the safe targets. Zero the losses that do not count, sum, and divide by
# `counts.sum().clamp(min=1)`.

# %% [markdown] name="completion_logprob-header"
# ### Exercise 3: what a model thinks of a name
#
# **You will be able to** ask a model how likely it finds any continuation of any prompt.

# %% exercise="chisel.reversal_curse.measurements:completion_logprob" name="completion_logprob" difficulty=2 minutes=20 points=2

# %% [markdown] name="completion_logprob-hints" hints=true
# One pass through the model is enough: put the completion behind the prompt. Which of the logits that come back are about
# the completion?
# ---
# The logits at the *last position of the prompt* predict the completion's first token. There are as many rows to read as the
# completion has tokens. And the model was lent to you: give it back in the mode you found it in.
# ---
# `start = prompt_ids.shape[1] - 1`; `logits[:, start : start + length]`; `log_softmax` over the last axis, `gather` the
# completion's ids, sum over its tokens. Remember `training = model.training`, and call `model.train(training)` in a
# `finally`.

# %% [markdown] name="backward"
# ## A statistic that priors cannot fool
#
# Scores make a matrix: row i is a prompt, column j a name, and the right name is on the diagonal.

# %% [markdown] name="reversal_statistic-header"
# ### Exercise 4: more than the others
#
# **You will be able to** tell knowledge of who belongs to whom from a liking for names.

# %% exercise="chisel.reversal_curse.measurements:reversal_statistic" name="reversal_statistic" difficulty=3 minutes=35 points=3

# %% [markdown] name="reversal_statistic-hints" hints=true
# Suppose one name is unpopular after every prompt. What does that do to its own row's d, and to everyone else's? What would
# you take from its column so that it does nothing?
# ---
# Centre the columns. Then build the matrix of what d would be for *every* choice of the right name: entry (i, j) is the
# score of j less the mean of the others in row i. The diagonal gives the difference and its interval; a matching picks one
# entry a row.
# ---
# `gain = (N * centred - centred.sum(1, keepdim=True)) / (N - 1)`. `mean_interval(gain.diagonal())` has `.value`, `.low` and
# `.high`. Random matchings: `torch.rand(2000, N, generator=generator(0, "matchings")).argsort(1)`; put `torch.arange(N)` in
# front, index `gain[torch.arange(N), matchings]`, average, and count those that are at least the first, up to rounding.

# %% [markdown] name="decoder"
# ## What a trained decoder knows backward
#
# **Predict**: a decoder has learned all its statements. For pairs that were stated forward only, how often does it name the
# right A after `B BACKWARD`? And by how many nats is the right name ahead of the others: none, one, five?
#
# The cell trains three decoders with your loss on your facts. It takes some seconds.

# %% name="reversal-curse-ask" tags=["nbval-ignore-output"]
ask("reversal-curse")

# %% name="train"
seal("reversal-curse")
written = check_make_facts.yours_or_library(), check_lm_loss.yours_or_library()
logprob, statistic = check_completion_logprob.yours_or_library(), check_reversal_statistic.yours_or_library()
one_way = decoders.train_live(*written, scale)
scores = decoders.scores_live(logprob, one_way)
for direction, found in decoders.reversal_table(statistic, scores):
    print(f"{direction:32} {found}")

# %% name="train-figure" tags=["nbval-ignore-output"]
show(decoders.scores_figure(scores), "live-scores")

# %% [markdown] name="explorer-header"
# Three networks say little about networks. Here are stored ones. **Find** the configuration in which the held-out matrix
# has the strongest diagonal. What did its training have that the others had not? And what does the matrix look like without
# the exposure control?

# %% name="explorer" tags=["nbval-ignore-output"]
score_explorer()

# %% [markdown] name="base-stored"
# Over seeds, with the controls:

# %% name="base-figure" tags=["nbval-ignore-output"]
reveal("reversal-curse")
show(figures.scratch.figure(load_result(claims.REVERSAL_CURSE)), "reversal-curse")

# %% [markdown] name="scale-predict"
# **Predict**: does it lift with very long training, with weight decay, with more facts, with a larger network?

# %% name="no-lift-with-scale-ask" tags=["nbval-ignore-output"]
ask("no-lift-with-scale")

# %% name="scale-figure" tags=["nbval-ignore-output"]
reveal("no-lift-with-scale")
show(figures.scale.figure(load_result(claims.NO_LIFT_WITH_SCALE)), "scale")

# %% [markdown] name="switches"
# ## What switches it off
#
# Data can be changed, the objective can, and the network.

# %% [markdown] name="augment-header"
# ### Exercise 5: more statements from the same ones
#
# **You will be able to** add data that changes what can be learned without giving an answer away.

# %% exercise="chisel.reversal_curse.world:augment" name="augment" difficulty=2 minutes=20 points=2

# %% [markdown] name="augment-hints" hints=true
# A reversed copy of `A FORWARD B` is `B FORWARD A`. Which of its parts must *not* change, and why would changing it give an
# answer away?
# ---
# Make a list of what a mode would add, whatever it is. Then, for all modes alike: leave out what is there already and what
# is held out. An entity is a tuple of tokens; it moves as one.
# ---
# `Fact(fact.object, fact.relation, fact.subject)` for "reversed"; `Fact(x, IDENTICAL, x)` for "identical", with x over
# subject and object of each statement in turn. `dict.fromkeys(...)` keeps the order and drops doubles.
# `replace(facts, train=...)` makes the new facts.

# %% [markdown] name="augment-predict"
# **Predict** the reverse difference with reversed copies, and with "X is X" for every X.

# %% name="off-switches-ask" tags=["nbval-ignore-output"]
ask("off-switches", "tying-and-identity")

# %% name="augment-use" tags=["nbval-ignore-output"]
seal("off-switches", "tying-and-identity")
trainings = {"as they are": scores}
for name, mode in (("reversed copies", "reversed"), ("X is X", "identical")):
    mended = decoders.mitigation_live(check_augment.yours_or_library(), *written, mode, scale)
    trainings[name] = decoders.scores_live(logprob, mended)
show(decoders.statistic_figure(statistic, trainings), "augmented")

# %% name="switches-figure" tags=["nbval-ignore-output"]
reveal("off-switches")
show(figures.off_switches.figure(load_result(claims.OFF_SWITCHES)), "off-switches")

# %% name="tying-figure" tags=["nbval-ignore-output"]
reveal("tying-and-identity")
show(figures.scratch.figure(load_result(claims.TYING_AND_IDENTITY)), "tying")

# %% [markdown] name="transfer"
# ## One gradient step
#
# A statement that was left out of training is trained for one step, just enough to raise it a little. What does its inverse
# do?

# %% [markdown] name="one_step_transfer-header"
# ### Exercise 6: one step and back
#
# **You will be able to** measure what a single gradient step does elsewhere, and leave no trace of it.

# %% exercise="chisel.reversal_curse.transfer:one_step_transfer" name="one_step_transfer" difficulty=3 minutes=35 points=3

# %% [markdown] name="one_step_transfer-hints" hints=true
# Four things in order: remember, step, look, restore. What could go wrong between step and restore, and what could you leave
# behind without noticing?
# ---
# `torch.autograd.grad` returns gradients and leaves `.grad` alone. Subtracting the step again does not give the same bits back:
# copy the parameters before. The contrast compares columns of *one row*, that of the backward prompt.
# ---
# `kept = [p.detach().clone() for p in parameters]`; gradients of `model.scores("forward")[index, index]` with
# `allow_unused=True`; inside `torch.no_grad()` add `eta * gradient`, read `model.scores` again, and in a `finally` copy the
# kept values back. `contrasted = change[index] - change[list(others)].mean()`.

# %% [markdown] name="one_step_transfer-predict"
# **Predict** the sign of the raw change of the inverse, and of the contrasted one.

# %% name="one-step-transfer-ask" tags=["nbval-ignore-output"]
ask("one-step-transfer")

# %% name="one_step_transfer-use" tags=["nbval-ignore-output"]
seal("one-step-transfer")
show(causes.transfer_live(check_one_step_transfer.yours_or_library(), *written, scale), "one-step")

# %% name="transfer-figure" tags=["nbval-ignore-output"]
reveal("one-step-transfer")
show(figures.transfer.training_figure(load_result(claims.ONE_STEP_TRANSFER)), "one-step-stored")

# %% [markdown] name="bilinear"
# ## The smallest model that has it
#
# No attention, no layers: an entity is a vector, a relation a matrix.

# %% [markdown] name="bilinear_scores-header"
# ### Exercise 7: the bilinear model
#
# **You will be able to** say in one line of algebra why tying lifts the curse.

# %% exercise="chisel.reversal_curse.bilinear:bilinear_scores" name="bilinear_scores" difficulty=1 minutes=10 points=1

# %% [markdown] name="bilinear_scores-hints" hints=true
# Take one entity and one name. What is the shape of W times a vector of E, and what of the whole score?
# ---
# Rows of E are vectors, and a matrix acts on a row from the right, transposed.
# ---
# `E @ W.T` has a row W E[i] for each entity; its product with `U.T` has one column a name.

# %% [markdown] name="bilinear_scores-predict"
# **Predict**: with U = E, which matrix does the backward relation have to be, if the forward one is W? And will gradient
# descent find it?

# %% name="transpose-ask" tags=["nbval-ignore-output"]
ask("transpose")

# %% name="bilinear_scores-use"
seal("transpose")
models = causes.bilinear_live(check_bilinear_scores.yours_or_library(), written[0], scale)
for name, found in causes.bilinear_table(models):
    print(f"{name:8} {found}")

# %% name="bilinear-figure" tags=["nbval-ignore-output"]
reveal("transpose")
show(causes.bilinear_figure(models), "bilinear")

# %% [markdown] name="context"
# ## In the context, not in the weights
#
# One network, two kinds of data. **Predict**: it learns to reverse a statement that stands a few tokens before. Can it
# reverse the statements that it learned by heart?

# %% name="in-context-ask" tags=["nbval-ignore-output"]
ask("in-context")

# %% name="context-figure" tags=["nbval-ignore-output"]
reveal("in-context")
show(figures.in_context.figure(load_result(claims.IN_CONTEXT)), "in-context")

# %% [markdown] name="language-model"
# ## A real language model
#
# SmolLM2 is a small model that people use. It was taught facts about people who do not exist. The matrices below are stored.

# %% [markdown] name="difference_in_differences-header"
# ### Exercise 8: differences in differences
#
# **You will be able to** separate what training taught from what was there before and from what rose for every name.

# %% exercise="chisel.reversal_curse.measurements:difference_in_differences" name="difference_in_differences" difficulty=1 minutes=10 points=1

# %% [markdown] name="difference_in_differences-hints" hints=true
# After training the right name's log-probability has gone up by many nats. Before you are impressed: what has happened to the
# wrong ones?
# ---
# The statistic's difference is linear in the scores. So the difference of two differences is one of a difference.
# ---
# `gained = after - before`: the mean of its diagonal, less the mean of all that is not on it.

# %% [markdown] name="difference_in_differences-predict"
# **Predict**, for facts taught forward only: how many nats does the right name gain forward, over the others? And backward?

# %% name="finetune-curse-ask" tags=["nbval-ignore-output"]
ask("finetune-curse")

# %% name="difference_in_differences-use"
seal("finetune-curse")
stored = language_model.stored_scores()
for order, gained in language_model.gains(check_difference_in_differences.yours_or_library(), stored):
    print(f"{order:40} {gained}")

# %% name="language-model-figure" tags=["nbval-ignore-output"]
reveal("finetune-curse")
show(figures.finetune.figure(load_result(claims.FINETUNE_CURSE)), "language-model")

# %% name="language-model-matrices" tags=["nbval-ignore-output"]
show(figures.finetune.matrices_before_and_after(load_result(claims.FINETUNE_CURSE)), "language-model-matrices")

# %% [markdown] name="finetune-header"
# You can do it yourself. On a CPU it takes a minute or two and has to be asked for; on a GPU it runs at once. Without the
# extra packages the cell says what is missing.

# %% name="finetune" tags=["nbval-ignore-output"]
for asked, gain in language_model.finetune_live(scale):
    print(f"{asked:24} {gain}")

# %% [markdown] name="bug"
# ## The silent bug
#
# This function makes the matrix of scores that everything above rests on. One thing about it is wrong.

# %% name="bug-source"
print(inspect.getsource(candidates.buggy_scores))

# %% [markdown] name="fixed_scores-header"
# ### Exercise 9a: find it
#
# **You will be able to** find a fault whose only symptom is a result that you expected.

# %% exercise="chisel.reversal_curse.silent_bug:fixed_scores" name="fixed_scores" difficulty=3 minutes=20 points=3

# %% [markdown] name="fixed_scores-hints" hints=true
# Make logits in which you can see where each column comes from, say each token's own number, and names in no particular
# order. Look at the columns that come back.
# ---
# A Boolean mask says *which* columns, and nothing about their order.
# ---
# Index with the names themselves: `log_probs[:, names]`.

# %% [markdown] name="fixed_scores-predict"
# **Predict**: decoders that were trained on *all* statements in both directions are asked backward, with the scorer as found
# and with yours. What does each find?

# %% name="fixed_scores-use" tags=["nbval-ignore-output"]
both_ways_trained = decoders.train_live(*written, scale, change=both_ways)
scorers = {"as found": candidates.buggy_scores, "mended": check_fixed_scores.yours_or_library()}
models = {"trained one way": one_way, "trained both ways": both_ways_trained}
show(causes.silent_live(scorers, models, statistic), "silent-bug")

# %% [markdown] name="hidden_by-menu"
# With the scorer as found, everyone has the curse. Which of these settings would have hidden the bug?

# %% name="bug-menu"
for name, meaning in candidates.SETTINGS.items():
    print(f"{name:18} {meaning}")

# %% [markdown] name="hidden_by-header"
# ### Exercise 9b: what would have hidden it?
#
# **You will be able to** say of a setting which faults it cannot show, before you trust its result.

# %% exercise="chisel.reversal_curse.silent_bug:hidden_by" name="hidden_by" difficulty=2 minutes=15 points=2

# %% [markdown] name="hidden_by-hints" hints=true
# The bug puts the columns into the order of their tokens. When is that the right order?
# ---
# When the names are asked in that order anyway; when there is only one; and when it does not matter which column is whose.
# ---
# Four of the nine settings hide it. You can measure it: `candidates.score_difference(your_function, setting, seed=0)` is zero
# where both functions agree.

# %% name="hidden_by-use"
right = check_fixed_scores.yours_or_library()
hiding = check_hidden_by.yours_or_library()()
for name in candidates.SETTINGS:
    apart = "apart" if candidates.score_difference(right, name, seed=0) > 0 else "alike"
    print(f"{name:18} scores {apart}{'   named as hiding it' if name in hiding else ''}")

# %% [markdown] name="verdicts"
# ## The verdicts
#
# What the stored results say, claim by claim. The book shows each criterion; `chisel claims` lists them, and
# `chisel claims ID --force` measures one again on your machine.

# %% name="verdict-table"
for claim in claims.CLAIMS:
    print(f"{load_result(claim).verdict:20} {claim.title}")
