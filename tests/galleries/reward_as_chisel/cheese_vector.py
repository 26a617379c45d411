"""Gallery of `cheese_vector`."""

import copy

import torch
from torch.utils.hooks import RemovableHandle

from galleries.gallery import valid, wrong


def outputs(net, layer, *shown, before=False):
    """What a layer gives (or gets) for each batch of mazes, one after another."""
    kept, module = [], net.get_submodule(layer)
    if before:
        handle = module.register_forward_pre_hook(lambda module, given: kept.append(given[0]))
    else:
        handle = module.register_forward_hook(lambda module, given, out: kept.append(out))
    with torch.no_grad():
        for mazes in shown:
            net(mazes.observations)
    handle.remove()
    return kept


def right(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return there.mean(0) - none.mean(0)


@wrong("sign-flipped")
def without_less_with(net, mazes, cell, layer):
    return -right(net, mazes, cell, layer)


@wrong("own-cheese")
def cheese_where_it_was(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes, mazes.without_cheese())
    return there.mean(0) - none.mean(0)


@wrong("other-cheese")
def less_the_maze_as_it_is(net, mazes, cell, layer):
    there, own = outputs(net, layer, mazes.with_cheese(cell), mazes)
    return there.mean(0) - own.mean(0)


@wrong("not-a-difference")
def with_the_cheese_only(net, mazes, cell, layer):
    return outputs(net, layer, mazes.with_cheese(cell))[0].mean(0)


@wrong("not-a-difference")
def both_kinds_in_one_mean(net, mazes, cell, layer):
    return torch.cat(outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())).mean(0)


@wrong("rescaled")
def of_length_one(net, mazes, cell, layer):
    vector = right(net, mazes, cell, layer)
    return vector / vector.norm()


@wrong("rescaled")
def absolute_differences(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return (there - none).abs().mean(0)


@wrong("rescaled")
def halved(net, mazes, cell, layer):
    return right(net, mazes, cell, layer) / 2


@wrong("places-averaged")
def one_number_a_channel(net, mazes, cell, layer):
    vector = right(net, mazes, cell, layer)
    axes = tuple(range(1, vector.dim()))
    return vector.mean(axes, keepdim=True).expand_as(vector).clone() if axes else vector


@wrong("layer-input")
def what_goes_in(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese(), before=True)
    return there.mean(0) - none.mean(0)


@wrong("another-layer")
def always_the_last_block(net, mazes, cell, layer):
    return right(net, mazes, cell, "blocks.1")


@wrong("another-layer")
def whole_stack_of_blocks(net, mazes, cell, layer):
    return right(net, mazes, cell, layer.split(".")[0])


@wrong("another-cell")
def counted_from_one(net, mazes, cell, layer):
    return right(net, mazes, max(cell - 1, 0), layer)


@wrong("another-cell")
def row_and_column_exchanged(net, mazes, cell, layer):
    size = mazes.size
    return right(net, mazes, size * (cell % size) + cell // size, layer)


@wrong("wrong-difference")
def against_mazes_with_open_floors(net, mazes, cell, layer):
    floor = type(mazes)(torch.ones_like(mazes.opened), mazes.cheese).without_cheese()
    there, none = outputs(net, layer, mazes.with_cheese(cell), floor)
    return there.mean(0) - none.mean(0)


@wrong("sum-for-mean")
def summed(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return there.view(len(mazes), -1, *there.shape[1:]).mean(1).sum(0) - none.view(
        len(mazes), -1, *none.shape[1:]
    ).mean(1).sum(0)


@wrong("one-maze-only")
def first_maze(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return there[0] - none[0]


@wrong("not-the-mean")
def middle_maze(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return torch.quantile(there - none, 0.5, dim=0)


@wrong("not-the-mean")
def first_maze_without(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese()[:1])
    return there.mean(0) - none.mean(0)


@wrong("not-the-mean")
def divided_by_one_less(net, mazes, cell, layer):
    return right(net, mazes, cell, layer) * len(mazes) / max(1, len(mazes) - 1)


@wrong("cell-misread")
def zero_taken_for_none(net, mazes, cell, layer):
    return right(net, mazes, cell or 1, layer)


@wrong("cell-misread")
def last_cell_cut_off(net, mazes, cell, layer):
    return right(net, mazes, min(cell, mazes.size**2 - 2), layer)


@wrong("own-cheese-counts")
def mazes_with_the_cheese_there_left_out(net, mazes, cell, layer):
    kept = mazes[mazes.cheese != cell]
    return right(net, kept if len(kept) else mazes, cell, layer)


@wrong("own-cheese-counts")
def mazes_without_cheese_left_so(net, mazes, cell, layer):
    moved = mazes.with_cheese(torch.where(mazes.cheese < 0, -1, cell))
    there, none = outputs(net, layer, moved, mazes.without_cheese())
    return there.mean(0) - none.mean(0)


@wrong("layer-ignored")
def stem_of_everything_but_blocks(net, mazes, cell, layer):
    like_stem = ("blocks", "blocks.1") if hasattr(net, "trace") else ()
    return right(net, mazes, cell, "stem" if layer in like_stem else layer)


@wrong("layer-ignored")
def averaged_within_each_row_of_a_vector(net, mazes, cell, layer):
    vector = right(net, mazes, cell, layer)
    return vector if vector.dim() == 3 else vector.mean().expand_as(vector).clone()


@wrong("hook-left")
def hook_forgotten(net, mazes, cell, layer):
    kept = []
    net.get_submodule(layer).register_forward_hook(lambda module, given, out: kept.append(out))
    with torch.no_grad():
        net(mazes.with_cheese(cell).observations)
        net(mazes.without_cheese().observations)
    return kept[0].mean(0) - kept[1].mean(0)


@wrong("hook-left")
def one_of_two_hooks_removed(net, mazes, cell, layer):
    kept, module = [], net.get_submodule(layer)
    handle: RemovableHandle | None = None
    for shown in (mazes.with_cheese(cell), mazes.without_cheese()):
        handle = module.register_forward_hook(lambda module, given, out: kept.append(out))
        with torch.no_grad():
            net(shown.observations)
    handle.remove()
    return kept[0].mean(0) - kept[-1].mean(0)


@wrong("forward-replaced")
def forward_wrapped(net, mazes, cell, layer):
    kept, module = [], net.get_submodule(layer)
    forward = module.forward

    def wrapped(x):
        kept.append(forward(x))
        return kept[-1]

    module.forward = wrapped
    with torch.no_grad():
        net(mazes.with_cheese(cell).observations)
        net(mazes.without_cheese().observations)
    return kept[0].mean(0) - kept[1].mean(0)


@wrong("input-changed")
def switched_to_evaluation(net, mazes, cell, layer):
    net.eval()
    return right(net, mazes, cell, layer)


@wrong("input-changed")
def switched_back_to_training(net, mazes, cell, layer):
    net.eval()
    vector = right(net, mazes, cell, layer)
    net.train()
    return vector


@wrong("input-changed")
def cheese_moved_in_place(net, mazes, cell, layer):
    mazes.cheese[:] = cell
    return right(net, mazes, cell, layer)


@wrong("wrong-shape")
def a_row_for_each_maze(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return there - none


@wrong("wrong-shape")
def averaged_over_places_too(net, mazes, cell, layer):
    return right(net, mazes, cell, layer).flatten(1).mean(1)


@wrong("wrong-shape")
def averaged_over_channels(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return there.mean(1) - none.mean(1)


@wrong("settings-changed")
def gradients_switched_off_for_good(net, mazes, cell, layer):
    torch.set_grad_enabled(False)
    return right(net, mazes, cell, layer)


@valid
def hook_and_mean_of_differences(net, mazes, cell, layer):
    there, none = outputs(net, layer, mazes.with_cheese(cell), mazes.without_cheese())
    return (there - none).mean(dim=0)


@valid
def with_gradients_and_a_copy(net, mazes, cell, layer):
    twin, kept = copy.deepcopy(net).eval(), []
    twin.get_submodule(layer).register_forward_hook(lambda module, given, out: kept.append(out.clone()))
    twin(mazes.with_cheese(cell).observations)
    twin(mazes.without_cheese().observations)
    return kept[0].mean(0) - kept[1].mean(0)


@valid
def one_pass_over_both(net, mazes, cell, layer):
    module, kept = dict(net.named_modules())[layer], {}
    handle = module.register_forward_hook(lambda module, given, out: kept.update(out=out))
    try:
        with torch.inference_mode():
            net(torch.cat([mazes.with_cheese(cell).observations, mazes.without_cheese().observations]))
    finally:
        handle.remove()
    there, none = kept["out"].clone().chunk(2)
    return there.mean(0) - none.mean(0)


@valid
def maze_by_maze(net, mazes, cell, layer):
    was, total = net.training, 0
    net.eval()
    for b in range(len(mazes)):
        there, none = outputs(net, layer, mazes[b : b + 1].with_cheese(cell), mazes[b : b + 1].without_cheese())
        total = total + (there - none).mean(0)
    net.train(was)
    return total / len(mazes)


@valid
def observations_written_over(net, mazes, cell, layer):
    shown = mazes.observations
    shown[:, -1] = 0
    empty = shown.clone()
    shown[:, -1].flatten(1)[:, cell] = 1
    module, kept = net, []
    for name in layer.split("."):
        module = getattr(module, name)
    forward = module.forward
    module.forward = lambda x: kept.append(forward(x)) or kept[-1]
    with torch.no_grad():
        net(shown)
        net(empty)
    del module.forward
    return kept[0].mean(0) - kept[1].mean(0)
