"""How two accuracy curves are read around a switch, and how much of a network's answer is addition modulo p."""

import torch
from torch import Tensor

from chisel.lr_mode_shift.records import ShiftMetrics


def shift_metrics(train_acc: Tensor, val_acc: Tensor, switch_step: int) -> ShiftMetrics:
    """Say what training and validation accuracy do after the switch.

    The drop is training accuracy at the switch, before the first step at the new rate, less its minimum from there on
    (the switch included; the first minimum if there are several). Everything else is read from that minimum to the end:
    the gap is the mean of |train - val| there, and r the Pearson correlation of the two, which is nan where either is
    constant: all its values are the same. (Rounding can leave such a curve a standard deviation above 0.)

    The outcome is the first that applies:

    - "dead": the last training accuracy is below .3.
    - "val-collapse": training accuracy never falls below .9 after the switch, while validation accuracy falls by .3 or
      more from a maximum that it had reached after the switch.
    - "no-drop": the drop is below .1.
    - "tandem": the gap is below .15 and r is above .8.
    - "re-memorised": anything else.

    How this is misread: a small gap alone is no tandem, since a network that answers at random has none.

    Args:
        train_acc: [T], accuracy on the training set before each step and at the end: the index is the step.
        val_acc: [T], the same of the validation set.
        switch_step: the first step at the new rate, 0 to T - 1.
    """
    train, val = train_acc[switch_step:].double(), val_acc[switch_step:].double()
    lowest = int(train.argmin())
    drop = float(train[0] - train[lowest])
    after, beside = train[lowest:], val[lowest:]
    gap = float((after - beside).abs().mean())
    varies = bool((after != after[0]).any()) and bool((beside != beside[0]).any())
    r = float(torch.corrcoef(torch.stack([after, beside]))[0, 1]) if varies else float("nan")
    fall = float((val.cummax(dim=0).values - val).max())
    if float(train[-1]) < 0.3:
        outcome = "dead"
    elif float(train.min()) >= 0.9 and fall >= 0.3:
        outcome = "val-collapse"
    elif drop < 0.1:
        outcome = "no-drop"
    elif gap < 0.15 and r > 0.8:
        outcome = "tandem"
    else:
        outcome = "re-memorised"
    return ShiftMetrics(drop, gap, r, outcome)


def symmetrised_logits(logits: Tensor) -> Tensor:
    """Return the part of the logits that depends on a + b - c alone.

    Each entry becomes the mean over all (a, b, c) with the same (a + b - c) mod p. What is left of a network's logits
    when this is taken away says something else than "the sum of a and b"; the two are orthogonal.

    Args:
        logits: [p, p, p], that of answer c to a + b at (a, b, c).

    Returns:
        [p, p, p], with the dtype and on the device of `logits`.
    """
    p = len(logits)
    numbers = torch.arange(p, device=logits.device)
    difference = (numbers[:, None, None] + numbers[:, None] - numbers) % p  # [p, p, p]
    sums = torch.zeros(p, dtype=logits.dtype, device=logits.device)
    means = sums.index_add(0, difference.flatten(), logits.flatten()) / p**2
    return means[difference]
