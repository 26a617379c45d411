"""Gallery of `adamw_step`."""

import itertools
from types import SimpleNamespace

import numpy as np
import torch

from galleries.gallery import valid, wrong

RATES = {
    "coupled": lambda lr, base: (lr, lr),
    "constant": lambda lr, base: (lr, base),
    "decay_only": lambda lr, base: (base, lr),
}


def column(x, like):
    """A number a member, or one for all, shaped to multiply [M, ...]."""
    return torch.as_tensor(x, dtype=like.dtype).reshape(-1, *[1] * (like.dim() - 1))


def ema(old, new, beta):
    return beta * old + (1 - beta) * new


def moments(s):
    """Both moments of one parameter with the new gradient."""
    return ema(s.mean, s.g, s.betas[0]), ema(s.square, s.g**2, s.betas[1])


def move(s):
    """The step that the gradient asks for; s.m and s.v are the new moments, s.t the steps, s.rate the rate."""
    return s.rate * (s.m / (1 - s.betas[0] ** s.t)) / ((s.v / (1 - s.betas[1] ** s.t)).sqrt() + s.eps)


def adamw(s):
    return s.p * (1 - s.decay_rate * s.wd) - move(s)


def run(params, grads, state, lr, wd, decay, base, betas, eps, update=adamw, gather=moments, per=column, rates=RATES):
    """A right step, parts of which can be replaced."""
    some = next(iter(params.values()))
    steps = state["steps"] + 1 if state else torch.ones(len(some), dtype=torch.float64)
    rate, decay_rate = rates[decay](lr, base)
    new, mean, square = {}, {}, {}
    for name, p in params.items():
        old = (state["mean"][name], state["square"][name]) if state else (torch.zeros_like(p), torch.zeros_like(p))
        s = SimpleNamespace(p=p, g=grads[name], mean=old[0], square=old[1], betas=betas, eps=eps, t=column(steps, p))
        s.rate, s.decay_rate, s.wd, s.all, s.grads = per(rate, p), per(decay_rate, p), per(wd, p), params, grads
        mean[name], square[name] = s.m, s.v = gather(s)
        new[name] = update(s)
    return new, {"steps": steps, "mean": mean, "square": square}


def with_defaults(function):
    """Give it the signature of the exercise."""

    def full(params, grads, state, lr, weight_decay, decay="coupled", base_lr=1e-3, betas=(0.9, 0.98), eps=1e-8):
        if decay not in RATES:
            raise ValueError(decay)
        return function(params, grads, state, lr, weight_decay, decay, base_lr, betas, eps)

    full.__name__ = function.__name__
    return full


def updating(change):
    """A step with another update of the parameters."""
    return with_defaults(lambda *arguments: run(*arguments, update=change))


def gathering(change):
    """A step with other moments."""
    return with_defaults(lambda *arguments: run(*arguments, gather=change))


def decayed(s):
    return s.p * (1 - s.decay_rate * s.wd)


uphill = wrong("uphill")(updating(lambda s: decayed(s) + move(s)))

plain_gradient = wrong("gradient-for-adam")(updating(lambda s: decayed(s) - s.rate * s.g))

without_the_root = wrong("no-root")(
    updating(lambda s: decayed(s) - s.rate * s.m / (1 - s.betas[0] ** s.t) / (s.v / (1 - s.betas[1] ** s.t) + s.eps))
)

no_correction = wrong("no-bias-correction")(updating(lambda s: decayed(s) - s.rate * s.m / (s.v.sqrt() + s.eps)))

mean_not_corrected = wrong("no-bias-correction")(
    updating(lambda s: decayed(s) - s.rate * s.m / ((s.v / (1 - s.betas[1] ** s.t)).sqrt() + s.eps))
)

square_not_corrected = wrong("no-bias-correction")(
    updating(lambda s: decayed(s) - s.rate * s.m / (1 - s.betas[0] ** s.t) / (s.v.sqrt() + s.eps))
)

eps_under_the_root = wrong("eps-inside-the-root")(
    updating(
        lambda s: decayed(s) - s.rate * s.m / (1 - s.betas[0] ** s.t) / (s.v / (1 - s.betas[1] ** s.t) + s.eps).sqrt()
    )
)

eps_too_early = wrong("eps-before-correction")(
    updating(
        lambda s: (
            decayed(s) - s.rate * s.m * (1 - s.betas[1] ** s.t) ** 0.5 / (1 - s.betas[0] ** s.t) / (s.v.sqrt() + s.eps)
        )
    )
)

own_eps = wrong("eps-ignored")(updating(lambda s: decayed(s) - move(SimpleNamespace(**(vars(s) | {"eps": 1e-8})))))

gradient_clamped = wrong("wrong-first-step")(
    gathering(
        lambda s: (
            ema(s.mean, s.g.clamp(-0.5, 0.5), s.betas[0]),
            ema(s.square, s.g.clamp(-0.5, 0.5) ** 2, s.betas[1]),
        )
    )
)

square_kept_from_0 = wrong("wrong-first-step")(
    updating(lambda s: decayed(s) - move(SimpleNamespace(**(vars(s) | {"v": s.v.clamp(min=1e-12)}))))
)

looks_ahead = wrong("wrong-first-step")(
    updating(
        lambda s: decayed(s) - move(SimpleNamespace(**(vars(s) | {"m": s.betas[0] * s.m + (1 - s.betas[0]) * s.g})))
    )
)


@wrong("no-step")
@with_defaults
def old_parameters_returned(params, grads, state, *rest):
    return {name: p.clone() for name, p in params.items()}, run(params, grads, state, *rest)[1]


@wrong("rate-ignored")
@with_defaults
def base_rate_for_coupled(params, grads, state, lr, wd, decay, base, betas, eps):
    return run(params, grads, state, lr, wd, decay, base, betas, eps, rates={**RATES, "coupled": lambda a, b: (b, a)})


@wrong("step-miscounted")
@with_defaults
def one_step_too_many(params, grads, state, *rest):
    def late(s):
        return decayed(s) - move(SimpleNamespace(**(vars(s) | {"t": s.t + 1})))

    return run(params, grads, state, *rest, update=late)


@wrong("not-finite")
@with_defaults
def one_step_too_few(params, grads, state, *rest):
    def early(s):
        return decayed(s) - move(SimpleNamespace(**(vars(s) | {"t": s.t - 1})))

    return run(params, grads, state, *rest, update=early)


@wrong("l2-for-decoupled")
@with_defaults
def decay_added_to_the_gradient(params, grads, state, lr, wd, decay, base, betas, eps):
    pulled = {name: g + column(wd, g) * params[name] for name, g in grads.items()}
    return run(params, pulled, state, lr, 0.0, decay, base, betas, eps)


@wrong("no-decay")
@with_defaults
def idle_parameters_skipped(params, grads, state, *rest):
    new, after = run(params, grads, state, *rest)
    return {name: x if bool(grads[name].any()) else params[name] for name, x in new.items()}, after


no_decay_at_all = wrong("no-decay")(updating(lambda s: s.p - move(s)))

rate_forgotten = wrong("decay-without-rate")(updating(lambda s: s.p * (1 - s.wd) - move(s)))

growing = wrong("decay-grows")(updating(lambda s: s.p * (1 + s.decay_rate * s.wd) - move(s)))

exponential = wrong("wrong-decay")(updating(lambda s: s.p * torch.exp(-s.decay_rate * s.wd) - move(s)))

by_sign = wrong("wrong-decay")(updating(lambda s: s.p - s.decay_rate * s.wd * s.p.sign() - move(s)))

halved = wrong("wrong-decay")(updating(lambda s: s.p * (1 - s.decay_rate * s.wd / 2) - move(s)))


@wrong("decay-in-moments")
@with_defaults
def stored_with_the_decay(params, grads, state, lr, wd, decay, base, betas, eps):
    new, after = run(params, grads, state, lr, wd, decay, base, betas, eps)
    mean = {name: m + (1 - betas[0]) * column(wd, m) * params[name] for name, m in after["mean"].items()}
    return new, after | {"mean": mean}


decay_after_the_step = wrong("decay-after-the-step")(updating(lambda s: (s.p - move(s)) * (1 - s.decay_rate * s.wd)))

decay_where_the_gradient_is = wrong("wrong-together")(
    updating(lambda s: torch.where(s.g == 0, decayed(s), s.p - move(s)))
)

decay_of_the_new_with_the_old = wrong("wrong-together")(
    updating(lambda s: s.p - move(s) * (1 + s.decay_rate * s.wd) - s.decay_rate * s.wd * s.p)
)


def with_rates(**rates):
    return with_defaults(lambda *arguments: run(*arguments, rates={**RATES, **rates}))


always_coupled = wrong("decay-mode-ignored")(
    with_rates(constant=lambda lr, base: (lr, lr), decay_only=lambda lr, base: (lr, lr))
)

exchanged = wrong("decay-modes-exchanged")(
    with_rates(constant=lambda lr, base: (base, lr), decay_only=lambda lr, base: (lr, base))
)

base_of_the_chapter = wrong("base-rate-ignored")(
    with_rates(constant=lambda lr, base: (lr, 1e-3), decay_only=lambda lr, base: (1e-3, lr))
)

no_gradient_in_decay_only = wrong("wrong-gradient-rate")(with_rates(decay_only=lambda lr, base: (0.0, lr)))

both_base_in_constant = wrong("wrong-gradient-rate")(with_rates(constant=lambda lr, base: (base, base)))

no_decay_in_constant = wrong("wrong-decay-rate")(with_rates(constant=lambda lr, base: (lr, 0.0)))

product_of_both = wrong("wrong-decay-rate")(with_rates(decay_only=lambda lr, base: (base, lr / base)))

lower_of_both = wrong("wrong-decay-rate")(with_rates(constant=lambda lr, base: (lr, min(lr, base))))


@wrong("steps-wrong")
@with_defaults
def counted_twice(params, grads, state, *rest):
    before = state and state | {"steps": state["steps"] / 2}
    new, after = run(params, grads, before, *rest)
    return new, after | {"steps": 2 * after["steps"]}


@wrong("steps-wrong")
@with_defaults
def never_counted(params, grads, state, *rest):
    new, after = run(params, grads, state, *rest)
    return new, after | {"steps": torch.ones_like(after["steps"])}


pace_of_adam = wrong("betas-ignored")(
    with_defaults(lambda p, g, s, lr, wd, way, base, betas, eps: run(p, g, s, lr, wd, way, base, (0.9, 0.999), eps))
)

one_beta_for_both = wrong("betas-ignored")(
    with_defaults(lambda p, g, s, lr, wd, way, base, b, eps: run(p, g, s, lr, wd, way, base, (b[0], b[0]), eps))
)

betas_turned = wrong("betas-exchanged")(
    with_defaults(lambda p, g, s, lr, wd, way, base, betas, eps: run(p, g, s, lr, wd, way, base, betas[::-1], eps))
)


@wrong("beta-for-its-rest")
@with_defaults
def weights_the_wrong_way_round(params, grads, state, lr, wd, decay, base, betas, eps):
    return run(params, grads, state, lr, wd, decay, base, (1 - betas[0], 1 - betas[1]), eps)


@wrong("gradients-added-up")
@with_defaults
def full_weight(params, grads, state, lr, wd, decay, base, betas, eps):
    scale = state and state | {
        key: {name: x * (1 - beta) for name, x in state[key].items()}
        for key, beta in zip(("mean", "square"), betas, strict=True)
    }
    new, after = run(params, grads, scale, lr, wd, decay, base, betas, eps)
    for key, beta in zip(("mean", "square"), betas, strict=True):
        after[key] = {name: x / (1 - beta) for name, x in after[key].items()}
    return new, after


@wrong("not-squared")
@with_defaults
def size_for_square(params, grads, state, lr, wd, decay, base, betas, eps):
    def gather(s):
        return ema(s.mean, s.g, s.betas[0]), ema(s.square, s.g.abs(), s.betas[1])

    def update(s):
        return decayed(s) - s.rate * s.m / (1 - betas[0] ** s.t) / (s.v / (1 - betas[1] ** s.t) + s.eps)

    return run(params, grads, state, lr, wd, decay, base, betas, eps, update=update, gather=gather)


@wrong("correction-stored")
@with_defaults
def corrected_ones_kept(params, grads, state, lr, wd, decay, base, betas, eps):
    new, after = run(params, grads, state, lr, wd, decay, base, betas, eps)
    for key, beta in zip(("mean", "square"), betas, strict=True):
        after[key] = {name: x / column(1 - beta ** after["steps"], x) for name, x in after[key].items()}
    return new, after


@wrong("state-forgotten")
@with_defaults
def afresh_each_time(params, grads, state, *rest):
    new, after = run(params, grads, {}, *rest)
    return new, after | {"steps": state["steps"] + 1 if state else after["steps"]}


never_falling = wrong("wrong-moments")(gathering(lambda s: (moments(s)[0], torch.maximum(s.square, moments(s)[1]))))

beta_to_the_power_of_the_step = wrong("wrong-moments")(
    gathering(lambda s: (ema(s.mean, s.g, s.betas[0] ** s.t), moments(s)[1]))
)

first_step_alone_corrected = wrong("wrong-later-step")(
    updating(lambda s: decayed(s) - torch.where(s.t == 1, move(s), s.rate * s.m / (s.v.sqrt() + s.eps)))
)

one_correction_for_both = wrong("wrong-later-step")(
    updating(
        lambda s: (
            decayed(s)
            - move(s) * ((1 - s.betas[0] ** s.t) / (1 - s.betas[0])) / ((1 - s.betas[1] ** s.t) / (1 - s.betas[1]))
        )
    )
)

moments_of_the_step_before = wrong("wrong-later-step")(
    updating(
        lambda s: (
            decayed(s)
            - (
                move(SimpleNamespace(**(vars(s) | {"m": s.mean, "v": s.square, "t": s.t - 1})))
                if float(s.t.min()) > 1
                else move(s)
            )
        )
    )
)


def along_the_last_axis(x, like):
    return torch.as_tensor(x, dtype=like.dtype)


@wrong("wrong-axis")
@with_defaults
def rates_as_they_come(*arguments):
    return run(*arguments, per=along_the_last_axis)


@wrong("one-rate-for-all")
@with_defaults
def first_members_rate(params, grads, state, lr, wd, decay, base, betas, eps):
    return run(params, grads, state, torch.as_tensor(lr).flatten()[0], wd, decay, base, betas, eps)


@wrong("one-rate-for-all")
@with_defaults
def mean_rate(params, grads, state, lr, wd, decay, base, betas, eps):
    return run(params, grads, state, torch.as_tensor(lr, dtype=torch.float64).mean(), wd, decay, base, betas, eps)


@wrong("members-mixed")
@with_defaults
def clipped_by_the_common_norm(params, grads, state, *rest):
    size = torch.cat([g.flatten() for g in grads.values()]).norm()
    return run(params, {name: g / (size / 100).clamp(min=1) for name, g in grads.items()}, state, *rest)


@wrong("members-differ-from-solo")
@with_defaults
def first_members_base_rate(params, grads, state, lr, wd, decay, base, betas, eps):
    return run(params, grads, state, lr, wd, decay, torch.as_tensor(base).flatten()[0], betas, eps)


@wrong("members-differ-from-solo")
@with_defaults
def mean_decay(params, grads, state, lr, wd, decay, base, betas, eps):
    return run(params, grads, state, lr, torch.as_tensor(wd, dtype=torch.float64).mean(), decay, base, betas, eps)


def counting(choose):
    """A step whose correction takes one number of steps for all."""

    def function(*arguments):
        return run(*arguments, update=lambda s: decayed(s) - move(SimpleNamespace(**(vars(s) | {"t": choose(s.t)}))))

    return wrong("correction-shared")(with_defaults(function))


largest_count = counting(torch.max)
first_members_count = counting(lambda t: t.flatten()[0])
mean_count = counting(torch.mean)


@wrong("matched-by-place")
@with_defaults
def zipped(params, grads, state, *rest):
    return run(params, dict(zip(params, grads.values(), strict=True)), state, *rest)


@wrong("wrong-dtype")
@with_defaults
def always_double(params, grads, state, *rest):
    return run({name: p.double() for name, p in params.items()}, grads, state, *rest)


@wrong("wrong-dtype")
@with_defaults
def promoted_by_the_count(params, grads, state, *rest):
    def update(s):
        return adamw(SimpleNamespace(**(vars(s) | {"t": s.t.double()})))

    return run(params, grads, state, *rest, update=update)


@wrong("unknown-decay-accepted")
def else_means_decay_only(params, grads, state, lr, weight_decay, decay, base_lr=1e-3, betas=(0.9, 0.98), eps=1e-8):
    way = decay if decay in ("coupled", "constant") else "decay_only"
    return run(params, grads, state, lr, weight_decay, way, base_lr, betas, eps)


@wrong("unknown-decay-accepted")
def looked_up(params, grads, state, lr, weight_decay, decay, base_lr=1e-3, betas=(0.9, 0.98), eps=1e-8):
    return run(params, grads, state, lr, weight_decay, decay, base_lr, betas, eps)


@wrong("input-changed")
@with_defaults
def parameters_in_place(params, grads, state, *rest):
    new, after = run(params, grads, state, *rest)
    for name, p in params.items():
        p.copy_(new[name])
    return params, after


@wrong("input-changed")
@with_defaults
def moments_in_place(params, grads, state, *rest):
    new, after = run(params, grads, state, *rest)
    for key in ("mean", "square"):
        for name, x in state.get(key, {}).items():
            x.copy_(after[key][name])
    return new, after


@wrong("input-changed")
@with_defaults
def state_filled(params, grads, state, *rest):
    new, after = run(params, grads, state, *rest)
    state.update(after)
    return new, state


@wrong("input-changed")
@with_defaults
def gradients_decayed(params, grads, state, lr, wd, decay, base, betas, eps):
    for name, g in grads.items():
        g.add_(column(wd, g) * params[name])
    return run(params, grads, state, lr, 0.0, decay, base, betas, eps)


@wrong("wrong-type")
@with_defaults
def parameters_alone(*arguments):
    return run(*arguments)[0]


@wrong("wrong-type")
@with_defaults
def one_count_for_all(params, grads, state, *rest):
    before = state and state | {"steps": torch.tensor([state["steps"]])}
    new, after = run(params, grads, before, *rest)
    return new, after | {"steps": int(after["steps"][0])}


@valid
@with_defaults
def in_parts(*arguments):
    return run(*arguments)


@valid
def member_by_member(
    params, grads, state, lr, weight_decay, decay="coupled", base_lr=1e-3, betas=(0.9, 0.98), eps=1e-8
):
    """With torch's own AdamW for each, its state put in and taken out."""
    if decay not in ("coupled", "constant", "decay_only"):
        raise ValueError(f"no such decay: {decay}")
    count = len(next(iter(params.values())))
    lr, weight_decay, base_lr = (
        np.broadcast_to(np.asarray(x, dtype=float), count) for x in (lr, weight_decay, base_lr)
    )
    steps = state["steps"] + 1 if state else torch.ones(count, dtype=torch.int64)
    rows = {key: {name: [] for name in params} for key in ("new", "mean", "square")}
    for i in range(count):
        rate = base_lr[i] if decay == "decay_only" else lr[i]
        other = base_lr[i] if decay == "constant" else lr[i]
        for name in params:
            x = params[name][i].clone()
            optimizer = torch.optim.AdamW([x], lr=float(rate), betas=betas, eps=eps, weight_decay=0.0)
            if state:
                gathered = {"exp_avg": state["mean"][name][i].clone(), "exp_avg_sq": state["square"][name][i].clone()}
                optimizer.state[x] = {"step": torch.tensor(float(steps[i] - 1)), **gathered}
            x.grad = grads[name][i]
            optimizer.step()
            rows["new"][name].append(x - float(other * weight_decay[i]) * params[name][i])
            rows["mean"][name].append(optimizer.state[x]["exp_avg"])
            rows["square"][name].append(optimizer.state[x]["exp_avg_sq"])
    new, mean, square = ({name: torch.stack(x) for name, x in part.items()} for part in rows.values())
    return new, {"steps": steps, "mean": mean, "square": square}


@valid
def everything_in_one_matrix(
    params, grads, state, lr, weight_decay, decay="coupled", base_lr=1e-3, betas=(0.9, 0.98), eps=1e-8
):
    if decay == "coupled":
        base_lr = lr
    elif decay == "decay_only":
        lr, base_lr = base_lr, lr
    elif decay != "constant":
        raise ValueError(decay)
    sizes = [p[0].numel() for p in params.values()]

    def flat(named):
        return torch.cat([named[name].reshape(len(p), -1) for name, p in params.items()], 1)

    def named(matrix):
        parts = matrix.split(sizes, 1)
        return {name: part.reshape(p.shape) for (name, p), part in zip(params.items(), parts, strict=True)}

    p, g = flat(params), flat(grads)
    lr, base_lr, wd = (torch.as_tensor(x, dtype=p.dtype).reshape(-1, 1) for x in (lr, base_lr, weight_decay))
    steps = state.get("steps", torch.zeros(len(p), 1)[:, 0]) + 1
    t = steps.to(p.dtype)[:, None]
    m, v = (flat(state[key]) if state else torch.zeros_like(p) for key in ("mean", "square"))
    m = m + (1 - betas[0]) * (g - m)
    v = torch.lerp(v, g.square(), 1 - betas[1])
    p = p - base_lr * wd * p - lr * (m / (1 - betas[0] ** t)) / (torch.sqrt(v / (1 - betas[1] ** t)) + eps)
    return named(p), {"steps": steps, "mean": named(m), "square": named(v)}


@valid
def with_einsum_and_more_in_the_state(
    params, grads, state, lr, weight_decay, decay="coupled", base_lr=1e-3, betas=(0.9, 0.98), eps=1e-8
):
    if decay not in RATES:
        raise ValueError(decay)
    count = len(next(iter(params.values())))
    steps = state["steps"] + 1 if state else torch.ones(count, dtype=torch.int32)
    mean, square, new = dict(state.get("mean", {})), dict(state.get("square", {})), {}
    rates = [torch.as_tensor(x, dtype=torch.float64).expand(count) for x in (*RATES[decay](lr, base_lr), weight_decay)]
    for name in itertools.chain(params):
        p, g = params[name], grads[name]
        mean[name] = betas[0] * mean.get(name, 0 * p) + (1 - betas[0]) * g
        square[name] = betas[1] * square.get(name, 0 * p) + (1 - betas[1]) * g * g
        one, two = ((1 - b ** steps.double()).to(p.dtype) for b in betas)
        rate, decay_rate, wd = (x.to(p.dtype) for x in rates)
        unit = mean[name] / (torch.einsum("m...,m->m...", square[name], 1 / two).sqrt() + eps)
        new[name] = torch.einsum("m...,m->m...", p, 1 - decay_rate * wd) - torch.einsum(
            "m...,m->m...", unit, rate / one
        )
    return new, {"steps": steps, "mean": mean, "square": square, "betas": torch.tensor(betas)}
