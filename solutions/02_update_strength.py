# %% [markdown] name="title"
# # Reward is update strength
#
# A reward sets how strongly a step that was taken anyway is written into the parameters. The data and the network choose
# what gets written. In this notebook you write the pieces of that sentence yourself, and then try to break it.
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
import math

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
from chisel.update_strength import checks, claims, corridor, explorer, figures
from chisel.update_strength.workbench import gradients, policies

# %% [markdown] name="returns"
# ## From reward to return
#
# An action is to be judged by what comes after it. So the first thing to compute is what *does* come after it: the
# discounted sum of the rewards from that step on. Batches hold episodes of different lengths. A mask says where each ends.

# %% [markdown] name="reward_to_go-header"
# ### Exercise 1: returns
#
# **You will be able to** turn a table of rewards into returns, for episodes of different lengths at once.

# %% exercise="chisel.update_strength.training:reward_to_go" name="reward_to_go" difficulty=2 minutes=15 points=2

# %% [markdown] name="reward_to_go-hints" hints=true
# Write the return of the last step of an episode. Then the one before it. What do they share?
# ---
# $G_t = r_t + \gamma\, G_{t+1}$, and beyond the end of the episode there is nothing. So work from the last step to the first.
# ---
# Set the rewards outside the mask to zero first. Then keep one running vector `later` with an entry for each episode; at
# each step, last to first, make it `rewards[:, step] + gamma * later` and store it. At the end, blank the padding.

# %% [markdown] name="reward_to_go-predict"
# One episode pays +1 at step 6 and -1 at step 9. **Predict**: at step 0, is the return with gamma 1 positive, negative or
# zero? And with gamma one half?

# %% name="reward_to_go-use" tags=["nbval-ignore-output"]
show(gradients.returns_figure(check_reward_to_go.yours_or_library()), "returns")

# %% [markdown] name="identity"
# ## The identity: reward as a learning rate
#
# One step of REINFORCE adds to the parameters a sum of *scores*, each weighted by its return and the learning rate.

# %% [markdown] name="per_step_update-header"
# ### Exercise 2: the update
#
# **You will be able to** write the update of REINFORCE as the book has it, and see the identity in your own line of code.

# %% exercise="chisel.update_strength.training:per_step_update" name="per_step_update" difficulty=1 minutes=10 points=1

# %% [markdown] name="per_step_update-hints" hints=true
# Every visited step pushes the parameters along its score. How hard does it push?
# ---
# The push of step $n$ is its return, times gamma to the power of its time where a time is given. Pushes add up.
# ---
# Build a vector of weights, one a step. The sum over steps of weight times row is a vector-matrix product:
# `weights @ scores`. Return a new tensor; do not add into `theta`.

# %% [markdown] name="identity-predict"
# **Predict**: for which of the factors below will multiplying all returns by c, or the learning rate by c, give the same
# update on all networks? One of them is negative.

# %% name="learning-rate-identity-ask" tags=["nbval-ignore-output"]
ask("learning-rate-identity")

# %% name="per_step_update-use"
seal("learning-rate-identity")
same = gradients.identity_counts(check_per_step_update.yours_or_library(), (0.1, 2.0, 10.0, -3.0), scale)
for factor, (networks, of) in same.items():
    print(f"c = {factor:g}: the same update on {networks} of {of} networks")

# %% [markdown] name="identity-optimisers"
# Your update is plain gradient ascent. Training loops add things. **Predict**, for each of momentum, weight decay, an
# entropy bonus, clipping, normalised advantages and Adam: does the identity survive it?

# %% name="identity-figure" tags=["nbval-ignore-output"]
reveal("learning-rate-identity")
show(figures.identity.figure(load_result(claims.LEARNING_RATE_IDENTITY)), "identity")

# %% [markdown] name="reinforce_loss-header"
# ### Exercise 3: a loss for autograd
#
# **You will be able to** write the scalar whose gradient is the REINFORCE update, and know why its value means nothing.

# %% exercise="chisel.update_strength.training:reinforce_loss" name="reinforce_loss" difficulty=2 minutes=15 points=2

# %% [markdown] name="reinforce_loss-hints" hints=true
# An optimiser goes *down*. Which sign does that ask for? And which of your inputs may carry a gradient?
# ---
# Minus the sum over steps of return times log-probability of the action taken. The log of a softmax has a stable form.
# ---
# `torch.log_softmax(logits, dim=-1)`, then the entry of each action: `.gather(1, actions[:, None])[:, 0]`, of shape [N] like the
# returns. Multiply by `returns.detach()`, sum, negate.

# %% name="reinforce_loss-use" tags=["nbval-ignore-output"]
show(gradients.learning_curves(check_reinforce_loss.yours_or_library(), scale), "learning")

# %% [markdown] name="span"
# ## What spans an update
#
# The update is a combination of scores whatever the rewards are. To see how much that restricts it, look at the scores.

# %% [markdown] name="score_matrix-header"
# ### Exercise 4: the score matrix
#
# **You will be able to** get one gradient a step out of any PyTorch module, and check it against autograd's own sum.

# %% exercise="chisel.update_strength.measurements:score_matrix" name="score_matrix" difficulty=3 minutes=25 points=3

# %% [markdown] name="score_matrix-hints" hints=true
# `backward()` adds the gradients of all steps together. You want them apart. What is the simplest way to keep them apart?
# ---
# One step at a time: the log-probability of its action is a scalar, and `torch.autograd.grad` gives its gradient without
# touching `.grad`. Some parameters may be frozen, some unused.
# ---
# `parameters = [p for p in policy.parameters() if p.requires_grad]`. For each n, feed `observations[n:n + 1]`, take
# `log_softmax(...)[0, actions[n]]`, call `torch.autograd.grad(..., parameters, allow_unused=True)`, put zeros where it gives
# None, flatten, concatenate.

# %% name="score_matrix-use"
yours = check_score_matrix.yours_or_library(), check_reinforce_loss.yours_or_library()
agreed, of = gradients.gradient_agreement(*yours, scale)
print(f"scores times returns is minus the gradient of the loss on {agreed} of {of} networks")

# %% [markdown] name="participation_ratio-header"
# ### Exercise 5a: how many directions?
#
# **You will be able to** count the directions that a matrix of gradients really fills.

# %% exercise="chisel.update_strength.measurements:participation_ratio" name="participation_ratio" difficulty=2 minutes=10 points=1

# %% [markdown] name="participation_ratio-hints" hints=true
# Try the formula on two cases by hand: all rows parallel, and rows that are orthogonal and equally long.
# ---
# The lambdas are *squared* singular values. Nothing is centred: the common direction counts too.
# ---
# `torch.linalg.svdvals(scores)`, square, then sum squared over sum of squares. An all-zero matrix must not divide by zero.

# %% [markdown] name="subspace_fraction-header"
# ### Exercise 5b: inside or outside?
#
# **You will be able to** say how much of an update lies in a subspace that comes from somewhere else.

# %% exercise="chisel.update_strength.measurements:subspace_fraction" name="subspace_fraction" difficulty=3 minutes=20 points=2

# %% [markdown] name="subspace_fraction-hints" hints=true
# The update lives in parameter space. Which of the two families of singular vectors lives there too?
# ---
# Project the update on the top k right singular vectors. They are orthonormal, so the squared norm of the projection is a
# sum of squared inner products. Directions with a singular value of zero are no directions of the scores.
# ---
# `_, _, vh = torch.linalg.svd(scores, full_matrices=False)`; lower k to `torch.linalg.matrix_rank(scores)`; then
# `(vh[:k] @ update)`, squared and summed, over the squared norm of the update. A zero update gives zero.

# %% [markdown] name="span-predict"
# Four score matrices: from the update's own trajectories, from another behaviour, from random state-action pairs that
# nobody collected, and from the same trajectories seen by *another network*.
# **Predict** their order at k = 5, and roughly how far apart they are.

# %% name="update-span-ask" tags=["nbval-ignore-output"]
ask("update-span")

# %% name="subspace_fraction-use" tags=["nbval-ignore-output"]
seal("update-span")
print(f"ratio of a matrix of ones: {check_participation_ratio.yours_or_library()(torch.ones(4, 7)):.1f}")
show(
    gradients.subspace_figure(check_score_matrix.yours_or_library(), check_subspace_fraction.yours_or_library(), scale),
    "subspaces",
)

# %% [markdown] name="span-trained"
# That was before training. **Predict** what training does to the gap between own trajectories and random pairs.

# %% name="span-figure" tags=["nbval-ignore-output"]
reveal("update-span")
show(figures.span.figure(load_result(claims.UPDATE_SPAN)), "span")

# %% [markdown] name="information"
# ## Reward or trajectories: where the information is
#
# Cross several rewards with several sets of trajectories, scale each update to unit length, and ask what its variation
# comes from.

# %% [markdown] name="variance_shares-header"
# ### Exercise 6: shares of variation
#
# **You will be able to** split the variation of a crossed table of vectors into what each factor explains.

# %% exercise="chisel.update_strength.measurements:variance_shares" name="variance_shares" difficulty=3 minutes=20 points=2

# %% [markdown] name="variance_shares-hints" hints=true
# If all updates were equal, which share would be 1? If they depended on the reward alone, which two would not be zero?
# ---
# Take means over one axis at a time, and subtract the grand mean from them. What the sum of the parts does not explain is
# the interaction.
# ---
# `u = updates / updates.norm(dim=-1, keepdim=True)`; `m = u.mean((0, 1), keepdim=True)`; `a = u.mean(1, keepdim=True) - m`;
# `b` likewise over axis 0; `e = u - m - a - b`. Each share: `expand_as(u)`, square, sum, divide by R times T.

# %% [markdown] name="information-predict"
# **Predict**: with two episodes a batch, which share is larger, the reward's or the trajectories'? With many? And with a
# baseline?

# %% name="reward-information-ask" tags=["nbval-ignore-output"]
ask("reward-information")

# %% name="variance_shares-use" tags=["nbval-ignore-output"]
seal("reward-information")
show(gradients.information_figure(check_variance_shares.yours_or_library(), scale), "information")

# %% name="reward-information-answer" tags=["nbval-ignore-output"]
reveal("reward-information")

# %% [markdown] name="baselines"
# ## Baselines and what they commit to
#
# A baseline leaves the expected gradient alone. It changes its variance, and that has a best value.

# %% [markdown] name="optimal_baseline-header"
# ### Exercise 7a: the best baseline
#
# **You will be able to** say which baseline makes a gradient least noisy, and why it is not the value.

# %% exercise="chisel.update_strength.bandit:optimal_baseline" name="optimal_baseline" difficulty=3 minutes=20 points=2

# %% [markdown] name="optimal_baseline-hints" hints=true
# The variance is a parabola in the baseline. Where is its minimum?
# ---
# Only the second moment depends on the baseline. It sums, over arms, the probability times the squared distance of reward
# and baseline times the squared length of the arm's score.
# ---
# The score of arm a, with respect to the logits, is a one-hot vector minus the probabilities. Weight each arm's reward by
# its probability times the squared length of its score, and divide by the sum of the weights. If that sum is 0, return V.

# %% [markdown] name="grad_variance-header"
# ### Exercise 7b: the variance itself
#
# **You will be able to** compute the variance of a gradient exactly, with a sum over arms in place of samples.

# %% exercise="chisel.update_strength.bandit:grad_variance" name="grad_variance" difficulty=2 minutes=15 points=2

# %% [markdown] name="grad_variance-hints" hints=true
# Variance is the mean of the squares minus the square of the mean. Of which vectors, with which weights?
# ---
# One vector an arm: reward minus baseline, times the arm's score. Its weight is the arm's probability. The mean vector does
# not depend on the baseline, but it does not vanish either.
# ---
# Make the [A, A] table of gradients, row a for arm a; the mean is `probs @ gradients`; subtract it, square, sum each row,
# weight by the probabilities.

# %% name="grad_variance-use" tags=["nbval-ignore-output"]
show(
    policies.baseline_figure(check_optimal_baseline.yours_or_library(), check_grad_variance.yours_or_library()),
    "baseline-variance",
)

# %% [markdown] name="commitment"
# Two baselines, half a reward above and below the best one, have the same variance and the same expected gradient.
# **Predict**: do they commit to a worse arm equally often?
#
# The explorer shows stored runs. Move its sliders: find a learning rate at which even the value is unsafe as a baseline.

# %% name="baseline-commitment-ask" tags=["nbval-ignore-output"]
ask("baseline-commitment")

# %% name="explorer" tags=["nbval-ignore-output"]
reveal("baseline-commitment")
explorer.baseline_explorer(load_result(claims.BASELINE_COMMITMENT))

# %% [markdown] name="sampling"
# ## What is never sampled
#
# An arm that is never drawn is never reinforced, however good it is.

# %% [markdown] name="prob_never_sampled-header"
# ### Exercise 8: the probability of missing out
#
# **You will be able to** say exactly how often a learner never tries the better of two arms.

# %% exercise="chisel.update_strength.bandit:prob_never_sampled" name="prob_never_sampled" difficulty=3 minutes=20 points=2

# %% [markdown] name="prob_never_sampled-hints" hints=true
# As long as the better arm is not drawn nothing is random. So follow that one history.
# ---
# Keep the logit gap. Each step: the probability from the gap, a factor for having missed it, then the gap falls.
# ---
# Start with `gap = math.log(p0 / (1 - p0))`. For each draw: `p = 1 / (1 + math.exp(-gap))`, multiply the result by `1 - p`,
# lower the gap by `2 * lr * r_bad * p`. A sum of `math.log1p(-p)` keeps its digits longer than a product.

# %% [markdown] name="sampling-predict"
# **Predict**: if the better arm pays a thousand times more, in how many more runs is it found?

# %% name="never-sampled-ask" tags=["nbval-ignore-output"]
ask("never-sampled")

# %% name="prob_never_sampled-use" tags=["nbval-ignore-output"]
seal("never-sampled")
show(policies.never_sampled_figure(check_prob_never_sampled.yours_or_library(), scale), "never-sampled")

# %% name="never-sampled-answer" tags=["nbval-ignore-output"]
reveal("never-sampled")

# %% [markdown] name="survival"
# ## Survival instinct
#
# Now the labels are wrong, and only the data and the planner's caution are left.

# %% [markdown] name="pessimistic_vi-header"
# ### Exercise 9: planning with pessimism
#
# **You will be able to** write value iteration on counted data that distrusts what it has rarely seen.

# %% exercise="chisel.update_strength.offline:pessimistic_vi" name="pessimistic_vi" difficulty=4 minutes=40 points=4

# %% [markdown] name="pessimistic_vi-hints" hints=true
# Without the penalty, and with everything seen, this is value iteration. Write that first, on the counted frequencies.
# ---
# Three places need care: a pair with no visits (its value is given, not estimated), a state where episodes end (its value is
# given too), and the greedy choice (ties share).
# ---
# `n = counts.sum(-1)`, `seen = n > 0`, `p_hat = counts / n[..., None].clamp(min=1)`; `v` starts at `v_min` everywhere. Each sweep:
# `q = labels - beta / n.clamp(min=1).sqrt() + gamma * (p_hat @ v)`; then `q = torch.where(seen, q, v_min)`;
# `v = q.amax(-1)`, and `v_min` where absorbing. At the end mark every action that `torch.isclose` with `rtol=1e-9` calls equal to
# the row's best, make absorbing rows uniform, and divide each row by its sum. For leading axes, write `p_hat @ v` as an einsum.

# %% [markdown] name="survival-predict"
# The labels are all **zero**. **Predict**: does the planner get anywhere without pessimism? With it? And with the labels
# *negated*?

# %% name="survival-instinct-ask" tags=["nbval-ignore-output"]
ask("survival-instinct")

# %% name="pessimistic_vi-use" tags=["nbval-ignore-output"]
seal("survival-instinct")
show(policies.survival_figure(check_pessimistic_vi.yours_or_library(), scale), "survival")

# %% name="survival-instinct-answer" tags=["nbval-ignore-output"]
reveal("survival-instinct")

# %% [markdown] name="tokens"
# ## Tokens
#
# A language model is a policy that acts once a token. A reward for each token is a weight on its log-probability.
# **Predict**: with Adam and no baseline, what does adding 5 to every reward do to the model early in training? At its end?

# %% name="token-weights-ask" tags=["nbval-ignore-output"]
ask("token-weights", "token-zero")

# %% name="tokens-figure" tags=["nbval-ignore-output"]
reveal("token-weights", "token-zero")
show(figures.tokens.figure(load_result(claims.TOKEN_ZERO)), "tokens")

# %% [markdown] name="bug"
# ## The silent bug
#
# Here is the loss of a trainer that learns. Its return goes up. One thing about it is wrong.

# %% name="bug-source"
print(inspect.getsource(corridor.buggy_loss))

# %% [markdown] name="fixed_loss-header"
# ### Exercise 10a: find it
#
# **You will be able to** tell, from the gradient and not from the curve, that a trainer is wrong.

# %% exercise="chisel.update_strength.silent_bug:fixed_loss" name="fixed_loss" difficulty=4 minutes=30 points=3

# %% [markdown] name="fixed_loss-hints" hints=true
# Take two episodes, a short and a long one, with the same return at every step. How strongly does each step push?
# ---
# The estimator is a sum over the steps of an episode and a mean over episodes. Compare that with each division in the code.
# ---
# There is one division too many: by an episode's own number of steps. Sum each episode's terms, then average over episodes.

# %% name="fixed_loss-use" tags=["nbval-ignore-output"]
# With each loss its learning rate: the fault makes updates smaller, so the loss as found gets the larger one.
losses = {"as found": (corridor.buggy_loss, 6.0), "mended": (check_fixed_loss.yours_or_library(), 1.0)}
by_return, by_exit = policies.corridor_figures(losses, scale)
show(by_return, "corridor-return")
show(by_exit, "corridor-exit")

# %% [markdown] name="hidden_by-menu"
# A bug that nobody can see is worse than one that crashes. Which of these settings would have hidden it?

# %% name="bug-menu"
for name, meaning in corridor.SETTINGS.items():
    print(f"{name:24} {meaning}")

# %% [markdown] name="hidden_by-header"
# ### Exercise 10b: what would have hidden it?
#
# **You will be able to** say of a change whether it mends a fault or only makes it invisible.

# %% exercise="chisel.update_strength.silent_bug:hidden_by" name="hidden_by" difficulty=4 minutes=20 points=2

# %% [markdown] name="hidden_by-hints" hints=true
# The bug multiplies each episode's push by one over its length. When is that no more than another learning rate?
# ---
# When the lengths (as the loss counts them) are all the same, or when each update's length is thrown away afterwards anyway.
# ---
# Go through the menu with two episodes of different length in one batch. Is the *direction* of the update the same under
# both losses? And is the *ratio* of sizes the same from update to update? Three of the eight settings say yes to both. (Where an
# update has one episode, compare two updates.)

# %% name="hidden_by-use"
for name in sorted(check_hidden_by.yours_or_library()()):
    print("hides it:", name)

# %% [markdown] name="verdicts"
# ## The verdicts
#
# What the stored results say, claim by claim. The book shows each criterion; `chisel claims` lists them, and
# `chisel claims ID --force` measures one again on your machine.

# %% name="verdict-table"
for claim in claims.CLAIMS:
    print(f"{load_result(claim).verdict:20} {claim.title}")
