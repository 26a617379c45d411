"""Gallery of `one_step_transfer`."""

import copy

import torch

from chisel.reversal_curse.recall import Transfer
from galleries.gallery import valid, wrong


def trained(model):
    return [p for p in model.parameters() if p.requires_grad]


def slopes(model, objective, parameters=None):
    """Gradients of `objective(forward scores, backward scores)`, one a parameter, and 0 where it plays no part."""
    parameters = trained(model) if parameters is None else parameters
    value = objective(model.scores("forward"), model.scores("backward"))
    return torch.autograd.grad(value, parameters, allow_unused=True, materialize_grads=True)


def changes(model, objective, eta, parameters=None, turned=None):
    """The changes of both matrices with a step, which is taken back."""
    own = trained(model) if parameters is None else parameters(model)
    kept = [p.detach().clone() for p in own]
    found = slopes(model, objective, own)
    found = turned(found) if turned else found
    before = [model.scores(way).detach() for way in ("forward", "backward")]
    try:
        with torch.no_grad():
            for p, g in zip(own, found, strict=True):
                p.add_(eta * g)
            return model.scores("forward") - before[0], model.scores("backward") - before[1]
    finally:
        with torch.no_grad():
            for p, old in zip(own, kept, strict=True):
                p.copy_(old)


def read(there, back, index, others):
    raw = back[index, index]
    return Transfer(float(there[index, index]), float(raw), float(raw - back[index, list(others)].mean()))


def own_score(index):
    return lambda f, b: f[index, index]


def right(model, index, others, eta):
    return read(*changes(model, own_score(index), eta), index, others)


def in_place(model, index, eta):
    """Take the step in the model itself; return what was there before."""
    found = slopes(model, own_score(index))
    kept = [p.detach().clone() for p in trained(model)]
    with torch.no_grad():
        for p, g in zip(trained(model), found, strict=True):
            p += eta * g
    return kept, found


def put_back(model, kept):
    with torch.no_grad():
        for p, before in zip(trained(model), kept, strict=True):
            p.copy_(before)


# What is left behind


@wrong("weights-not-restored")
def step_not_taken_back(model, index, others, eta):
    answer = right(model, index, others, eta)
    in_place(model, index, eta)
    return answer


@wrong("weights-not-restored")
def kept_by_reference(model, index, others, eta):
    answer = right(model, index, others, eta)
    kept = {name: value for name, value in model.state_dict().items()}
    in_place(model, index, eta)
    model.load_state_dict(kept)
    return answer


@wrong("restored-with-rounding")
def step_subtracted_again(model, index, others, eta):
    answer = right(model, index, others, eta)
    _, found = in_place(model, index, eta)
    with torch.no_grad():
        for p, g in zip(trained(model), found, strict=True):
            p -= eta * g
    return answer


@wrong("gradients-left")
def after_backward(model, index, others, eta):
    answer = right(model, index, others, eta)
    model.scores("forward")[index, index].backward()
    return answer


@wrong("gradients-lost")
def gradients_cleared(model, index, others, eta):
    answer = right(model, index, others, eta)
    model.zero_grad()
    return answer


@wrong("gradients-lost")
def added_to_what_was_there(model, index, others, eta):
    answer = right(model, index, others, eta)
    if all(p.grad is not None for p in model.parameters()):
        model.scores("forward")[index, index].backward()
    return answer


@wrong("old-gradients-used")
def step_along_all_that_is_in_grad(model, index, others, eta):
    def turned(found):
        return [g if p.grad is None else g + p.grad for p, g in zip(trained(model), found, strict=True)]

    return read(*changes(model, own_score(index), eta, turned=turned), index, others)


@wrong("mode-changed")
def evaluation_for_good(model, index, others, eta):
    model.eval()
    return right(model, index, others, eta)


@wrong("mode-changed")
def always_back_to_training(model, index, others, eta):
    model.eval()
    answer = right(model, index, others, eta)
    model.train()
    return answer


@wrong("input-changed")
def buffers_overwritten(model, index, others, eta):
    answer = right(model, index, others, eta)
    for buffer in model.buffers():
        buffer.mul_(1.01)
    return answer


@wrong("not-restored-after-error")
def put_back_at_the_end(model, index, others, eta):
    before = [model.scores(way).detach() for way in ("forward", "backward")]
    kept, _ = in_place(model, index, eta)
    with torch.no_grad():
        there, back = (model.scores(way) - old for way, old in zip(("forward", "backward"), before, strict=True))
    put_back(model, kept)
    return read(there, back, index, others)


@wrong("not-restored-after-error")
def mode_left_after_an_error(model, index, others, eta):
    was = model.training
    model.eval()
    answer = right(model, index, others, eta)
    model.train(was)
    return answer


# The step


@wrong("sign-flipped")
def down_the_gradient(model, index, others, eta):
    return right(model, index, others, -eta)


@wrong("sign-flipped")
def before_less_after(model, index, others, eta):
    return Transfer._make(-value for value in right(model, index, others, eta))


@wrong("of-the-probability")
def gradient_of_the_probability(model, index, others, eta):
    return read(*changes(model, lambda f, b: f[index, index].exp(), eta), index, others)


@wrong("more-than-one-score")
def gradient_of_the_diagonal(model, index, others, eta):
    return read(*changes(model, lambda f, b: f.diagonal().sum(), eta), index, others)


@wrong("more-than-one-score")
def gradient_of_the_row(model, index, others, eta):
    return read(*changes(model, lambda f, b: f[index].sum(), eta), index, others)


@wrong("more-than-one-score")
def softmax_over_the_names(model, index, others, eta):
    return read(*changes(model, lambda f, b: f.log_softmax(1)[index, index], eta), index, others)


@wrong("steps-backward")
def gradient_of_the_backward_score(model, index, others, eta):
    return read(*changes(model, lambda f, b: b[index, index], eta), index, others)


@wrong("steps-backward")
def directions_exchanged(model, index, others, eta):
    there, back = changes(model, lambda f, b: b[index, index], eta)
    return read(back, there, index, others)


@wrong("step-rescaled")
def gradient_of_length_one(model, index, others, eta):
    def turned(found):
        length = torch.cat([g.flatten() for g in found]).norm()
        return [g / length for g in found]

    return read(*changes(model, own_score(index), eta, turned=turned), index, others)


@wrong("step-rescaled")
def adam(model, index, others, eta):
    twin = copy.deepcopy(model)
    optimiser = torch.optim.Adam(trained(twin), lr=eta)
    (-twin.scores("forward")[index, index]).backward()
    optimiser.step()
    with torch.no_grad():
        there, back = (twin.scores(way) - model.scores(way) for way in ("forward", "backward"))
    return read(there, back, index, others)


@wrong("eta-ignored")
def learning_rate_of_its_own(model, index, others, eta):
    return right(model, index, others, 0.1)


@wrong("some-parameters-only")
def last_parameter_only(model, index, others, eta):
    return read(*changes(model, own_score(index), eta, lambda twin: trained(twin)[-1:]), index, others)


@wrong("two-steps")
def two_steps(model, index, others, eta):
    twin = copy.deepcopy(model)
    in_place(twin, index, eta)
    in_place(twin, index, eta)
    with torch.no_grad():
        there, back = (twin.scores(way) - model.scores(way) for way in ("forward", "backward"))
    return read(there, back, index, others)


@wrong("predicted-not-measured")
def predicted_forward_gain(model, index, others, eta):
    gain = eta * sum((g * g).sum() for g in slopes(model, own_score(index)))
    return right(model, index, others, eta)._replace(forward=float(gain))


@wrong("predicted-not-measured")
def predicted_backward_change(model, index, others, eta):
    there, back = slopes(model, own_score(index)), slopes(model, lambda f, b: b[index, index])
    answer = right(model, index, others, eta)
    raw = float(eta * sum((g * h).sum() for g, h in zip(there, back, strict=True)))
    return Transfer(answer.forward, raw, raw - (answer.raw - answer.contrasted))


@wrong("another-change")
def mean_forward_gain(model, index, others, eta):
    there, back = changes(model, own_score(index), eta)
    return read(there, back, index, others)._replace(forward=float(there.diagonal().mean()))


@wrong("wrong-forward-gain")
def share_among_the_names(model, index, others, eta):
    there, back = changes(model, own_score(index), eta)
    before = model.scores("forward").detach()
    gain = (before + there).log_softmax(1) - before.log_softmax(1)
    return read(there, back, index, others)._replace(forward=float(gain[index, index]))


# The backward direction


@wrong("raw-contrasted-swapped")
def fields_in_another_order(model, index, others, eta):
    forward, raw, contrasted = right(model, index, others, eta)
    return Transfer(forward, contrasted, raw)


@wrong("backward-not-reread")
def both_readings_before_the_step(model, index, others, eta):
    return Transfer(right(model, index, others, eta).forward, 0.0, 0.0)


@wrong("forward-again")
def forward_scores_for_backward_ones(model, index, others, eta):
    there, _ = changes(model, own_score(index), eta)
    return read(there, there, index, others)


@wrong("another-change")
def mean_over_the_backward_diagonal(model, index, others, eta):
    there, back = changes(model, own_score(index), eta)
    raw = back.diagonal().mean()
    return Transfer(float(there[index, index]), float(raw), float(raw - back[index, list(others)].mean()))


@wrong("another-change")
def size_of_the_change(model, index, others, eta):
    forward, raw, contrasted = right(model, index, others, eta)
    return Transfer(forward, abs(raw), abs(raw) - (raw - contrasted))


@wrong("wrong-raw-change")
def backward_score_of_the_first_other(model, index, others, eta):
    there, back = changes(model, own_score(index), eta)
    raw = float(back[others[0], others[0]])
    return Transfer(float(there[index, index]), raw, raw - float(back[index, list(others)].mean()))


# The contrast


def with_contrast(taken):
    """A solution that takes off `taken(forward changes, backward changes, index, others)`."""

    def solution(model, index, others, eta):
        there, back = changes(model, own_score(index), eta)
        answer = read(there, back, index, others)
        return answer._replace(contrasted=answer.raw - float(taken(there, back, index, list(others))))

    return solution


@wrong("raw-for-contrast")
def raw_for_contrast(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: 0.0)(model, index, others, eta)


@wrong("itself-among-the-others")
def itself_among_the_others(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: back[i, [i, *others]].mean())(model, index, others, eta)


@wrong("others-ignored")
def all_columns(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: back[i].mean())(model, index, others, eta)


@wrong("others-ignored")
def all_other_columns(model, index, others, eta):
    def taken(there, back, i, others):
        return (back[i].sum() - back[i, i]) / (len(back) - 1)

    return with_contrast(taken)(model, index, others, eta)


@wrong("other-prompts")
def rows_for_columns(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: back[others, i].mean())(model, index, others, eta)


@wrong("other-prompts")
def other_pairs(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: back.diagonal()[others].mean())(model, index, others, eta)


@wrong("forward-names")
def names_of_the_forward_direction(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: there[i, others].mean())(model, index, others, eta)


@wrong("sum-for-mean")
def summed(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: back[i, others].sum())(model, index, others, eta)


@wrong("one-other-only")
def first_other(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: back[i, others[0]])(model, index, others, eta)


@wrong("contrast-added")
def contrast_added(model, index, others, eta):
    return with_contrast(lambda there, back, i, others: -back[i, others].mean())(model, index, others, eta)


@wrong("level-for-change")
def scores_after_the_step(model, index, others, eta):
    before = model.scores("backward").detach()
    return with_contrast(lambda there, back, i, others: (before + back)[i, others].mean())(model, index, others, eta)


@wrong("wrong-contrast")
def root_mean_square(model, index, others, eta):
    def taken(there, back, i, others):
        return back[i, others].square().mean().sqrt()

    return with_contrast(taken)(model, index, others, eta)


@wrong("raised")
def index_by_what_was_given(model, index, others, eta):
    there, back = changes(model, own_score(index), eta)
    raw = back[index, index]
    return Transfer(float(there[index, index]), float(raw), float(raw - back[index][others].mean()))


# Parameters and eta


@wrong("frozen-moved")
def everything_thawed(model, index, others, eta):
    thawed = copy.deepcopy(model).requires_grad_(True)
    return right(thawed, index, others, eta)


@wrong("shared-moved-twice")
def module_by_module(model, index, others, eta):
    def every(twin):
        return [p for m in twin.modules() for p in m.parameters(recurse=False) if p.requires_grad]

    return read(*changes(model, own_score(index), eta, every), index, others)


@wrong("raised")
def unused_parameters_not_expected(model, index, others, eta):
    torch.autograd.grad(model.scores("forward")[index, index], trained(model))
    return right(model, index, others, eta)


@wrong("raised")
def frozen_parameters_not_expected(model, index, others, eta):
    torch.autograd.grad(model.scores("forward")[index, index], list(model.parameters()), allow_unused=True)
    return right(model, index, others, eta)


@wrong("unlike-parameters")
def without_a_second_name(model, index, others, eta):
    def every(twin):
        every = [p for _, p in twin.named_parameters(remove_duplicate=False)]
        return [p for p in trained(twin) if sum(p is q for q in every) == 1]

    return read(*changes(model, own_score(index), eta, every), index, others)


@wrong("negative-eta")
def size_of_eta(model, index, others, eta):
    return right(model, index, others, abs(eta))


@wrong("zero-eta")
def zero_taken_for_missing(model, index, others, eta):
    return right(model, index, others, eta or 1e-2)


# The form


@wrong("wrong-type")
def plain_tuple(model, index, others, eta):
    return tuple(right(model, index, others, eta))


@wrong("wrong-type")
def one_change_a_name(model, index, others, eta):
    there, back = changes(model, own_score(index), eta)
    return Transfer(there[index], back[index], back[index])


@wrong("global-random")
def seeded(model, index, others, eta):
    torch.manual_seed(0)
    return right(model, index, others, eta)


@valid
def on_a_copy(model, index, others, eta):
    twin = copy.deepcopy(model)
    in_place(twin, index, eta)
    with torch.no_grad():
        there, back = (twin.scores(way) - model.scores(way) for way in ("forward", "backward"))
    return Transfer._make(torch.tensor(value) for value in read(there, back, index, others))


@valid
def in_the_model_itself(model, index, others, eta):
    before = {way: model.scores(way).detach() for way in ("forward", "backward")}
    kept = [p.detach().clone() for p in trained(model)]
    try:
        in_place(model, index, eta)
        with torch.no_grad():
            there, back = (model.scores(way) - before[way] for way in before)
    finally:
        put_back(model, kept)
    return read(there, back, index, others)


@valid
def with_sgd(model, index, others, eta):
    twin = copy.deepcopy(model)
    twin.zero_grad()
    optimiser = torch.optim.SGD(twin.parameters(), lr=abs(eta))
    before = [twin.scores(way) for way in ("forward", "backward")]
    (before[0][index, index] * (-1 if eta > 0 else 1)).backward()
    optimiser.step()
    there, back = (twin.scores(way) - old for way, old in zip(("forward", "backward"), before, strict=True))
    mean = sum(back[index, j] for j in others) / len(others)
    return Transfer(there[index, index], back[index, index], back[index, index] - mean)


@valid
def whole_state_put_back(model, index, others, eta):
    state = copy.deepcopy(model.state_dict())
    forward, backward = model.scores("forward")[index, index].item(), model.scores("backward")[index].tolist()
    try:
        in_place(model, index, eta)
        gained = model.scores("forward")[index, index].item() - forward
        after = model.scores("backward")[index].tolist()
    finally:
        model.load_state_dict(state)
    raw = after[index] - backward[index]
    return Transfer(gained, raw, raw - sum(after[j] - backward[j] for j in others) / len(others))


@valid
def data_exchanged_and_gradients_kept(model, index, others, eta):
    was, grads = [p.data for p in model.parameters()], [p.grad for p in model.parameters()]
    before = [model.scores(way).detach() for way in ("forward", "backward")]
    for p in model.parameters():
        p.grad = None
    try:
        model.scores("forward")[index, index].backward()
        for p in model.parameters():
            if p.grad is not None:
                p.data = p.data + eta * p.grad
        with torch.no_grad():
            there, back = (model.scores(way) - old for way, old in zip(("forward", "backward"), before, strict=True))
    finally:
        for p, data, grad in zip(model.parameters(), was, grads, strict=True):
            p.data, p.grad = data, grad
    return read(there, back, index, others)
