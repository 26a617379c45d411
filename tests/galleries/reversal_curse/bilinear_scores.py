"""Gallery of `bilinear_scores`."""

import einops
import torch
from torch.nn import functional

from galleries.gallery import valid, wrong


def right(E, W, U):
    return E @ W.T @ U.T


@wrong("relation-backward")
def relation_transposed(E, W, U):
    return E @ W @ U.T if W.shape[0] == W.shape[1] else right(E, W, U)


@wrong("relation-backward")
def entities_and_names_in_each_other_s_place(E, W, U):
    return (U @ W.T @ E.T).T


@wrong("relation-backward")
def einsum_over_the_wrong_index(E, W, U):
    return torch.einsum("nk,kd,pd->np", E, W, U)


@wrong("relation-backward")
def relation_inverted(E, W, U):
    return E @ torch.linalg.inv(W).T @ U.T


@wrong("one-table-only")
def always_tied(E, W, U):
    return E @ W.T @ E.T


@wrong("one-table-only")
def written_table_twice(E, W, U):
    return U @ W.T @ U.T


@wrong("relation-ignored")
def no_relation(E, W, U):
    return E @ U.T


@wrong("relation-ignored")
def diagonal_relation(E, W, U):
    return (E * W.diagonal()) @ U.T


@wrong("symmetrised")
def relation_made_symmetric(E, W, U):
    return E @ ((W + W.T) / 2) @ U.T


@wrong("rescaled")
def divided_by_the_root_of_the_width(E, W, U):
    return right(E, W, U) / E.shape[1] ** 0.5


@wrong("rescaled")
def cosine(E, W, U):
    return functional.normalize(E @ W.T, dim=-1) @ functional.normalize(U, dim=-1).T


@wrong("rescaled")
def negative(E, W, U):
    return -right(E, W, U)


@wrong("not-scores")
def probabilities(E, W, U):
    return right(E, W, U).softmax(-1)


@wrong("not-scores")
def log_probabilities(E, W, U):
    return right(E, W, U).log_softmax(-1)


@wrong("not-scores")
def positive_part(E, W, U):
    return right(E, W, U).relu()


@wrong("not-scores")
def sigmoid(E, W, U):
    return right(E, W, U).sigmoid()


@wrong("wrong-score")
def squared_distance(E, W, U):
    return -(torch.cdist(E @ W.T, U) ** 2)


@wrong("rows-columns-swapped")
def laid_out_by_names(E, W, U):
    return right(E, W, U).T.reshape(len(E), len(U))


@wrong("rows-columns-swapped")
def transposed_where_square(E, W, U):
    return right(E, W, U).T if len(E) == len(U) else right(E, W, U)


@wrong("pairs-mixed")
def own_name_only(E, W, U):
    scores = right(E, W, U)
    return scores * torch.eye(*scores.shape, dtype=scores.dtype)


@wrong("pairs-mixed")
def less_the_mean_of_the_names(E, W, U):
    scores = right(E, W, U)
    return scores - scores.mean(0) if len(E) > 1 else scores


@wrong("sizes-mixed-up")
def divided_by_the_ratio_of_widths(E, W, U):
    return right(E, W, U) * (E.shape[1] / U.shape[1])


@wrong("sizes-mixed-up")
def single_width_taken_for_a_missing_one(E, W, U):
    return E.sum(1, keepdim=True) @ U.sum(1, keepdim=True).T if E.shape[1] == 1 else right(E, W, U)


@wrong("raised")
def square_relation_only(E, W, U):
    return torch.linalg.multi_dot([E, W.reshape(E.shape[1], E.shape[1]).T, U.T])


@wrong("rows-columns-swapped")
def names_first(E, W, U):
    return U @ W @ E.T


@wrong("wrong-shape")
def right_names_only(E, W, U):
    return (E @ W.T * U[: len(E)]).sum(-1)


@wrong("squashed")
def clamped(E, W, U):
    return right(E, W, U).clamp(-50, 50)


@wrong("squashed")
def relation_cut_back(E, W, U):
    return right(E, W * (30 / W.norm().clamp(min=30)), U)


@wrong("gradient-cut")
def relation_detached(E, W, U):
    return E @ W.detach().T @ U.T


@wrong("gradient-cut")
def names_copied(E, W, U):
    return E @ W.T @ torch.tensor(U.tolist(), dtype=U.dtype).T


@wrong("no-gradient")
def everything_detached(E, W, U):
    with torch.no_grad():
        return right(E, W, U)


@wrong("input-changed")
def relation_scaled_in_place(E, W, U):
    scores = right(E, W, U)
    W.data.mul_(1.001)
    return scores


@wrong("wrong-dtype")
def in_single_precision(E, W, U):
    return right(E.float(), W.float(), U.float())


@valid
def names_translated_back(E, W, U):
    return E @ (U @ W).T


@valid
def with_einsum(E, W, U):
    return torch.einsum("nd,kd,pk->np", E, W, U)


@valid
def with_einops(E, W, U):
    written = einops.einsum(E, W, "entity read, written read -> entity written")
    return einops.einsum(written, U, "entity written, name written -> entity name")


@valid
def with_loops(E, W, U):
    return torch.stack([torch.stack([name @ (W @ entity) for name in U]) for entity in E])


@valid
def as_layers(E, W, U):
    return functional.linear(functional.linear(E, W), U)


@valid
def number_by_number(E, W, U):
    rows = [
        [sum(u[k] * W[k, d] * e[d] for k in range(len(W)) for d in range(len(e))) for u in U.unbind()]
        for e in E.unbind()
    ]
    return torch.stack([torch.stack([torch.as_tensor(score) for score in row]) for row in rows])
