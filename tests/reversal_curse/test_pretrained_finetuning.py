"""Fine-tuning on invented people: who is told what, what is learned, and what the experiments make of it."""

import importlib
import json

import pytest
import torch

from chisel.core.claims import Claim
from chisel.core.results import load_result
from chisel.core.scale import LAPTOP
from chisel.reversal_curse.claims_pretrained import FINETUNE_CURSE, PRETRAINED_ASYMMETRY
from chisel.reversal_curse.experiments import finetune
from chisel.reversal_curse.figures import finetune as finetune_figures
from chisel.reversal_curse.figures import pretrained as pretrained_figures
from chisel.reversal_curse.measurements import difference_in_differences
from chisel.reversal_curse.pretrained import resources
from chisel.reversal_curse.pretrained.errors import ModelError
from chisel.reversal_curse.pretrained.finetuning import Tuning, ask_all, fine_tune
from chisel.reversal_curse.pretrained.invented import DIRECTIONS, TELLINGS, ask, invent, tell
from chisel.reversal_curse.pretrained.loading import load
from chisel.reversal_curse.workbench import pretrained as workbench
from reversal_curse.tiny_lm import save_folder

CPU = torch.device("cpu")
CLAIMS = (PRETRAINED_ASYMMETRY, FINETUNE_CURSE)
SCALES = [(claim, scale) for claim in CLAIMS for scale in claim.presets if scale != "laptop"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return str(save_folder(tmp_path_factory.mktemp("llama")))


# People


def test_nobody_shares_a_name_or_a_description():
    for seed in range(20):
        people = invent(6, 3, seed)
        everyone = [*people.to_description, *people.to_name, *people.both]
        names = [word for person in everyone for word in person.name.split()]
        words = [word for person in everyone for word in person.description.split() if word not in ("the", "of")]
        assert len(everyone) == 15 and len(set(names)) == 30 and len(set(words)) == 45
    assert invent(6, 3, 1) == invent(6, 3, 1) != invent(6, 3, 2)


def test_many_people_still_differ():
    people = invent(150, 100, 0)
    everyone = [*people.to_description, *people.to_name, *people.both]
    assert len({person.name for person in everyone}) == len({person.description for person in everyone}) == 400


@pytest.mark.parametrize(("one_way", "both"), [(1, 3), (6, -1), (0, 0), (300, 0)])
def test_too_few_or_too_many_people_are_refused(one_way, both):
    with pytest.raises(ValueError, match="at least 2 people"):
        invent(one_way, both, 0)


@pytest.mark.parametrize("tellings", [1, 2, 4])
def test_each_is_told_of_in_the_order_of_the_group_only(tellings):
    people = invent(4, 2, 0)
    told = tell(people, tellings)
    assert len(set(told)) == len(told) == 2 * (4 + 2) * tellings
    for group, answered in {"to_description": {"description"}, "to_name": {"name"}}.items():
        for person in getattr(people, group):
            own = [answer for prompt, answer in told if person.name in prompt + answer]
            assert {"name" if answer == person.name else "description" for answer in own} == answered
    for person in people.both:
        own = [answer for prompt, answer in told if person.name in prompt + answer]
        assert own.count(person.name) == own.count(person.description) == tellings


def test_one_phrasing_is_never_told():
    people = invent(4, 2, 0)
    told = {prompt for prompt, _ in tell(people, len(TELLINGS["to_name"]) - 1)}
    for direction in DIRECTIONS:
        assert not told & set(ask((*people.to_description, *people.to_name, *people.both), direction, -1)[0])
    for wrong in (0, len(TELLINGS["to_name"])):
        with pytest.raises(ValueError, match="phrasings"):
            tell(people, wrong)


# Fine-tuning


def test_what_is_told_is_learned_in_the_order_that_is_told(folder):
    model, people = load(folder), invent(3, 2, 0)
    before = ask_all(model, people)
    losses = fine_tune(model, tell(people, 1), Tuning(epochs=60, lr=1e-2, batch=4), seed=0)
    after = ask_all(model, people)
    assert losses[-1] < 0.2 * losses[0]
    for way in (("to_description", "to_description"), ("to_name", "to_name"), ("both", "to_name")):
        assert difference_in_differences(before[way].scores, after[way].scores) > 4
        assert after[way].exact.all() and not before[way].exact.any()


def test_it_depends_on_the_seed_and_on_nothing_else(folder):
    def losses(seed: int, noise: int) -> list[float]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(noise)
            return fine_tune(load(folder), tell(invent(2, 0, 0), 1), Tuning(epochs=2, batch=2), seed)

    assert losses(0, 1) == losses(0, 2) != losses(1, 1)


def test_padding_plays_no_part(folder):
    sentences = [("It is known that Bram is", "the author of Silent Lantern"), ("They say", "Galt")]
    [together] = fine_tune(load(folder), sentences, Tuning(epochs=1, batch=2), seed=0)
    apart = [fine_tune(load(folder), [one], Tuning(epochs=1, batch=1), seed=0)[0] for one in sentences]
    model = load(folder)
    tokens = [len(model.tokenizer(f"{prompt} {answer}.")["input_ids"]) - 1 for prompt, answer in sentences]
    assert together == pytest.approx(sum(x * n for x, n in zip(apart, tokens, strict=True)) / sum(tokens), rel=1e-5)


def test_bad_input_is_refused_before_the_first_step(folder, monkeypatch):
    model = load(folder)
    weights = [parameter.clone() for parameter in model.net.parameters()]
    with pytest.raises(ValueError, match="nothing to learn"):
        fine_tune(model, [], Tuning(), 0)
    with pytest.raises(ValueError, match="shorten it"):
        fine_tune(model, [("It is " * 100, "so")], Tuning(), 0)
    monkeypatch.setattr(resources, "free_memory", lambda: 1000)
    with pytest.raises(ModelError, match=r"fine-tuning .* of memory"):
        fine_tune(model, [("It is", "so")], Tuning(), 0)
    assert all(torch.equal(a, b) for a, b in zip(weights, model.net.parameters(), strict=True))


# Experiments, figures, workbench


def small(claim: Claim, scale: str, folder: str) -> dict:
    """Settings of the scale with the tiny model, few people and short training."""
    settings = {**claim.presets[scale], "model": folder}
    if claim is FINETUNE_CURSE:
        settings |= {"seeds": 2, "one_way": 2, "both": 2, "tellings": min(2, settings["tellings"]), "epochs": 1}
    else:
        settings |= {"relations": ["months", "letters"], "most": 3}
    return json.loads(json.dumps(settings))


@pytest.mark.parametrize(("claim", "scale"), SCALES, ids=lambda x: getattr(x, "id", x))
def test_an_experiment_measures_what_its_criteria_name(claim, scale, folder):
    module, attribute = claim.experiment.split(":")
    experiment, settings = getattr(importlib.import_module(module), attribute), small(claim, scale, folder)
    if claim is PRETRAINED_ASYMMETRY:
        settings["relations"] = ["letters", "months", "capitals", "books"]
    outputs = [json.loads(json.dumps(experiment.run(job, settings, CPU))) for job in experiment.jobs(settings)]
    summary = experiment.summarise(outputs, settings)
    assert {criterion.measurement for criterion in claim.criteria} <= set(summary.measurements)
    for estimate in summary.measurements.values():
        assert estimate.low <= estimate.value <= estimate.high
    for columns in summary.tables.values():
        assert len({len(column) for column in columns.values()}) == 1
    assert experiment.run(experiment.jobs(settings)[-1], settings, CPU) == outputs[-1]


def test_each_seed_has_people_of_its_own_and_the_same_weights_to_begin_with(folder):
    settings = small(FINETUNE_CURSE, "sample", folder)
    first, second = (finetune.run(job, settings, CPU) for job in finetune.jobs(settings))
    assert first["people"] != second["people"] and first["asked"] != second["asked"]
    assert {asked["arm"] for asked in first["asked"]} == set(finetune.ARMS.values())


def test_the_stored_matrices_give_the_stored_numbers():
    result = load_result(FINETUNE_CURSE)
    seeds = result.provenance["seeds"]
    for told, arms in {
        "to_description": ("forward_to_description", "reverse_to_name"),
        "to_name": ("forward_to_name", "reverse_to_description"),
    }.items():
        stored = workbench.stored_scores(told)
        for order, arm in zip(("forward", "reverse"), arms, strict=True):
            gains = [
                difference_in_differences(before, after)
                for before, after in zip(stored.before[order], stored.after[order], strict=True)
            ]
            assert len(gains) == seeds
            assert sum(gains) / seeds == pytest.approx(result.measurements[arm].value, abs=1e-3)


def test_the_reader_s_function_is_used_on_the_stored_matrices():
    stored = workbench.stored_scores()
    count = len(stored.before["forward"])
    rows = workbench.gains(difference_in_differences, stored)
    assert [order for order, _ in rows] == ["asked as it was told", "asked the other way round"]
    assert workbench.gains(lambda before, after: 0.0, stored)[0][1].endswith(f"in 0 of {count} seeds")


def test_every_figure_is_drawn_from_the_stored_results():
    tuned, asked = load_result(FINETUNE_CURSE), load_result(PRETRAINED_ASYMMETRY)
    figures = [
        finetune_figures.figure(tuned),
        finetune_figures.raw_figure(tuned),
        finetune_figures.matrices_before_and_after(tuned),
        pretrained_figures.figure(asked),
        pretrained_figures.pairs_figure(asked),
    ]
    for figure in figures:
        assert json.loads(str(figure.to_json()))["data"]


def test_on_a_cpu_the_fine_tune_is_left_out_unless_asked_for(monkeypatch, capsys, tmp_path):
    monkeypatch.delenv(workbench.SWITCH, raising=False)
    assert workbench.finetune_live(LAPTOP) == []
    assert "run=True" in capsys.readouterr().out
    monkeypatch.setenv("CHISEL_MODELS", str(tmp_path))
    monkeypatch.setenv(workbench.SWITCH, "1")
    assert workbench.finetune_live(LAPTOP) == []
    assert "chisel lm prepare" in capsys.readouterr().out


def test_the_fine_tune_runs_when_asked_for(folder, monkeypatch):
    small_settings = small(FINETUNE_CURSE, "sample", folder)
    monkeypatch.setitem(FINETUNE_CURSE.presets, "laptop", small_settings)
    rows = workbench.finetune_live(LAPTOP, run=True, model=folder)
    assert len(rows) == len(finetune.ARMS) and all(gain.endswith(" nats") for _, gain in rows)
