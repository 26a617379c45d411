"""Gallery of `stacked_forward`."""

import itertools

import torch
from einops import einsum

from galleries.gallery import valid, wrong


def looked_up(params, a, b):
    """What a and what b give to the hidden units, each [M, N, h]."""
    member = torch.arange(len(a))[:, None]
    return params["left"][member, a], params["right"][member, b]


def right(params, a, b):
    first, second = looked_up(params, a, b)
    return (first + second).square() @ params["out"]


# One network


@wrong("left-right-exchanged")
def a_in_right(params, a, b):
    return right(params, b, a)


@wrong("left-right-exchanged")
def left_for_both(params, a, b):
    return right({**params, "right": params["left"]}, a, b)


@wrong("raised")
def weights_by_their_order(params, a, b):
    left, right_, out = params.values()
    return right({"left": left, "right": right_, "out": out}, a, b)


@wrong("not-the-square")
def linear(params, a, b):
    first, second = looked_up(params, a, b)
    return (first + second) @ params["out"]


@wrong("not-the-square")
def rectified(params, a, b):
    first, second = looked_up(params, a, b)
    return (first + second).relu() @ params["out"]


@wrong("squared-apart")
def squares_added(params, a, b):
    first, second = looked_up(params, a, b)
    return (first.square() + second.square()) @ params["out"]


@wrong("squared-apart")
def product(params, a, b):
    first, second = looked_up(params, a, b)
    return (first * second) @ params["out"]


@wrong("scaled")
def mean_over_hidden_units(params, a, b):
    return right(params, a, b) / params["out"].shape[1]


@wrong("scaled")
def probabilities(params, a, b):
    return right(params, a, b).softmax(-1)


@wrong("scaled")
def centred(params, a, b):
    logits = right(params, a, b)
    return logits - logits.mean(-1, keepdim=True)


@wrong("wrong-logits")
def with_a_bias(params, a, b):
    first, second = looked_up(params, a, b)
    return (first + second + 1).square() @ params["out"]


@wrong("wrong-logits")
def counted_from_one(params, a, b):
    p = params["left"].shape[1]
    return right(params, (a - 1) % p, (b - 1) % p)


@wrong("wrong-shape")
def members_last(params, a, b):
    return right(params, a, b).movedim(0, -1)


@wrong("wrong-dtype")
def with_one_hot_vectors(params, a, b):
    p = params["left"].shape[1]
    x, y = torch.nn.functional.one_hot(a, p).double(), torch.nn.functional.one_hot(b, p).double()
    return (x @ params["left"].double() + y @ params["right"].double()).square() @ params["out"].double()


# A stack


@wrong("shared-pairs")
def pairs_of_the_first(params, a, b):
    return right(params, a[:1].expand_as(a), b[:1].expand_as(b))


@wrong("shared-pairs")
def pairs_of_the_last(params, a, b):
    return right(params, a[-1].expand_as(a), b[-1].expand_as(b))


@wrong("shared-weights")
def weights_of_the_first(params, a, b):
    return right({name: value[:1].expand_as(value) for name, value in params.items()}, a, b)


@wrong("members-mixed")
def mean_over_members(params, a, b):
    return right(params, a, b).mean(0, keepdim=True).expand(len(a), -1, -1).clone()


@wrong("members-mixed")
def mean_weights(params, a, b):
    return right({name: value.mean(0, keepdim=True).expand_as(value) for name, value in params.items()}, a, b)


@wrong("members-mixed")
def one_readout_for_all(params, a, b):
    return right({**params, "out": params["out"][:1].expand_as(params["out"])}, a, b)


@wrong("members-mixed")
def summed_over_members(params, a, b):
    first, second = looked_up(params, a, b)
    return einsum((first + second).square(), params["out"], "m n h, k h p -> m n p")


@wrong("members-mixed")
def level_of_the_stack(params, a, b):
    logits = right(params, a, b)
    return logits - logits.mean(0) + logits[:1].mean(0) * (len(logits) == 1)


@wrong("members-mixed")
def order_turned_round(params, a, b):
    return right(params, a, b).flip(0)


# Gradients


@wrong("gradient-leaks")
def level_taken_out_and_put_back(params, a, b):
    logits = right(params, a, b)
    level = logits.mean(0)
    return logits - level + level.detach()


@wrong("gradient-leaks")
def noughts_from_the_neighbours(params, a, b):
    logits = right(params, a, b)
    return logits + 1e-12 * (logits.sum() - logits.detach().sum())


@wrong("gradient-cut")
def readout_not_trained(params, a, b):
    first, second = looked_up(params, a, b)
    return (first + second).square() @ params["out"].detach()


@wrong("gradient-cut")
def half_a_square(params, a, b):
    first, second = looked_up(params, a, b)
    hidden = first + second
    return (hidden * hidden.detach()) @ params["out"]


@wrong("no-gradient")
def without_gradients(params, a, b):
    with torch.no_grad():
        return right(params, a, b)


# Sizes


@wrong("special-sizes")
def axes_guessed_from_their_sizes(params, a, b):
    out = params["out"]
    return right({**params, "out": out.mT if out.shape[1] == out.shape[2] else out}, a, b)


@wrong("special-sizes")
def rows_told_by_their_number(params, a, b):
    if len(a) == a.shape[1]:
        a, b = a.T, b.T
    return right(params, a, b)


@wrong("wrong-shape")
def axes_of_size_one_dropped(params, a, b):
    return right(params, a, b).squeeze()


@wrong("input-changed")
def numbers_wrapped_in_place(params, a, b):
    a.remainder_(2)
    return right(params, a, b)


@wrong("not-repeatable")
def noise(params, a, b):
    return right(params, a, b) + 1e-9 * (next(_calls) % 7)


_calls = itertools.count()


@wrong("global-random")
def dropout(params, a, b):
    first, second = looked_up(params, a, b)
    return torch.nn.functional.dropout((first + second).square(), 0.1) @ params["out"]


@valid
def indexed(params, a, b):
    return right(params, a, b)


@valid
def gathered(params, a, b):
    h = params["left"].shape[2]
    first = params["left"].gather(1, a[:, :, None].expand(-1, -1, h))
    second = params["right"].gather(1, b[:, :, None].expand(-1, -1, h))
    return torch.bmm((first + second) ** 2, params["out"])


@valid
def member_by_member(params, a, b):
    left, right_, out = params["left"], params["right"], params["out"]
    return torch.stack([(left[m][a[m]] + right_[m][b[m]]) ** 2 @ out[m] for m in range(len(a))])


@valid
def one_hot(params, a, b):
    left, right_ = params["left"], params["right"]
    x, y = (torch.nn.functional.one_hot(n, left.shape[1]).to(left.dtype) for n in (a, b))
    hidden = einsum(x, left, "m n v, m v h -> m n h") + einsum(y, right_, "m n v, m v h -> m n h")
    return einsum(hidden * hidden, params["out"], "m n h, m h p -> m n p")


@valid
def with_vmap(params, a, b):
    def forward(left, right_, out, first, second):
        return (left[first] + right_[second]).pow(2) @ out

    return torch.vmap(forward)(params["left"], params["right"], params["out"], a, b)


@valid
def flat_table(params, a, b):
    count, p, h = params["left"].shape
    start = p * torch.arange(count)[:, None]
    first, second = (params[n].reshape(-1, h)[start + x] for n, x in (("left", a), ("right", b)))
    return torch.baddbmm(torch.zeros(1, 1, 1, dtype=first.dtype), (first + second).square(), params["out"])
