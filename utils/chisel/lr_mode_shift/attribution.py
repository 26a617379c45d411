"""Rate or decay: what a two-by-two table of runs says, where some of them never got there."""

import torch

from chisel.core.estimates import Estimate
from chisel.lr_mode_shift.records import Attribution, TwoByTwo


def attribute(results: TwoByTwo) -> Attribution:
    """Say how much sooner a run generalises for a raised rate, and how much sooner for a raised decay.

    A run that had not generalised at the end is censored: all that is known is that it takes longer than the horizon.
    Leaving it out would count only the quick ones. It is counted with the horizon instead, so that what is gained over
    it is a lower bound. Steps are compared by their ratio: a run gains log2(horizon / steps), 0 where it is censored;
    steps below 1 count as 1.

    The effect of the rate is, seed by seed, the gain under the raised rate less the gain under the base rate, both
    averaged over the two decays; that of the decay likewise; the interaction is the rate's effect under the raised
    decay less its effect under the base decay. Each is a mean over seeds with a 95 % interval from 2000 bootstrap
    samples: its ends are the 2.5 % and the 97.5 % quantile of the samples' means. A sample draws as many seeds as there
    are, with replacement, and draws them whole, because the four runs of a seed share their data and first values. It
    is random, but the same at every call, and the global random state is left alone.

    Args:
        results: steps [2, 2, S] and the horizon. Anything beyond the horizon, inf above all, is censored; a run that
            took just the horizon is not. S may be 1.

    Returns:
        an `Attribution`: see there. `n` of its estimates is S.
    """
    reached = results.steps.double().clamp(min=1, max=results.horizon)
    gained = torch.log2(results.horizon / reached)  # [rate, decay, S]
    rate = (gained[1] - gained[0]).mean(dim=0)
    decay = (gained[:, 1] - gained[:, 0]).mean(dim=0)
    interaction = (gained[1, 1] - gained[0, 1]) - (gained[1, 0] - gained[0, 0])
    seeds = len(rate)
    drawn = torch.randint(seeds, (2000, seeds), generator=torch.Generator().manual_seed(0)).to(rate.device)
    estimates = []
    for effect in (rate, decay, interaction):  # [S] each
        low, high = effect[drawn].mean(dim=1).quantile(torch.tensor([0.025, 0.975]).to(effect)).tolist()
        estimates.append(Estimate(float(effect.mean()), low, high, seeds))
    censored = (results.steps > results.horizon).sum(dim=-1)
    return Attribution(gained.mean(dim=-1), censored, *estimates)
