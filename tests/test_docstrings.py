"""Docstrings say what is there: each public name has one, its shapes name real arguments, its examples run.

The signatures of the exercise functions are a contract with learners and graded work, so they stand here once more.
"""

import argparse
import ast
import doctest
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from chisel import cli

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "utils"
MODULES = {
    ".".join(path.relative_to(LIBRARY).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((LIBRARY / "chisel").rglob("*.py"))
}
Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(tree: ast.Module) -> Iterator[Node]:
    """Yield the public functions and classes of a module. A property of a check says its sentence in its decorator."""
    for node in tree.body:
        if isinstance(node, Node) and not node.name.startswith("_"):
            if any(ast.unparse(decorator).startswith("check.property(") for decorator in node.decorator_list):
                continue
            yield node


def arguments(node: Node) -> list[str]:
    """Return the names that a docstring may give shapes to: a function's arguments, a class's fields."""
    if isinstance(node, ast.ClassDef):
        inits = [n.args for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        fields = [n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
        return fields + [a.arg for init in inits for a in init.args]
    spec = node.args
    return [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]


def shaped_names(docstring: str) -> list[str]:
    """Return the names that `docstring` gives a shape to: lines like "scores: [N, P]" and quoted ones in a sentence.

    What stands under "Returns:" names parts of the result and is left out.
    """
    names, section = [], ""
    for line in docstring.splitlines():
        if heading := re.fullmatch(r"\s*(Args|Arguments|Attributes|Returns|Yields|Raises|Source):.*", line):
            section = heading[1]
        names += re.findall(r"`(\w+): \[", line)
        if section in ("Args", "Arguments", "Attributes"):
            for group in re.findall(r"(?:^\s*|Args: |\. )(\w+(?:, \w+)*): \[", line):
                names += group.split(", ")
    return names


@pytest.mark.parametrize("module", MODULES)
def test_public_names_have_docstrings(module: str):
    text = MODULES[module].read_text(encoding="utf-8")
    tree = ast.parse(text)
    bare = [node.name for node in public(tree) if not ast.get_docstring(node)]
    assert not bare, f"{module}: no docstring: {', '.join(bare)}"
    assert ast.get_docstring(tree) or not text.strip(), f"{module} has no docstring of its own"


@pytest.mark.parametrize("module", MODULES)
def test_shapes_in_docstrings_name_arguments(module: str):
    for node in public(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        unknown = [name for name in shaped_names(ast.get_docstring(node) or "") if name not in arguments(node)]
        assert not unknown, f"{module}.{node.name} gives shapes to {unknown}, its arguments are {arguments(node)}"


def test_shapes_are_found_wherever_they_stand():
    text = """Mean of `values: [N]`, as in any text: [1].

    Args:
        first, second: [S, A] policies.
        counts: [N]. labels: [N, K].
        plain: a number, with shape: [] nowhere.

    Returns:
        policy: [S, A].
    """
    assert shaped_names(text) == ["values", "first", "second", "counts", "labels"]


def wrong_examples(name: str) -> list[str]:
    """Run every example in the docstrings of the module `name`; return where one does not give what it says."""
    tests = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))
    return [test.name for test in tests if doctest.DocTestRunner(verbose=False).run(test).failed]


def test_examples_run():
    named = [name for name, path in MODULES.items() if re.search(r"^\s*>>> ", path.read_text(encoding="utf-8"), re.M)]
    assert not [place for name in named for place in wrong_examples(name)]


@pytest.mark.parametrize(("answer", "wrong"), [("4", []), ("5", ["probe.double"])])
def test_a_wrong_example_is_seen(tmp_path, monkeypatch, capsys, answer, wrong):
    text = f'def double(x):\n    """Return 2 x.\n\n    >>> double(2)\n    {answer}\n    """\n    return 2 * x\n'
    (tmp_path / "probe.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "probe", raising=False)
    assert wrong_examples("probe") == wrong


# chapter/name -> module, and arguments in order, "=" where there is a default, which is written without spaces
CONTRACT = {
    "update_strength/reward_to_go": ("training", "rewards gamma mask"),
    "update_strength/per_step_update": ("training", "theta scores returns lr gamma=1.0 t=None"),
    "update_strength/reinforce_loss": ("training", "logits actions returns"),
    "update_strength/score_matrix": ("measurements", "policy observations actions"),
    "update_strength/participation_ratio": ("measurements", "scores"),
    "update_strength/subspace_fraction": ("measurements", "update scores k"),
    "update_strength/variance_shares": ("measurements", "updates"),
    "update_strength/optimal_baseline": ("bandit", "probs rewards"),
    "update_strength/grad_variance": ("bandit", "probs rewards baseline"),
    "update_strength/prob_never_sampled": ("bandit", "p0 lr r_bad steps"),
    "update_strength/pessimistic_vi": ("offline", "counts labels beta gamma v_min absorbing iterations"),
    "update_strength/fixed_loss": ("silent_bug", "logits actions returns mask"),
    "update_strength/hidden_by": ("silent_bug", ""),
    "reward_as_chisel/generate_mazes": ("world", "batch size generator"),
    "reward_as_chisel/rollout": ("chains", "logits next_table start terminal steps generator"),
    "reward_as_chisel/hit_probability": ("chains", "logits next_table targets start steps"),
    "reward_as_chisel/gae": ("training", "rewards values last_value alive gamma lam"),
    "reward_as_chisel/decision_features": ("paths", "next_table cheese corner start"),
    "reward_as_chisel/cheese_vector": ("steering", "net mazes cell layer"),
    "reward_as_chisel/steer": ("steering", "net mazes vector coefficient layer"),
    "reward_as_chisel/disreward": ("disreward", "net updates sign task generator method=AFTERWARDS"),
    "reward_as_chisel/button_world": ("button", "bank p_open generator"),
    "reward_as_chisel/fixed_observations": ("silent_bug", "opened cheese"),
    "reward_as_chisel/hidden_by": ("silent_bug", ""),
    "reversal_curse/make_facts": ("world", "n fraction_both seed"),
    "reversal_curse/augment": ("world", "facts mode"),
    "reversal_curse/lm_loss": ("training", "logits ids mask"),
    "reversal_curse/completion_logprob": ("measurements", "model prompt_ids completion_ids"),
    "reversal_curse/reversal_statistic": ("measurements", "scores"),
    "reversal_curse/difference_in_differences": ("measurements", "before after"),
    "reversal_curse/one_step_transfer": ("transfer", "model index others eta"),
    "reversal_curse/bilinear_scores": ("bilinear", "E W U"),
    "reversal_curse/fixed_scores": ("silent_bug", "logits names"),
    "reversal_curse/hidden_by": ("silent_bug", ""),
    "lr_mode_shift/make_split": ("addition", "p fraction seed"),
    "lr_mode_shift/adamw_step": (
        "optimiser",
        "params grads state lr weight_decay decay='coupled' base_lr=0.001 betas=(0.9,0.98) eps=1e-08",
    ),
    "lr_mode_shift/lr_at": ("schedule", "step base multiplier switch_step"),
    "lr_mode_shift/set_lr": ("schedule", "optimizer lr"),
    "lr_mode_shift/train": ("training", "model data schedule steps order=None weight_decay=1.0 betas=(0.9,0.98)"),
    "lr_mode_shift/shift_metrics": ("measurements", "train_acc val_acc switch_step"),
    "lr_mode_shift/stacked_forward": ("stacked", "params a b"),
    "lr_mode_shift/attribute": ("attribution", "results"),
    "lr_mode_shift/symmetrised_logits": ("measurements", "logits"),
    "lr_mode_shift/fixed_curve": ("silent_bug", "accuracy window switch_step"),
    "lr_mode_shift/hidden_by": ("silent_bug", ""),
}
CHAPTERS = sorted({name.split("/")[0] for name in CONTRACT})


@pytest.mark.parametrize("name", CONTRACT)
def test_exercise_functions_keep_their_contract(name: str):
    chapter, exercise = name.split("/")
    if f"chisel.{chapter}.training" not in MODULES:
        pytest.skip(f"this copy of the library holds no chapter `{chapter}`; ends in a whole checkout")
    module, wanted = CONTRACT[name]
    tree = ast.parse(MODULES[f"chisel.{chapter}.{module}"].read_text(encoding="utf-8"))
    [function] = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == exercise]
    spec = function.args
    plain = [a.arg for a in spec.args[: len(spec.args) - len(spec.defaults)]]
    pairs = zip(spec.args[len(plain) :], spec.defaults, strict=True)
    assert [*plain, *(f"{a.arg}={ast.unparse(default)}".replace(" ", "") for a, default in pairs)] == wanted.split()
    assert not (spec.kwonlyargs or spec.posonlyargs or spec.vararg or spec.kwarg)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_contract_covers_every_exercise_of_the_chapter(chapter: str):
    sources = list((ROOT / "solutions").glob(f"[0-9][0-9]_{chapter}.py"))
    if not sources:
        pytest.skip(f"this copy holds no chapter `{chapter}`; ends in a whole checkout")
    named = re.findall(rf'exercise="chisel\.{chapter}\.(\w+):(\w+)"', sources[0].read_text(encoding="utf-8"))
    ours = {name.split("/")[1]: module for name, (module, _) in CONTRACT.items() if name.startswith(f"{chapter}/")}
    assert {name: module for module, name in named} == ours


def test_citation_is_valid_and_invents_nothing():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"title", "message", "authors"} <= citation.keys()
    assert citation["type"] == "software"
    assert citation["license"] == "MIT" and "CC BY 4.0" in citation["message"]  # a list would mean "either"
    assert all(author.keys() == {"name"} for author in citation["authors"]), "an entity, no person"
    assert not {"doi", "identifiers", "url", "repository-code"} & citation.keys(), "name these once they exist"
    version = re.search(r'__version__ = "(.+)"', (LIBRARY / "chisel" / "__init__.py").read_text(encoding="utf-8"))
    assert str(citation["version"]) == version[1]


DOCUMENTS = ("README.md", "CONTRIBUTING.md", "DECISIONS.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_name_what_exists(name: str):
    if not (ROOT / name).exists():
        pytest.skip(f"this copy holds no {name}; ends in a whole checkout")
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z ]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    targets = {target for group in targets for target in group.split()}
    made = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M))
    assert made and made <= targets, f"no such target: {sorted(made - targets)}"
    commands = [importlib.import_module(module) for module in cli.COMMANDS]
    parser = argparse.ArgumentParser()
    known = parser.add_subparsers()
    for command in commands:
        command.add_parser(known)
    named = set(re.findall(r"`(?:\.venv/bin/)?chisel ([a-z-]+)", text))
    assert named <= set(known.choices), f"no such command: {sorted(named - set(known.choices))}"
    tests = set(re.findall(r"pytest (tests/[\w/]+\.py)", text))
    links = {link for link in re.findall(r"\]\(([^)#:]+)\)", text) if not link.startswith("http")}
    missing = sorted(path for path in tests | links if not (ROOT / path).exists())
    assert not missing, f"no such file: {missing}"


def test_anchors_of_contributing_lead_somewhere():
    if not (ROOT / "CONTRIBUTING.md").exists():
        pytest.skip("this copy holds no CONTRIBUTING.md; ends in a whole checkout")
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", text, re.M)}
    anchors = set(re.findall(r"\]\(#([\w-]+)\)", text))
    assert anchors and anchors <= headings
