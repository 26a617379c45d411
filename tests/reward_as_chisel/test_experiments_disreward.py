"""The experiments behind `claims_disreward`, small, at the sample's and the gpu preset's shapes; and their figures."""

import importlib
import json
from dataclasses import replace

import pytest
import torch

from chisel.core.claims import Claim
from chisel.core.results import load_result
from chisel.core.running import Experiment
from chisel.core.seeding import generator
from chisel.reward_as_chisel.claims_disreward import DIS_REWARD, DIS_REWARD_CAUSE, DIS_REWARD_PLACE
from chisel.reward_as_chisel.experiments import disreward, disreward_causes
from chisel.reward_as_chisel.method import A2C
from chisel.reward_as_chisel.model import FieldPolicy
from chisel.reward_as_chisel.tasks import cheese_task
from chisel.reward_as_chisel.world import STAY, draw_mazes, region_cells

CPU = torch.device("cpu")
CLAIMS = (DIS_REWARD, DIS_REWARD_CAUSE, DIS_REWARD_PLACE)
for_each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
# Agents that learn something in a second, and unlearn it soon: what is read where P(cheese) falls must fall.
SHORT = {"updates": 200, "mazes": 32, "horizon": 10, "lr": 0.01}
AFTER = {"lr": 0.02, "warmup": 0, "last_lr": 1.0, "mazes": 16, "horizon": 8}
FEW = {"size": 3, "channels": 16, "blocks": 1, "bank": 100, "members": 2, "mazes": 30, "steps": 20, "after": AFTER}


# Per cent. These agents start at about .9 (the field policy) and over .7 (the place policy).
LEVELS = {"dis-reward-cause": (80, 75), "dis-reward-place": (60, 50)}


def small(claim: Claim, scale: str) -> tuple[Experiment, dict]:
    """The claim's experiment and its settings at a scale, with little to compute."""
    module, attribute = claim.experiment.split(":")
    settings: dict = {**claim.presets[scale], **FEW, "method": SHORT}
    if claim is DIS_REWARD:
        settings |= {"regions": (2,), "seeds": (0,), "checkpoints": (0, 4, 60), "gone": 0.7}
    else:
        quick = {name: {**v, "updates": 40, "every": 4} for name, v in settings["variants"].items()}
        for given in quick.values():
            given["after"] = {**given.get("after", {}), "lr": 0.02}
        settings |= {"region": 2, "seeds": (0,), "refit_mazes": 40, "variants": quick}
        high, low = LEVELS[claim.id]
        settings |= {"levels": (high / 100, low / 100), "reported": (high, low)}
    return getattr(importlib.import_module(module), attribute), json.loads(json.dumps(settings))


def asked_for(claim: Claim) -> set[str]:
    """What the criteria name; the small settings have other levels of P(cheese)."""
    high, low = LEVELS.get(claim.id, (50, 10))
    names = {criterion.measurement for criterion in claim.criteria}
    return {name.replace("_at_50", f"_at_{high}").replace("_at_10", f"_at_{low}") for name in names}


@for_each_claim
@pytest.mark.parametrize("scale", ["sample", "gpu"])
def test_an_experiment_measures_what_its_criteria_name(claim, scale):
    experiment, settings = small(claim, scale)
    outputs = [json.loads(json.dumps(experiment.run(job, settings, CPU))) for job in experiment.jobs(settings)]
    summary = experiment.summarise(outputs, settings)
    assert asked_for(claim) <= set(summary.measurements)
    for estimate in summary.measurements.values():
        assert estimate.low <= estimate.value <= estimate.high
    for columns in summary.tables.values():
        assert len({len(column) for column in columns.values()}) == 1


@for_each_claim
def test_a_job_gives_the_same_numbers_whatever_the_global_random_state(claim):
    experiment, settings = small(claim, "sample")
    settings |= {"method": {**settings["method"], "updates": 10}, "checkpoints": (0, 2)}
    if claim is not DIS_REWARD:
        settings["variants"] = {name: {**settings["variants"][name], "updates": 4} for name in ("base", "refit")}
    last = experiment.jobs(settings)[-1]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = experiment.run(last, settings, CPU)
        torch.manual_seed(2)
        assert experiment.run(last, settings, CPU) == first


@for_each_claim
def test_published_agents_are_enough_and_seeded_apart(claim):
    settings = claim.presets["laptop"]
    jobs = importlib.import_module(claim.experiment.split(":")[0]).jobs(settings)
    kinds = [(job["seed"], job.get("region")) for job in jobs]
    assert len(set(kinds)) == len(kinds)
    assert sum(job["members"] for job in jobs if job.get("region", 3) == 3) >= 10


def probe() -> disreward.Probe:
    return disreward.new_probe({"size": 4, "mazes": 60, "steps": 40}, 2, 0, 0, CPU)


def walking(probe: disreward.Probe) -> torch.Tensor:
    """Logits of a policy that goes straight to the cheese, whatever else."""
    after = probe.distance.gather(1, probe.inside.next_table.flatten(1)).view(60, 16, 5)
    return torch.where(after < probe.distance[..., None], 40.0, 0.0)


def test_a_probe_holds_its_cheese_where_it_says():
    seen = probe()
    region = region_cells(4, 2)
    assert torch.isin(seen.inside.cheese, region).all()
    assert len(seen.outside) > 5 and not torch.isin(seen.outside.cheese, region).any()
    assert torch.equal(seen.distance == 0, seen.inside.targets)


def test_who_eats_is_not_idle_and_who_forbids_itself_the_last_step_is():
    seen = probe()
    logits = walking(seen)
    assert disreward.reaches(logits, seen, 40).allclose(torch.ones(60))

    class Known(torch.nn.Module):
        def forward(self, observations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return logits, logits[..., 0]

    assert disreward_causes.forbid_last_step(Known(), seen) == pytest.approx(1.0)
    found = disreward.right_steps(logits, seen)
    assert list(found.values()) == pytest.approx([1.0] * disreward.FARTHEST)


def test_a_pastime_of_staying_is_staying_at_the_start():
    seen = probe()
    logits = torch.zeros(60, 16, 5)
    logits[..., STAY] = 40.0
    found = disreward.pastime(logits, seen.inside, 10)
    assert [found[name] for name in ("stay", "stands", "near_start")] == pytest.approx([1.0] * 3)
    assert found["entropy"] == pytest.approx(0.0, abs=1e-6)


def test_a_level_is_read_off_between_two_looks():
    rows = [
        {"cheese": cheese, "enters": enters, "updates": float(updates), "right_6": 1.0}
        for cheese, enters, updates in ((0.9, 0.8, 0), (0.6, 0.4, 10), (0.4, 0.2, 20), (0.7, 0.9, 30))
    ]
    found = disreward_causes.passed(rows, [0.5, 0.1])
    assert found["at"][0]["updates"] == pytest.approx(15) and found["at"][0]["enters"] == pytest.approx(0.3)
    assert found["at"][1] is None
    assert found["lowest"] == {"cheese": 0.4, "enters": 0.2} and found["highest_change"] == pytest.approx(0.5)


def test_starts_near_and_far_share_all_starts():
    task = cheese_task(draw_mazes(50, 4, region_cells(4, 2), generator(0)))
    near, far = (disreward_causes.starting_at(task, starts).starts for starts in ("near", "far"))
    assert torch.equal(near | far, task.starts) and not (near & far).any()
    distance = disreward.steps_to(draw_mazes(50, 4, region_cells(4, 2), generator(0)))
    assert torch.equal(near, (distance > 0) & (distance <= 2))


def test_a_critic_that_learns_alone_leaves_the_last_layer_of_the_policy_alone():
    """With no weight on the policy gradient, actions' rows of the last layer get no gradient; the trunk does."""
    nets, task = [FieldPolicy(3, 6, 1)], cheese_task(draw_mazes(40, 3, region_cells(3, 2), generator(0)))
    settings = {"after": AFTER, "levels": [0.0001], "refit_mazes": 20, "size": 3, "mazes": 20, "steps": 8}
    seen = [disreward.new_probe(settings, 2, 0, 0, CPU)]

    def change(after: dict) -> float:
        variant = disreward_causes.Variant(updates=3, after=after)
        [found] = disreward_causes.follow(nets, [task], seen, variant, settings, generator(1))
        return found["highest_change"]

    alone = {"policy": 0.0, "entropy": 0.0}
    assert change({**alone, "train": ["head"]}) == 0.0
    assert change(alone) > 0.0
    assert change({**alone, "value": 0.0}) == 0.0


def test_unknown_words_are_refused():
    net, method = FieldPolicy(3, 6, 1), A2C()
    task = cheese_task(draw_mazes(10, 3, region_cells(3, 2), generator(0)))
    variant = disreward_causes.Variant()
    with pytest.raises(ValueError, match="guess"):
        disreward_causes.with_critic(net, task, replace(variant, critic="guess"), method, {"refit_mazes": 5})
    with pytest.raises(ValueError, match="middle"):
        disreward_causes.starting_at(task, "middle")
    with pytest.raises(ValueError, match="lion"):
        settings = {"after": AFTER, "levels": [0.1], "refit_mazes": 5}
        disreward_causes.follow([net], [task], [], replace(variant, optimiser="lion"), settings, generator(0))


def test_stored_results_draw_every_figure_with_its_spread():
    pytest.importorskip("plotly")
    curves = pytest.importorskip("chisel.reward_as_chisel.figures.disreward")
    causes = pytest.importorskip("chisel.reward_as_chisel.figures.disreward_causes")

    first, cause, place = (load_result(claim) for claim in CLAIMS)
    drawn = [
        curves.figure(first),
        causes.figure(cause),
        causes.others_figure(cause),
        causes.right_first_figure(cause),
        causes.path_figure(cause),
        causes.right_figure(cause),
        causes.figure(place),
        causes.path_figure(place),
        causes.right_figure(place),
    ]
    for figure in [*drawn, curves.visits_figure(first)]:
        assert figure.layout.xaxis.title.text and figure.layout.yaxis.title.text
        assert all(len(trace.x if trace.x is not None else trace.z) > 0 for trace in figure.data)
        json.loads(figure.to_json(engine="json"))
    for figure in drawn:
        assert [t for t in figure.data if t.meta == "band" or t.error_y.array], "no spread over agents is drawn"
