"""Live decoders: trained on the reader's facts with the reader's loss, and asked in both directions."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from chisel.core.plotting import NEUTRAL, PALETTE, SYMBOLS, new_figure
from chisel.core.scale import LAPTOP, Scale
from chisel.reversal_curse.experiments.scratch import held_out, new_decoder, turned
from chisel.reversal_curse.figures.matrices import DIRECTIONS, matrices_figure
from chisel.reversal_curse.presets import BASE
from chisel.reversal_curse.statements import Fact, Facts, names, prompts, sequences
from chisel.reversal_curse.training import Method, train_stack

Function = Callable[..., Any]
Scores = Mapping[str, Sequence[Tensor]]
KNOWN, UNKNOWN = 3.0, 1.0  # nats: classes so far apart that another machine's rounding moves nothing between them


@dataclass(frozen=True)
class Trained:
    """A decoder with the facts that it was trained on."""

    net: nn.Module
    facts: Facts


def train_live(
    make_facts: Function, lm_loss: Function, scale: Scale = LAPTOP, change: Callable[[Facts], Facts] | None = None
) -> list[Trained]:
    """Train a decoder for each of three seeds with the reader's `make_facts` and `lm_loss`; about six CPU-seconds.

    Args:
        change: what is done to the facts before training.
    """
    seeds = range(scale.pick(3, 20))
    every = [make_facts(BASE["pairs"], BASE["both"], seed) for seed in seeds]
    every = [change(facts) for facts in every] if change else every
    ids = torch.stack([sequences([*facts.train, *facts.exposure]) for facts in every])
    nets = [new_decoder(BASE, facts.vocabulary, seed) for facts, seed in zip(every, seeds, strict=True)]
    trained = train_stack(nets, ids, Method(), lm_loss, scale.device, f"training {len(nets)} decoders")
    return [Trained(net, facts) for net, facts in zip(trained, every, strict=True)]


def mitigation_live(
    augment: Function, make_facts: Function, lm_loss: Function, mode: str = "reversed", scale: Scale = LAPTOP
) -> list[Trained]:
    """Train as `train_live` does, on facts that the reader's `augment` adds to; about ten CPU-seconds."""
    return train_live(make_facts, lm_loss, scale, lambda facts: augment(facts, mode))


def scores_live(completion_logprob: Function, models: Sequence[Trained]) -> dict[str, list[Tensor]]:
    """Score every name after every prompt with the reader's `completion_logprob`.

    Returns:
        direction -> one matrix [N, N] a model: "learned", the trained statements about pairs stated A to B only;
        "b_to_a", the same pairs in reverse; "a_to_b", the pairs stated B to A only, in reverse.
    """
    found: dict[str, list[Tensor]] = {direction: [] for direction in DIRECTIONS}
    for model in models:
        asked = {"learned": turned(model.facts.held_backward), **held_out(model.facts)}
        for direction, statements in asked.items():
            found[direction].append(_scores(completion_logprob, model.net, statements))
    return found


def reversal_table(reversal_statistic: Function, scores: Scores) -> list[tuple[str, str]]:
    """Say of each direction in how many seeds the reader's statistic finds knowledge.

    Returns:
        rows (direction, in how many seeds), in words that do not hang on the last digit.
    """
    rows = []
    for direction, matrices in scores.items():
        counted = Counter(_word(reversal_statistic(matrix.cpu())[0]) for matrix in matrices)
        words = ", ".join(f"{word} in {count} of {len(matrices)} seeds" for word, count in counted.most_common())
        rows.append((DIRECTIONS[direction], words))
    return rows


def statistic_figure(reversal_statistic: Function, scores: Mapping[str, Scores]) -> Any:
    """Draw the reader's statistic with its interval, one point a seed.

    Args:
        scores: name of the training -> what `scores_live` returns for its models.
    """
    figure = new_figure("right name ahead (nats)", "")
    kinds = {direction: words.replace(", ", ",<br>") for direction, words in DIRECTIONS.items()}
    for (name, own), color, symbol in zip(scores.items(), PALETTE, SYMBOLS, strict=False):
        found = [
            (kinds[direction], *reversal_statistic(matrix.cpu())[:2])
            for direction, matrices in own.items()
            for matrix in matrices
        ]
        figure.add_scatter(
            x=[difference for _, difference, _ in found],
            y=[direction for direction, _, _ in found],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - difference for _, difference, (_, high) in found],
                "arrayminus": [difference - low for _, difference, (low, _) in found],
                "width": 4,
            },
            mode="markers",
            orientation="h",
            name=name,
            marker={"color": color, "symbol": symbol, "size": 8},
            customdata=[[low, high] for _, _, (low, high) in found],
            hovertemplate="%{y}: %{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})",
        )
    figure.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
    figure.update_yaxes(categoryorder="array", categoryarray=list(kinds.values())[::-1])
    return figure.update_layout(scattermode="group", scattergap=0.5)


def scores_figure(scores: Scores) -> Any:
    """Draw the first seeds' matrices, the trained direction above the reverse; the slider sets the seed."""
    shown = min(3, min(len(matrices) for matrices in scores.values()))
    return matrices_figure(
        {f"seed {seed}": {name: own[seed].tolist() for name, own in scores.items()} for seed in range(shown)}
    )


def _scores(completion_logprob: Function, net: nn.Module, statements: Sequence[Fact]) -> Tensor:
    device, count = next(net.parameters()).device, len(statements)
    asked, answers = prompts(statements).to(device), names(statements).to(device)
    return completion_logprob(net, asked.repeat_interleave(count, 0), answers.repeat(count, 1)).view(count, count)


def _word(difference: float) -> str:
    """Return a class for a difference in nats."""
    if difference >= KNOWN:
        return f"over {KNOWN:.0f} nats ahead"
    return "within a nat of 0" if abs(difference) < UNKNOWN else "in between"
