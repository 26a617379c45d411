"""Gallery of `train`."""

import copy
from functools import partial

import torch
from torch import nn
from torch.nn.functional import cross_entropy, log_softmax, nll_loss

from chisel.lr_mode_shift.records import History
from galleries.gallery import valid, wrong


def numbers(model, rows):
    """Accuracy and loss of a model that is in the mode in which it is to be measured."""
    with torch.no_grad():
        logits = model(rows[:, 0], rows[:, 1]).double()
    return (logits.argmax(1) == rows[:, 2]).double().mean(), cross_entropy(logits, rows[:, 2])


def measured(model, data, numbers=numbers):
    """All four, and each part back in its mode."""
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    found = [*numbers(model, data[0]), *numbers(model, data[1])]
    for part, mode in modes:
        part.training = mode
    return found


def history(seen):
    train_acc, train_loss, val_acc, val_loss = torch.tensor(
        [[float(x) for x in entry] for entry in seen], dtype=torch.float64
    ).unbind(1)
    return History(train_acc, val_acc, train_loss, val_loss)


def adamw(model, lr, decay, betas):
    return torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=decay, betas=betas)


def mean_loss(model, rows):
    return cross_entropy(model(rows[:, 0], rows[:, 1]), rows[:, 2])


def batch(data, order, step):
    return data[0] if order is None else data[0][order[step]]


def scheduled(optimizer, schedule, step):
    for group in optimizer.param_groups:
        group["lr"] = schedule(step)


def run(
    model,
    data,
    schedule,
    steps,
    order=None,
    decay=1.0,
    betas=(0.9, 0.98),
    make=adamw,
    measure=measured,
    rate=scheduled,
    rows=batch,
    loss=mean_loss,
    clear=True,
):
    """A right training, parts of which can be replaced."""
    optimizer, seen = make(model, schedule(0), decay, betas), [measure(model, data)]
    for step in range(steps):
        rate(optimizer, schedule, step)
        if clear:
            optimizer.zero_grad()
        loss(model, rows(data, order, step)).backward()
        optimizer.step()
        seen.append(measure(model, data))
    return history(seen)


def full(function=run, **parts):
    """A training with other parts, in the signature of the exercise."""

    def train(model, data, schedule, steps, order=None, weight_decay=1.0, betas=(0.9, 0.98)):
        return function(model, data, schedule, steps, order, weight_decay, betas, **parts)

    return train


# What is measured.


def other_entries(change):
    """A training whose four numbers are changed: train_acc, train_loss, val_acc, val_loss, and both sets."""
    return full(measure=lambda model, data: change(*measured(model, data), data))


val_first = wrong("sets-exchanged")(other_entries(lambda a, b, c, d, data: (c, d, a, b)))
validation_twice = wrong("same-set-twice")(other_entries(lambda a, b, c, d, data: (c, d, c, d)))
percent = wrong("not-a-share")(other_entries(lambda a, b, c, d, data: (100 * a, b, 100 * c, d)))
errors = wrong("errors-counted")(other_entries(lambda a, b, c, d, data: (1 - a, b, 1 - c, d)))
sums = wrong("loss-summed")(other_entries(lambda a, b, c, d, data: (a, b * len(data[0]), c, d * len(data[1]))))
bits = wrong("other-unit")(
    other_entries(lambda a, b, c, d, data: (a, b / 0.6931471805599453, c, d / 0.6931471805599453))
)


def mean_of_chunks(model, rows):
    found = [numbers(model, chunk) for chunk in rows.split(4)]
    return [torch.stack(x).mean() for x in zip(*found, strict=True)]


chunks_weighed_alike = wrong("wrong-measurement")(full(measure=partial(measured, numbers=mean_of_chunks)))


def own_argmax(model, rows):
    loss = numbers(model, rows)[1]
    with torch.no_grad():
        return (model(rows[:, 0], rows[:, 1]).argmin(1) == rows[:, 2]).double().mean(), loss


smallest_logit = wrong("wrong-measurement")(full(measure=partial(measured, numbers=own_argmax)))


@wrong("measured-after-the-step")
@full
def entries_after_each_step(model, data, schedule, steps, *rest):
    whole = run(model, data, schedule, steps, *rest)
    return History(*(torch.cat([x[1:], x[-1:]]) for x in vars(whole).values()))


@wrong("batch-measured")
@full
def training_curves_of_the_batch(model, data, schedule, steps, order, *rest):
    at = iter(range(steps + 1))

    def measure(model, data):
        step = min(next(at), max(steps - 1, 0))
        return measured(model, (data[0] if order is None or not steps else data[0][order[step]], data[1]))

    return run(model, data, schedule, steps, order, *rest, measure=measure)


# When.


@wrong("looks-ahead")
@full
def mean_of_neighbours(model, data, schedule, steps, *rest):
    whole = run(model, data, schedule, steps, *rest)
    return History(*(torch.cat([x[:1], (x[1:-1] + x[2:]) / 2, x[-1:]]) if steps else x for x in vars(whole).values()))


@wrong("entries-shifted")
@full
def last_one_left_out(model, data, schedule, steps, *rest):
    whole = run(model, data, schedule, steps, *rest)
    return History(*(torch.cat([x[:1], x[:-1]]) for x in vars(whole).values()))


@wrong("entries-shifted")
@full
def every_second_step(model, data, schedule, steps, *rest):
    whole = run(model, data, schedule, steps, *rest)
    held = torch.arange(steps + 1) // 2 * 2
    return History(*(x[held] for x in vars(whole).values()))


@wrong("entries-shifted")
@full
def best_so_far(model, data, schedule, steps, *rest):
    whole = run(model, data, schedule, steps, *rest)
    best = {name: getattr(whole, name).cummax(0).values for name in ("train_acc", "val_acc")}
    return History(**(vars(whole) | best))


@wrong("entries-shifted")
@full
def running_mean(model, data, schedule, steps, *rest):
    whole = run(model, data, schedule, steps, *rest)
    return History(*(x.cumsum(0) / torch.arange(1, steps + 2) for x in vars(whole).values()))


def as_precise_as_the_model(model, rows):
    with torch.no_grad():
        logits = model(rows[:, 0], rows[:, 1])
        return (logits.argmax(1) == rows[:, 2]).double().mean(), cross_entropy(logits, rows[:, 2]).double()


double_too_late = wrong("single-precision-loss")(full(measure=partial(measured, numbers=as_precise_as_the_model)))


# The steps.

schedule_ignored = wrong("schedule-ignored")(full(rate=lambda optimizer, schedule, step: None))
step_before = wrong("rate-shifted")(full(rate=lambda o, schedule, step: scheduled(o, schedule, max(0, step - 1))))


def as_a_factor(optimizer, schedule, step):
    for group in optimizer.param_groups:
        group["lr"] = schedule(0) if step == 0 else group["lr"] * schedule(step)


multiplied = wrong("rates-multiplied")(full(rate=as_a_factor))

l2_penalty = wrong("l2-for-decoupled")(
    full(
        make=lambda model, lr, decay, betas: torch.optim.Adam(
            model.parameters(), lr=lr, weight_decay=decay, betas=betas
        )
    )
)
decay_forgotten = wrong("weight-decay-ignored")(
    full(make=lambda model, lr, decay, betas: adamw(model, lr, 0.01, betas))
)
betas_forgotten = wrong("betas-ignored")(
    full(make=lambda model, lr, decay, betas: adamw(model, lr, decay, (0.9, 0.98)))
)
not_adam = wrong("wrong-steps")(
    full(make=lambda model, lr, decay, betas: torch.optim.SGD(model.parameters(), lr=lr, momentum=betas[0]))
)
never_cleared = wrong("gradients-pile-up")(full(clear=False))
all_rows_always = wrong("order-ignored")(full(rows=lambda data, order, step: data[0]))
row_before = wrong("order-shifted")(full(rows=lambda data, order, step: batch(data, order, step - 1)))


class Anew:
    """An optimiser that is made again when the rate changes."""

    def __init__(self, model, lr, decay, betas):
        self.make, self.lr = partial(adamw, model, decay=decay, betas=betas), lr
        self.inner = self.make(lr)

    def __call__(self, schedule, step):
        lr = schedule(step)
        if lr != self.lr:
            self.inner = self.make(lr)
        self.lr = lr

    def __getattr__(self, name):
        return getattr(self.inner, name)


rebuilt_at_the_switch = wrong("moments-lost")(
    full(make=Anew, rate=lambda optimizer, schedule, step: optimizer(schedule, step))
)


@wrong("not-trained")
@full
def copy_trained(model, *rest):
    return run(copy.deepcopy(model), *rest)


@wrong("steps-miscounted")
@full
def last_step_not_made(model, data, schedule, steps, order, *rest):
    whole = run(model, data, schedule, max(steps - 1, 0), order, *rest)
    return History(*(torch.cat([x, x[-1:]])[: steps + 1] for x in vars(whole).values())) if steps else whole


@wrong("steps-miscounted")
@full
def one_step_more_than_measured(model, data, schedule, steps, order, *rest):
    more = order if order is None else torch.cat([order, order[-1:]])
    if steps < 3:
        return run(model, data, schedule, steps, order, *rest)
    return History(*(x[:-1] for x in vars(run(model, data, schedule, steps + 1, more, *rest)).values()))


@wrong("other-defaults")
def decay_of_torch(model, data, schedule, steps, order=None, weight_decay=0.01, betas=(0.9, 0.98)):
    return run(model, data, schedule, steps, order, weight_decay, betas)


@wrong("other-defaults")
def betas_of_torch(model, data, schedule, steps, order=None, weight_decay=1.0, betas=(0.9, 0.999)):
    return run(model, data, schedule, steps, order, weight_decay, betas)


half_of_the_rows = wrong("not-all-rows")(
    full(rows=lambda data, order, step: data[0][: len(data[0]) // 2] if order is None else data[0][order[step]])
)
summed_loss = wrong("loss-not-averaged")(full(loss=lambda model, rows: mean_loss(model, rows) * len(rows)))
# What measuring leaves alone.


def in_its_own_mode(model, data):
    return [*numbers(model, data[0]), *numbers(model, data[1])]


never_evaluated = wrong("measured-in-training-mode")(full(measure=in_its_own_mode))


def validation_in_training_mode(model, data):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    found = numbers(model, data[0])
    for part, mode in modes:
        part.training = mode
    return [*found, *numbers(model, data[1])]


def training_mode_for_validation(model, data):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    found = list(numbers(model, data[0]))
    model.train()
    found += numbers(model, data[1])
    for part, mode in modes:
        part.training = mode
    return found


exchanged_modes = wrong("measured-in-training-mode")(full(measure=training_mode_for_validation))

half_evaluated = wrong("measured-in-training-mode")(full(measure=validation_in_training_mode))


def with_a_graph(model, rows):
    logits = model(rows[:, 0], rows[:, 1]).double()
    return (logits.argmax(1) == rows[:, 2]).double().mean(), cross_entropy(logits, rows[:, 2]).detach()


gradients_on = wrong("measured-with-gradients")(full(measure=partial(measured, numbers=with_a_graph)))


def train_afterwards(model, data):
    model.eval()
    found = in_its_own_mode(model, data)
    model.train()
    return found


always_back_to_training = wrong("modes-changed")(full(measure=train_afterwards))


def first_mode_for_all(model, data):
    mode = model.training
    model.eval()
    found = in_its_own_mode(model, data)
    model.train(mode)
    return found


mode_of_the_whole = wrong("modes-changed")(full(measure=first_mode_for_all))


def left_in_evaluation(model, data):
    model.eval()
    return in_its_own_mode(model, data)


never_back = wrong("modes-changed")(full(measure=left_in_evaluation))


@wrong("modes-changed")
@full
def training_mode_at_the_start(model, *rest):
    model.train()
    return run(model, *rest)


@wrong("trained-in-another-mode")
@full
def modes_back_at_the_end_only(model, *rest):
    modes = [(part, part.training) for part in model.modules()]
    whole = run(model, *rest, measure=train_afterwards)
    for part, mode in modes:
        part.training = mode
    return whole


@wrong("trained-in-another-mode")
@full
def steps_in_evaluation_mode(model, *rest):
    modes = [(part, part.training) for part in model.modules()]
    whole = run(model, *rest, measure=left_in_evaluation)
    for part, mode in modes:
        part.training = mode
    return whole


def shuffled(model, rows):
    return numbers(model, rows[torch.randperm(len(rows))])


rows_shuffled = wrong("random-numbers-drawn")(full(measure=partial(measured, numbers=shuffled)))


@wrong("random-numbers-drawn")
@full
def seeds_at_the_start(*arguments):
    torch.manual_seed(0)
    return run(*arguments)


def two_passes(model, rows):
    model(rows[:, 0], rows[:, 1])  # for the training accuracy, say
    return mean_loss(model, rows)


extra_pass = wrong("random-numbers-drawn")(full(loss=two_passes))


def with_a_loader(model, rows):
    found = [numbers(model, part) for part in torch.utils.data.DataLoader(rows, batch_size=len(rows))]
    return found[0]


loader_draws_a_seed = wrong("random-numbers-drawn")(full(measure=partial(measured, numbers=with_a_loader)))

# Form.


@wrong("wrong-shape")
@full
def one_entry_a_step(model, data, schedule, steps, *rest):
    return History(*(x[:steps] for x in vars(run(model, data, schedule, steps, *rest)).values()))


@wrong("wrong-type")
@full
def in_single_precision(*arguments):
    return History(*(x.float() for x in vars(run(*arguments)).values()))


@wrong("returned-none")
@full
def nothing_returned(*arguments):
    run(*arguments)


@wrong("input-changed")
@full
def shuffles_the_rows_in_place(model, data, *rest):
    data[0].copy_(data[0].flip(0))
    return run(model, data, *rest)


# Valid.


@valid
def in_parts(model, data, schedule, steps, order=None, weight_decay=1.0, betas=(0.9, 0.98)):
    return run(model, data, schedule, steps, order, weight_decay, betas)


@valid
def measures_a_copy(model, data, schedule, steps, order=None, weight_decay=1.0, betas=(0.9, 0.98)):
    def measure(model, data):
        twin = copy.deepcopy(model).eval()
        return in_its_own_mode(twin, data)

    return run(model, data, schedule, steps, order, weight_decay, betas, measure=measure)


@valid
def in_chunks_under_inference_mode(model, data, schedule, steps, order=None, weight_decay=1.0, betas=(0.9, 0.98)):
    curves = torch.zeros(4, steps + 1, dtype=torch.float64)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0, weight_decay=weight_decay, betas=betas, foreach=True)
    for step in range(steps + 1):
        modes = {name: part.training for name, part in model.named_modules()}
        with torch.inference_mode():
            model.eval()
            for at, rows in enumerate(data):
                for part in rows.split(4):
                    logits = model(part[:, 0], part[:, 1]).to(torch.float64)
                    curves[at, step] += float((logits.argmax(-1) == part[:, 2]).sum()) / len(rows)
                    curves[2 + at, step] += nll_loss(log_softmax(logits, -1), part[:, 2], reduction="sum") / len(rows)
        for name, part in model.named_modules():
            part.training = modes[name]
        if step < steps:
            for group in optimizer.param_groups:
                group.update(lr=schedule(step))
            rows = data[0] if order is None else data[0].index_select(0, order[step])
            nn.CrossEntropyLoss()(model(rows[:, 0], rows[:, 1]), rows[:, 2]).backward()
            optimizer.step()
            model.zero_grad()
    return History(*curves)


@valid
def with_a_scheduler_and_forked_randomness(
    model, data, schedule, steps, order=None, weight_decay=1.0, betas=(0.9, 0.98)
):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0, weight_decay=weight_decay, betas=betas)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)

    def look():
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return measured(model, data, shuffled)

    seen = [look()]
    for step in range(steps):
        x = data[0] if order is None else data[0][order[step]]
        loss = nll_loss(model(x[:, 0], x[:, 1]).log_softmax(1), x[:, 2])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        seen.append(look())
    return history(seen)
