"""The smallest model with a reversal curse: an entity is a vector, a relation a matrix, and a score a product.

The score of name j after entity i is U[j] . W E[i]: E reads, U writes, W is the relation. Two relations share E and U.
With U = E the score of (i, j) under W is that of (j, i) under the transpose of W; untied, nothing links the two.

Source: the model is RESCAL's (Nickel, Tresp and Kriegel 2011) with a softmax over names; Zhu et al. (2024), arXiv
2405.04669, analyse a bilinear model of the reversal curse.
"""

from torch import Tensor


def bilinear_scores(E: Tensor, W: Tensor, U: Tensor) -> Tensor:
    """Score every name after every entity.

    Args:
        E: [N, D] what each entity is read as.
        W: [K, D] the relation, from what is read to what is to be written.
        U: [P, K] what each name is written as.

    Returns:
        [N, P]: entry (i, j) is U[j] . (W E[i]), with gradients to all three.
    """
    return E @ W.T @ U.T
