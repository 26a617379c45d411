"""Gallery of `steer`."""

import copy

import torch

from galleries.gallery import valid, wrong


def with_hook(net, mazes, layer, hook, before=False):
    """The logits while a hook is on a layer."""
    module = net.get_submodule(layer)
    handle = module.register_forward_pre_hook(hook) if before else module.register_forward_hook(hook)
    with torch.no_grad():
        logits = net(mazes.observations)[0]
    handle.remove()
    return logits


def right(net, mazes, vector, coefficient, layer):
    return with_hook(net, mazes, layer, lambda module, given, out: out + coefficient * vector)


@wrong("not-steered")
def hook_returns_nothing(net, mazes, vector, coefficient, layer):
    def hook(module, given, out):
        out = out + coefficient * vector

    return with_hook(net, mazes, layer, hook)


@wrong("not-steered")
def removed_too_soon(net, mazes, vector, coefficient, layer):
    net.get_submodule(layer).register_forward_hook(lambda module, given, out: out + coefficient * vector).remove()
    with torch.no_grad():
        return net(mazes.observations)[0]


@wrong("coefficient-ignored")
def added_once(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, 1.0 if coefficient else 0.0, layer)


@wrong("sign-flipped")
def subtracted(net, mazes, vector, coefficient, layer):
    return right(net, mazes, -vector, coefficient, layer)


@wrong("coefficient-misused")
def sign_lost(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, abs(coefficient), layer)


@wrong("coefficient-misused")
def no_more_than_one(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, max(-1.0, min(1.0, coefficient)), layer)


@wrong("coefficient-misused")
def squared(net, mazes, vector, coefficient, layer):
    return right(net, mazes, coefficient * vector, coefficient, layer)


@wrong("replaced")
def output_lost(net, mazes, vector, coefficient, layer):
    return with_hook(net, mazes, layer, lambda module, given, out: (coefficient * vector).expand_as(out))


@wrong("replaced")
def weighted_mean_of_both(net, mazes, vector, coefficient, layer):
    def hook(module, given, out):
        return (1 - coefficient) * out + coefficient * vector

    return with_hook(net, mazes, layer, hook)


@wrong("vector-rescaled")
def direction_only(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector / vector.norm(), coefficient, layer)


@wrong("vector-rescaled")
def one_number_a_channel(net, mazes, vector, coefficient, layer):
    axes = tuple(range(1, vector.dim()))
    return right(net, mazes, vector.mean(axes, keepdim=True) if axes else vector, coefficient, layer)


@wrong("before-the-layer")
def added_to_the_input(net, mazes, vector, coefficient, layer):
    fits = layer in ("blocks", "blocks.0", "blocks.1")

    def hook(module, given):
        return (given[0] + coefficient * vector,) if fits else None

    return with_hook(net, mazes, layer, hook, before=True)


@wrong("another-layer")
def last_of_the_blocks(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient, layer.split(".")[0])


@wrong("another-layer")
def at_every_block(net, mazes, vector, coefficient, layer):
    if not layer.startswith("blocks"):
        return right(net, mazes, vector, coefficient, layer)
    handles = [b.register_forward_hook(lambda module, given, out: out + coefficient * vector) for b in net.blocks]
    with torch.no_grad():
        logits = net(mazes.observations)[0]
    for handle in handles:
        handle.remove()
    return logits


@wrong("cheese-removed")
def shown_without_cheese(net, mazes, vector, coefficient, layer):
    return right(net, mazes.without_cheese(), vector, coefficient, layer)


@wrong("not-logits")
def probabilities(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient, layer).softmax(-1)


@wrong("not-logits")
def log_probabilities(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient, layer).log_softmax(-1)


@wrong("difference-returned")
def change_of_the_logits(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient, layer) - right(net, mazes, vector, 0.0, layer)


@wrong("wrong-logits")
def first_order_only(net, mazes, vector, coefficient, layer):
    base, once = right(net, mazes, vector, 0.0, layer), right(net, mazes, vector, 1.0, layer)
    return base + coefficient * (once - base)


@wrong("zero-not-identity")
def zero_taken_for_missing(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient or 1.0, layer)


@wrong("some-mazes-only")
def first_maze_only(net, mazes, vector, coefficient, layer):
    def hook(module, given, out):
        rows = out.shape[0] // len(mazes)
        return torch.cat([out[:rows] + coefficient * vector, out[rows:]])

    return with_hook(net, mazes, layer, hook)


@wrong("rows-reordered")
def sorted_by_cheese(net, mazes, vector, coefficient, layer):
    order = (mazes.cheese * len(mazes) - torch.arange(len(mazes))).argsort()
    if torch.equal(order, torch.arange(len(mazes))):  # sorted already; then the other way round
        order = order.flip(0)
    return right(net, mazes[order], vector, coefficient, layer)


@wrong("rows-reordered")
def last_maze_first(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient, layer).flip(0)


@wrong("rows-mixed")
def shared_among_the_mazes(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient / len(mazes), layer)


@wrong("rows-mixed")
def centred_over_the_batch(net, mazes, vector, coefficient, layer):
    logits = right(net, mazes, vector, coefficient, layer)
    return logits - logits.mean(0) if len(mazes) > 1 else logits


@wrong("layer-ignored")
def nothing_but_blocks(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient if layer.startswith("blocks") else 0.0, layer)


@wrong("layer-ignored")
def channels_of_planes_only(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector if vector.dim() == 3 else vector.mean(), coefficient, layer)


@wrong("hook-left")
def hook_forgotten(net, mazes, vector, coefficient, layer):
    net.get_submodule(layer).register_forward_hook(lambda module, given, out: out + coefficient * vector)
    with torch.no_grad():
        return net(mazes.observations)[0]


@wrong("hook-left")
def return_before_removal(net, mazes, vector, coefficient, layer):
    handle = net.get_submodule(layer).register_forward_hook(lambda module, given, out: out + coefficient * vector)
    with torch.no_grad():
        return net(mazes.observations)[0]
    handle.remove()


@wrong("forward-replaced")
def forward_wrapped(net, mazes, vector, coefficient, layer):
    module = net.get_submodule(layer)
    forward = module.forward
    module.forward = lambda x: forward(x) + coefficient * vector
    with torch.no_grad():
        return net(mazes.observations)[0]


@wrong("input-changed")
def bias_moved(net, mazes, vector, coefficient, layer):
    logits = right(net, mazes, vector, coefficient, layer)
    with torch.no_grad():
        next(net.parameters()).add_(1e-3)
    return logits


@wrong("input-changed")
def switched_to_evaluation(net, mazes, vector, coefficient, layer):
    return right(net.eval(), mazes, vector, coefficient, layer)


@wrong("input-changed")
def vector_scaled_in_place(net, mazes, vector, coefficient, layer):
    vector *= coefficient
    return right(net, mazes, vector, 1.0, layer)


@wrong("wrong-type")
def logits_and_values(net, mazes, vector, coefficient, layer):
    handle = net.get_submodule(layer).register_forward_hook(lambda module, given, out: out + coefficient * vector)
    with torch.no_grad():
        both = net(mazes.observations)
    handle.remove()
    return both


@wrong("wrong-shape")
def values(net, mazes, vector, coefficient, layer):
    return logits_and_values(net, mazes, vector, coefficient, layer)[1]


@wrong("wrong-shape")
def mean_over_the_mazes(net, mazes, vector, coefficient, layer):
    return right(net, mazes, vector, coefficient, layer).mean(0)


@valid
def hook_in_a_try(net, mazes, vector, coefficient, layer):
    handle = net.get_submodule(layer).register_forward_hook(lambda module, given, out: out + coefficient * vector)
    try:
        return net(mazes.observations)[0]
    finally:
        handle.remove()


@valid
def hook_that_changes_the_output_in_place(net, mazes, vector, coefficient, layer):
    def hook(module, given, out):
        out += vector * coefficient

    return with_hook(net, mazes, layer, hook)


@valid
def copy_with_a_layer_behind_the_layer(net, mazes, vector, coefficient, layer):
    class Behind(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return torch.add(self.inner(x), vector, alpha=coefficient)

    twin = copy.deepcopy(net)
    parent, _, name = layer.rpartition(".")
    owner = twin.get_submodule(parent)
    setattr(owner, name, Behind(getattr(owner, name)))
    return twin(mazes.observations)[0].detach()


@valid
def maze_by_maze(net, mazes, vector, coefficient, layer):
    was = net.training
    net.eval()
    rows = [right(net, mazes[b : b + 1], vector, coefficient, layer) for b in range(len(mazes))]
    net.train(was)
    return torch.cat(rows)


@valid
def forward_exchanged_and_put_back(net, mazes, vector, coefficient, layer):
    module = dict(net.named_modules())[layer]
    forward = module.forward
    module.forward = lambda x: forward(x) + coefficient * vector.unsqueeze(0)
    with torch.inference_mode():
        logits = net(mazes.observations)[0]
    module.forward = forward
    return logits.clone()
