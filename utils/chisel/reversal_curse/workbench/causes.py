"""Live versions of what looks for causes: one gradient step, the bilinear model, and scorers that may be at fault."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from chisel.core.plotting import NEUTRAL, PALETTE, SYMBOLS, add_reference, new_figure
from chisel.core.row_charts import add_rows
from chisel.core.scale import LAPTOP, Scale
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.reversal_curse.bilinear import Bilinear, train_bilinear
from chisel.reversal_curse.experiments import transpose
from chisel.reversal_curse.experiments.transfer import leave_out, turned_back
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.recall import Recall
from chisel.reversal_curse.statements import Facts, names, prompts, sequences
from chisel.reversal_curse.training import Method, train_stack
from chisel.reversal_curse.workbench.decoders import Trained

Function = Callable[..., Any]
Bilinears = Mapping[str, Sequence[tuple[Bilinear, Facts]]]
LEFT_OUT, GAIN = 12, 0.3
KINDS = {False: "untied", True: "tied"}


def transfer_live(one_step_transfer: Function, make_facts: Function, lm_loss: Function, scale: Scale = LAPTOP) -> Any:
    """Take the reader's step on a dozen pairs that a decoder was never told about; about four CPU-seconds.

    The steps are as long as a gain of .3 nats takes at first order. The control is a tied bilinear model, in which the
    same step does transfer.

    Returns:
        a figure with a dot a pair: the statement's own gain, and that of its inverse, raw and contrasted.
    """
    seeds = range(scale.pick(1, 10))
    drawn = [leave_out(make_facts(60, 0.4, seed), LEFT_OUT) for seed in seeds]
    worlds = [world for world, _ in drawn]
    ids = torch.stack([sequences([*world.train, *world.exposure]) for world in worlds])
    untrained = [
        Decoder(Shape(world.vocabulary), generator(seed, "decoder")) for world, seed in zip(worlds, seeds, strict=True)
    ]
    decoders = train_stack(untrained, ids, Method(), lm_loss, scale.device, "training a decoder")
    control = train_bilinear(worlds, seeds, tied=True, device=scale.device)
    chart = new_figure("change in log-probability (nats)", "")
    rows = ("the statement<br>itself", "its inverse,<br>raw", "its inverse,<br>contrasted")
    models = {"decoder": decoders, "tied bilinear model (control)": control}
    for (name, nets), color, symbol in zip(models.items(), PALETTE, SYMBOLS, strict=False):
        recalls = [Recall(net, left, turned_back(left)) for net, (_, left) in zip(nets, drawn, strict=True)]
        changes = [_step(one_step_transfer, recall, index) for recall in recalls for index in range(LEFT_OUT)]
        columns = list(zip(*changes, strict=True))
        dots = [(row, x) for row, column in zip(rows, columns, strict=True) for x in column]
        add_rows(chart, rows, [mean_interval(column, "pairs") for column in columns], dots, name, color, symbol)
    return chart.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})


def _step(one_step_transfer: Function, recall: Recall, index: int) -> tuple[float, float, float]:
    """Return what the reader's step on one pair changes: forward, raw, contrasted."""
    asked = recall.scores("forward")[index, index]
    gradients = torch.autograd.grad(asked, list(recall.parameters()), allow_unused=True)
    squared = sum(float(g.double().square().sum()) for g in gradients if g is not None)
    others = [other for other in range(LEFT_OUT) if other != index]
    found = one_step_transfer(recall, index, others, GAIN / squared)
    return float(found.forward), float(found.raw), float(found.contrasted)


def bilinear_live(bilinear_scores: Function, make_facts: Function, scale: Scale = LAPTOP) -> Bilinears:
    """Train five bilinear models untied and five tied, with the reader's scores; about four CPU-seconds."""
    seeds = range(scale.pick(5, 20))
    worlds = [make_facts(50, 0.5, seed) for seed in seeds]
    trained = {
        name: train_bilinear(worlds, seeds, tied, scores=bilinear_scores, device=scale.device)
        for tied, name in KINDS.items()
    }
    return {name: list(zip(nets, worlds, strict=True)) for name, nets in trained.items()}


def bilinear_table(models: Bilinears) -> list[tuple[str, str]]:
    """Say in how many seeds the inverse is known and the transpose is found, in words that rounding does not move.

    Returns:
        rows (models, what was found).
    """
    rows = []
    for name, pairs in models.items():
        seen = [transpose.look(net, world) for net, world in pairs]
        chosen = sum(found["reverse_choice"] > 0.5 for found in seen)
        like = sum(found["likeness"] > 0.3 for found in seen)
        rows.append((name, f"inverse chosen right more often than not: {chosen} of {len(seen)} seeds"))
        rows.append((name, f"one relation like the other's transpose: {like} of {len(seen)} seeds"))
    return rows


def bilinear_figure(models: Bilinears) -> Any:
    """Draw what the models know of inverse statements, and how near one matrix is to the other's transpose."""
    chart = new_figure("share of statements, or cosine", "")
    seen = {name: [transpose.look(net, world) for net, world in pairs] for name, pairs in models.items()}
    words = {
        "learned_top1": "as stated, top-1",
        "reverse_top1": "inverse, top-1",
        "reverse_choice": "inverse, forced choice",
        "likeness": "cosine to the transpose",
    }
    for (name, found), color, symbol in zip(seen.items(), PALETTE, SYMBOLS, strict=False):
        columns = {label: [row[what] for row in found] for what, label in words.items()}
        dots = [(label, x) for label, column in columns.items() for x in column]
        add_rows(chart, list(columns), [mean_interval(c) for c in columns.values()], dots, name, color, symbol)
    return chart.update_xaxes(range=[-0.1, 1.06])


def silent_live(
    scorers: Mapping[str, Function], models: Mapping[str, Sequence[Trained]], reversal_statistic: Function
) -> Any:
    """Ask decoders for the inverse statements with several scorers, as scorer(logits [N, V], names [N]) -> [N, N].

    Args:
        scorers: label -> scorer.
        models: label -> decoders, as `train_live` returns them; those trained both ways are the positive control.

    Returns:
        a figure of the reader's statistic, one dot a decoder, for each scorer and kind of decoder.
    """
    chart = new_figure("", "right name ahead (nats)")
    for (label, scorer), color, symbol in zip(scorers.items(), PALETTE, SYMBOLS, strict=False):
        found = [(kind, reversal_statistic(scorer(*_asked(model)))[0]) for kind, own in models.items() for model in own]
        chart.add_scatter(
            x=[kind for kind, _ in found],
            y=[difference for _, difference in found],
            mode="markers",
            name=label,
            offsetgroup=label,
            marker={"color": color, "symbol": symbol, "size": 10},
            hovertemplate="%{x}: %{y:.2f} nats",
        )
    chart.update_layout(scattermode="group", scattergap=0.5)
    return add_reference(chart, 0.0, "nothing known")


def _asked(model: Trained) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what a decoder says [N, V] after the prompts of the held-out backward statements, and the names [N]."""
    held = model.facts.held_backward
    device = next(model.net.parameters()).device
    with torch.no_grad():
        logits = model.net(prompts(held).to(device))[:, -1]
    return logits.cpu(), names(held)[:, 0]
