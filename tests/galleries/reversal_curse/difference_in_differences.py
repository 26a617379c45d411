"""Gallery of `difference_in_differences`."""

import numpy as np
import torch

from galleries.gallery import valid, wrong


def leads(scores):
    """Each right name's lead [N] over the mean of the others."""
    count = len(scores)
    return (count * scores.diagonal() - scores.sum(1)) / (count - 1)


def right(before, after):
    return float(leads(after).mean() - leads(before).mean())


@wrong("before-after-swapped")
def swapped(before, after):
    return right(after, before)


@wrong("one-matrix-only")
def lead_after_training(before, after):
    return float(leads(after).mean())


@wrong("one-matrix-only")
def raw_scores_after_training(before, after):
    return float(after.diagonal().mean())


@wrong("itself-among-the-others")
def less_the_mean_of_all(before, after):
    gained = after - before
    return float((gained.diagonal() - gained.mean(1)).mean())


@wrong("sum-for-mean")
def summed_over_prompts(before, after):
    return float((leads(after) - leads(before)).sum())


@wrong("sum-for-mean")
def trace(before, after):
    count = len(before)
    gained = after - before
    return float(gained.trace() - (gained.sum() - gained.trace()) / (count - 1))


@wrong("sign-lost")
def absolute(before, after):
    return abs(right(before, after))


@wrong("sign-lost")
def absolute_for_each_prompt(before, after):
    return float((leads(after) - leads(before)).abs().mean())


@wrong("sign-lost")
def gains_only(before, after):
    return float((leads(after) - leads(before)).clamp(min=0).mean())


@wrong("sign-lost")
def distances_from_zero(before, after):
    return abs(float(leads(after).mean())) - abs(float(leads(before).mean()))


@wrong("ratio")
def times_as_large(before, after):
    return float(leads(after).mean() / leads(before).mean())


@wrong("ratio")
def percent(before, after):
    return right(before, after) / abs(float(leads(before).mean()))


@wrong("ratio")
def of_probabilities(before, after):
    return right(before.exp(), after.exp())


@wrong("ratio")
def of_shares_among_the_names(before, after):
    return right(before.softmax(1), after.softmax(1))


@wrong("one-name-for-all")
def over_the_best_other(before, after):
    def lead(scores):
        others = scores - torch.diag(torch.full((len(scores),), torch.inf, dtype=scores.dtype))
        return (scores.diagonal() - others.max(1).values).mean()

    return float(lead(after) - lead(before))


@wrong("one-name-for-all")
def over_the_next_name(before, after):
    gained = after - before
    return float((gained.diagonal() - gained.roll(-1, 1).diagonal()).mean())


@wrong("one-name-for-all")
def median_prompt(before, after):
    return float((leads(after) - leads(before)).median())


@wrong("wrong-gain")
def correct_more_often(before, after):
    own = torch.arange(len(after))
    return float((after.argmax(1) == own).double().mean() - (before.argmax(1) == own).double().mean())


@wrong("wrong-gain")
def mean_gain_of_all(before, after):
    return float((after - before).mean())


@wrong("wrong-gain")
def gain_over_its_error(before, after):
    gained = leads(after) - leads(before)
    return float(gained.mean() / (gained.std() / len(gained) ** 0.5))


@wrong("raw-gain")
def right_names_alone(before, after):
    return float((after - before).diagonal().mean())


@wrong("raw-gain")
def without_what_all_names_together_gain(before, after):
    gained = after - before
    count = len(gained)
    others = gained[~torch.eye(count, dtype=torch.bool)].view(count, -1)
    return float((gained.diagonal() - (others - others.mean()).mean(1)).mean())


@wrong("raised")
def at_least_three_names(before, after):
    others = (after - before)[1:, 1:].fill_diagonal_(0)
    assert others.any()
    return right(before, after)


@wrong("edge-size")
def two_names_taken_for_too_few(before, after):
    return right(before, after) if len(before) > 2 else 0.0


@wrong("wrong-type")
def one_for_each_prompt(before, after):
    return leads(after) - leads(before)


@wrong("wrong-type")
def difference_and_interval(before, after):
    return right(before, after), (right(before, after), right(before, after))


@wrong("input-changed")
def subtracted_in_place(before, after):
    after -= before
    return float(leads(after).mean())


@wrong("global-random")
def sampled_others(before, after):
    torch.randperm(len(before))
    return right(before, after)


@wrong("single-precision")
def small_changes_lost(before, after):
    return right(before, after) if before.dtype == torch.float64 else round(right(before, after))


@valid
def tensor_in_single_precision(before, after):
    return torch.tensor(right(before, after))


@valid
def centred_first(before, after):
    return float((leads(after - after.mean(0)) - leads(before - before.mean(0))).mean())


@valid
def with_loops(before, after):
    total, count = 0.0, len(before)
    for i in range(count):
        for j in range(count):
            weight = 1.0 if i == j else -1 / (count - 1)
            total += weight * (after[i, j].item() - before[i, j].item())
    return total / count


@valid
def with_a_mask(before, after):
    gained = after - before
    own = torch.eye(len(gained), dtype=torch.bool, device=gained.device)
    return gained[own].mean() - gained[~own].mean()


@valid
def numpy_number(before, after):
    gained = after.detach().cpu().numpy() - before.detach().cpu().numpy()
    own = np.eye(len(gained), dtype=bool)
    return gained[own].mean() - gained[~own].mean()


@valid
def of_log_probabilities_among_the_names(before, after):
    return right(before.log_softmax(-1), after.log_softmax(-1))
