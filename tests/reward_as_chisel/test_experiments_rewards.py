"""The experiments behind `claims_rewards`, small, at the sample's and the gpu preset's shapes; and their figures."""

import importlib
import json

import pytest
import torch

from chisel.core.claims import Claim
from chisel.core.results import load_result
from chisel.core.running import Experiment
from chisel.core.seeding import generator
from chisel.reward_as_chisel.agents import new_agents
from chisel.reward_as_chisel.appetites import Appetites
from chisel.reward_as_chisel.claims_rewards import APPETITES, REWARD_NEVER_MET
from chisel.reward_as_chisel.experiments import appetites, button
from chisel.reward_as_chisel.measurements import bottom_left
from chisel.reward_as_chisel.paths import decision_features

FIGURES = "chisel.reward_as_chisel.figures"
CPU = torch.device("cpu")
CLAIMS = (REWARD_NEVER_MET, APPETITES)
for_each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
ONE_UPDATE = {"updates": 1, "mazes": 2, "agents": 2, "horizon": 4}
FEW = {"bank": 30, "mazes": 24, "steps": 12, "stacks": 1, "members": 2, "after": (0, 1), "judged_after": 1}
FEW |= {"levels": (0.0, 1.0), "vector_mazes": 4, "mazes_per_pair": 2, "doses": (1.0, 2.0)}


def small(claim: Claim, scale: str) -> tuple[Experiment, dict]:
    """The claim's experiment and its settings at a scale, with little to compute and all its shapes."""
    module, attribute = claim.experiment.split(":")
    preset = claim.presets[scale]
    settings = {**preset, **{key: value for key, value in FEW.items() if key in preset}}
    settings["method"] = ONE_UPDATE
    return getattr(importlib.import_module(module), attribute), json.loads(json.dumps(settings))


@for_each_claim
@pytest.mark.parametrize("scale", ["sample", "gpu"])
def test_an_experiment_measures_what_its_criteria_name(claim, scale):
    experiment, settings = small(claim, scale)
    outputs = [json.loads(json.dumps(experiment.run(job, settings, CPU))) for job in experiment.jobs(settings)]
    summary = experiment.summarise(outputs, settings)
    assert {criterion.measurement for criterion in claim.criteria} <= set(summary.measurements)
    for estimate in summary.measurements.values():
        assert estimate.low <= estimate.value <= estimate.high
    for columns in summary.tables.values():
        assert len({len(column) for column in columns.values()}) == 1


@for_each_claim
def test_a_job_gives_the_same_numbers_whatever_the_global_random_state(claim):
    experiment, settings = small(claim, "sample")
    first_job = experiment.jobs(settings)[0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = experiment.run(first_job, settings, CPU)
        torch.manual_seed(2)
        assert experiment.run(first_job, settings, CPU) == first


@for_each_claim
def test_published_agents_are_enough(claim):
    settings = claim.presets["laptop"]
    jobs = importlib.import_module(claim.experiment.split(":")[0]).jobs(settings)
    kinds = {tuple(value for key, value in job.items() if key not in ("seed", "members")) for job in jobs}
    for kind in kinds:
        same = [job for job in jobs if all(part in job.values() for part in kind)]
        assert sum({job["seed"]: job["members"] for job in same}.values()) >= 10


def test_all_kinds_of_training_share_mazes_and_buttons():
    settings = small(REWARD_NEVER_MET, "sample")[1]
    shut, half, opened = (button.bank(settings, p_open, 10.0, 3, 1, CPU) for p_open in (0.0, 0.5, 1.0))
    for other in (shut, half):
        assert torch.equal(other.rewards, opened.rewards) and torch.equal(other.starts, opened.starts)
    changed = (shut.next_table != opened.next_table).any(2)
    assert torch.equal(changed.sum(1), torch.full((30,), 2))  # the button's cell and the one next to it
    worthless = button.bank(settings, 1.0, 0.0, 3, 1, CPU)
    assert torch.equal(worthless.observations, opened.observations) and float(worthless.rewards.max()) == 1


def test_the_best_return_is_the_button_unless_the_cheese_bars_the_way():
    settings = {**small(REWARD_NEVER_MET, "sample")[1], "steps": 200, "mazes": 300}
    test = button.held_out(settings, 0, 0, CPU)
    way = decision_features(test.mazes.next_table, test.mazes.cheese, test.button, bottom_left(test.mazes))
    barred = float((way["to_cheese"] == 0).double().mean())
    assert 0 < barred < 1
    assert button.best_return(test, settings) == pytest.approx(10 * (1 - barred) + barred, rel=1e-6)


def test_a_return_counts_ten_for_the_button_and_one_for_the_cheese():
    settings = small(REWARD_NEVER_MET, "sample")[1]
    test = button.held_out(settings, 0, 0, CPU)
    walk = button.judge(None, test, settings)
    assert walk["return"] == pytest.approx(10 * walk["button"] + walk["cheese"])
    assert 0 < walk["button"] < 1 and 0 < walk["button"] + walk["cheese"] <= 1
    network = new_agents(settings, 0, 1, button.INPUTS)[0]
    for name, weights in network.named_parameters():  # an untrained network with a head of zeros is a random walk
        if name.startswith("head"):
            torch.nn.init.zeros_(weights)
    assert button.judge(network, test, settings) == pytest.approx(walk)


def test_the_button_is_shown_elsewhere_on_no_tile_and_not_at_the_start():
    settings = small(REWARD_NEVER_MET, "sample")[1]
    test = button.held_out(settings, 0, 0, CPU)
    other = button.elsewhere(test, generator(0, "other"))
    for cells in (test.button, test.mazes.cheese, bottom_left(test.mazes)):
        assert not bool((other == cells).any())


def test_nobody_stumbles_into_a_shut_button():
    settings = small(REWARD_NEVER_MET, "sample")[1]
    network = new_agents(settings, 0, 1, button.INPUTS)[0]
    met = {p: button.bank(settings, p, 10.0, 0, 0, CPU) for p in (0.0, 1.0)}
    found = {p: button.stumbles(network, task, 30, generator(0, "starts")) for p, task in met.items()}
    assert found[0.0] == 0 < found[1.0] < 1


def test_measurements_of_the_button_compare_the_right_agents():
    settings = {**REWARD_NEVER_MET.presets["laptop"], "stacks": 1, "members": 2}
    level = {"open_0": 0.02, "open_1": 0.2, "open_5": 0.4, "open_20": 0.5, "open_100": 0.6, "worthless": 0.01}

    def agent(p: float, shift: float) -> dict:
        return {"button": p + shift, "cheese": 0.3, "return": 10 * p, "hidden": p / 2 + shift, "elsewhere": p / 4}

    outputs = []
    for job in button.jobs(settings):
        p = level[button.kind_name(job["p_open"], job["pays"])]
        output = {"agents": [agent(p, shift) for shift in (0.0, 0.1)], "random": [], "after": []}
        if job["p_open"] == 0:
            walk = {"button": 0.1, "cheese": 0.2, "return": 1.2, "best": 8.0}
            output["random"] = [walk, {**walk, "button": 0.2}]
            output["after"] = [
                {"how": how, "rate": rate, "button": [0.0, 0.1, 0.1, 0.2, 0.3, end, 0.9], "stumbles": 0.03}
                for how, end in (("opened", 0.5), ("opened_start", 0.4), ("closed", 0.02))
                for rate in settings["rates"]
                for _ in range(2)
            ]
        outputs.append(output)
    found = {name: e.value for name, e in button.summarise(outputs, settings).measurements.items()}
    assert found["never_minus_random"] == pytest.approx(0.02 - 0.1)
    assert found["open_5_minus_0"] == pytest.approx(0.38) and found["open_20_minus_5"] == pytest.approx(0.1)
    assert found["paying_minus_worthless"] == pytest.approx(0.59)
    assert found["shown_minus_hidden_open_0"] == pytest.approx(0.01)
    assert found["opened_start_later"] == pytest.approx(0.4) and found["opened_last"] == pytest.approx(0.9)
    assert found["opened_start_minus_closed_later"] == pytest.approx(0.38)
    assert found["share_of_best_open_100"] == pytest.approx(6 / 8)


def test_test_mazes_of_appetites_hold_a_choice_and_the_steps_to_both():
    settings = {**small(APPETITES, "sample")[1], "mazes": 200}
    world, steps_to = appetites.held_out(settings, 0, 0, CPU)
    assert isinstance(world, Appetites) and 24 < len(world) < 200
    assert float(steps_to.min()) >= 1
    way = decision_features(world.next_table, world.cheese, world.water, bottom_left(world))
    assert torch.equal(steps_to, torch.stack([way["to_cheese"], way["to_corner"]], 1).float())


def test_a_walker_that_knows_what_it_wants_is_judged_so():
    settings = {**small(APPETITES, "sample")[1], "mazes": 300, "steps": 60}
    world, steps_to = appetites.held_out(settings, 0, 0, CPU)

    def towards(cells: torch.Tensor) -> torch.Tensor:
        table = world.next_table
        far = torch.full(table.shape[:2], table.shape[1]).scatter(1, cells[:, None], 0)
        rows = torch.arange(len(far))
        for _ in range(table.shape[1]):
            far = torch.minimum(far, 1 + far[rows[:, None, None], table].amin(-1))
        return -30.0 * far[rows[:, None, None], table].float()

    cheese = appetites.judge(towards(world.cheese), world, steps_to, settings)
    assert cheese["cheese"] == pytest.approx(1, abs=1e-4) and cheese["none"] == pytest.approx(0, abs=1e-4)
    assert cheese["lean"] == pytest.approx(1, abs=1e-4) and cheese["decided"] == pytest.approx(1, abs=1e-4)
    nearer = torch.where(steps_to[:, 0] < steps_to[:, 1], world.cheese, world.water)
    nearest = appetites.judge(towards(nearer), world, steps_to, settings)
    assert nearest["nearest"] == pytest.approx(1, abs=1e-4) and nearest["lean"] < 0.3
    assert nearest["pull_cheese"] < -0.5 and nearest["pull_water"] > 0.5
    still = torch.zeros_like(towards(nearer))
    still[..., 4] = 60.0
    assert appetites.judge(still, world, steps_to, settings)["none"] == pytest.approx(1)


def test_an_edit_is_scored_by_the_tile_that_it_asks_for(monkeypatch):
    settings = {**small(APPETITES, "sample")[1], "mazes": 100}
    world, _ = appetites.held_out(settings, 0, 0, CPU)
    asked = []

    def follow(net, felt, vectors, dose, layer):
        asked.append((felt.state[0].tolist(), dose))
        return torch.full((len(felt), 25, 5), dose)

    def first(logits, felt, steps):
        hungry = torch.full((len(felt),), 0.9 if logits[0, 0, 0] > 0 else 0.2)
        return hungry, 1 - hungry

    monkeypatch.setattr(appetites, "steer_each", follow)
    monkeypatch.setattr(appetites, "first_tile", first)
    network = torch.nn.Identity()
    found = appetites._both_ways(network, world, torch.zeros(1), 2.0, "blocks.0", 10)
    assert asked == [([0.0, 1.0], 2.0), ([1.0, 0.0], -2.0)]
    assert found == pytest.approx(((0.9 + 0.8) / 2, (0.1 + 0.2) / 2))


def test_measurements_of_appetites_compare_the_right_agents():
    settings = {**APPETITES.presets["laptop"], "stacks": 1, "members": 2, "levels": (0.0, 1.0)}
    level = {"general": 0.05, "same_tiles": 0.8, "wrong_tiles": 0.2, "tiles": 0.3, "random": 0.1}
    doses = [(name, 1.0) for name in appetites.EDITS] + [("general", 2.0), ("same_tiles", 2.0)]

    def state(cheese: float, shift: float) -> dict:
        return dict.fromkeys(appetites.ASKED, 0.5) | {"cheese": cheese + shift, "water": 0.9 - cheese, "none": 0.1}

    def agent(arm: str, shift: float) -> dict:
        hungry, thirsty = (0.9, 0.1) if arm == "informed" else (0.5, 0.45)
        cheese = {"hungry": hungry, "thirsty": thirsty, "both": 0.4, "neither": 0.2, "half": 0.45}
        states = {name: state(p, shift) for name, p in cheese.items()}
        states["neither"]["none"] = 0.6
        edits = [
            [layer, name, dose, level[name] / (1 + index) + shift + (dose > 1) / 10, 0.1]
            for index, layer in enumerate(settings["layers"])
            for name, dose in doses
        ]
        levels = [[a, b, 0.5, 0.4] for a in (0.0, 1.0) for b in (0.0, 1.0)]
        return {"states": states, "random": state(0.3, shift), "levels": levels, "edits": edits}

    outputs = [{"agents": [agent(job["arm"], shift) for shift in (0.0, 0.02)]} for job in appetites.jobs(settings)]
    summary = appetites.summarise(outputs, settings)
    found = {name: e.value for name, e in summary.measurements.items()}
    assert found["switch_informed"] == pytest.approx(0.8) and found["switch_control"] == pytest.approx(0.05)
    assert found["right_first_informed"] == pytest.approx((0.91 + 0.8) / 2)
    assert found["none_neither_minus_trained_informed"] == pytest.approx(0.5)
    assert found["same_tiles_minus_wrong_tiles_block1"] == pytest.approx(0.6)
    assert found["same_tiles_minus_general_block2"] == pytest.approx(0.75 / 2)
    assert found["general_block1_times_2"] == found["general_best_block1"] == pytest.approx(0.16)
    assert found["same_tiles_first_minus_last"] == pytest.approx(0.8 - 0.8 / 3)
    assert len(summary.tables["edits"]["layer"]) == len(doses) * 3


def test_stored_results_draw_every_figure():
    pytest.importorskip("plotly")
    appetite_figures, button_figures = (
        importlib.import_module(f"{FIGURES}.{name}") for name in ("appetites", "button")
    )
    pressed, felt = (load_result(claim) for claim in CLAIMS)
    drawn = [
        button_figures.figure(pressed),
        *(button_figures.after_figure(pressed, rate) for rate in pressed.provenance["settings"]["rates"]),
        button_figures.stumbles_figure(pressed),
        button_figures.return_figure(pressed),
        appetite_figures.figure(felt),
        appetite_figures.figure(felt, "control"),
        appetite_figures.edits_figure(felt),
        appetite_figures.doses_figure(felt),
        appetite_figures.levels_figure(felt),
    ]
    for figure in drawn:
        assert figure.layout.xaxis.title.text and figure.layout.yaxis.title.text
        assert all(len(trace.x if trace.x is not None else trace.z) > 0 for trace in figure.data)
        json.loads(figure.to_json(engine="json"))
    for chart in (button_figures.figure(pressed), button_figures.return_figure(pressed)):
        assert chart.layout.xaxis.type == "category" and len(chart.data[0].x) == 6
    with pytest.raises(ValueError, match=r"not at 0\.5"):
        button_figures.after_figure(pressed, 0.5)
    with pytest.raises(ValueError, match="informed or control"):
        appetite_figures.figure(felt, "fed")


def test_every_spread_is_drawn():
    pytest.importorskip("plotly")
    appetite_figures, button_figures = (
        importlib.import_module(f"{FIGURES}.{name}") for name in ("appetites", "button")
    )
    pressed, felt = (load_result(claim) for claim in CLAIMS)
    for chart, lines in ((button_figures.figure(pressed), 3), (appetite_figures.edits_figure(felt), 5)):
        whiskers = [trace.error_y.array for trace in chart.data if trace.error_y.array is not None]
        assert len(whiskers) == lines and all(max(ends) > 0 for ends in whiskers)
    bands = [trace for trace in button_figures.after_figure(pressed).data if trace.meta == "band"]
    assert len(bands) == 3
    grid = appetite_figures.levels_figure(felt).data
    total = torch.stack([torch.tensor(heat.z) for heat in grid]).sum(0)
    assert torch.allclose(total, torch.ones_like(total), atol=1e-6)
