"""What may import what, and that importing changes nothing.

The rules, with their reasons: a chapter stands on core and checking alone, so that it can be read, copied or removed
without the others; core knows no chapter; a check holds no answer; a listing of claims is instant, so claims import no
torch; and experiments run where no Jupyter is installed.
"""

import ast
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "utils"
PACKAGE = LIBRARY / "chisel"
SHARED = {"core", "checking", "authoring", "publishing", "journal", "group", "course"}
BASE = ("torch", "numpy", "einops", "tqdm")
MAX_LINES = 300


def module_name(path: Path) -> str:
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
CHAPTERS = sorted({name.split(".")[1] for name in MODULES if name.count(".") > 1} - SHARED)


def part_of(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


@cache
def imports(module: str) -> frozenset[str]:
    """Every module that `module` names in an import statement, anywhere in its text, relative ones resolved."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            # `from chisel.core import seeding` names a module; `from chisel.core.seeding import generator` does not.
            inner = {f"{base}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= inner | {base}
    return frozenset(found)


@cache
def load_time_imports(module: str) -> frozenset[str]:
    """The modules that are imported as soon as `module` is: not those inside functions or under TYPE_CHECKING."""
    path = MODULES[module]
    tree = ast.parse(path.read_text())
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.Lambda) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            inside |= {id(inner) for inner in ast.walk(node)}
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            found |= ({f"{base}.{alias.name}" for alias in node.names} & MODULES.keys()) | {base}
    return frozenset(found)


def closure(module: str, edges) -> set[str]:
    """Everything that importing `module` reaches, the packages on the way included."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if name in MODULES:
            parents = [name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1)]
            waiting += [*edges(name), *parents]
    return reached - {module}


def exercises() -> set[str]:
    """The modules that hold the solution of an exercise, as the percent sources name them."""
    sources = "\n".join(path.read_text() for path in (ROOT / "solutions").glob("*.py"))
    return set(re.findall(r'exercise="(chisel[\w.]+):', sources))


@pytest.mark.parametrize("module", MODULES)
def test_layers(module: str):
    layer = module.split(".")[1] if "." in module else ""
    named = {name for name in imports(module) if part_of(name, "chisel") and name != "chisel"}
    if layer in CHAPTERS:
        allowed = {"core", "checking", layer}
    elif layer == "core":
        allowed = {"core"}
    elif layer == "checking":
        allowed = {"core", "checking"}
    else:
        allowed = {name.split(".")[1] for name in MODULES if "." in name} - set(CHAPTERS)
    outside = sorted(name for name in named if name.split(".")[1] not in allowed)
    assert not outside, f"{module} may import {sorted(allowed)} of chisel only, and imports {outside}"


@pytest.mark.parametrize("module", [name for name in MODULES if ".checks" in name])
def test_checks_hold_no_solution(module: str):
    # The notebook's own modules are reached by no path, not even through a helper.
    leaks = closure(module, imports) & exercises()
    assert not leaks, f"{module} reaches the solutions in {sorted(leaks)}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_claims_are_declarations(chapter: str):
    claims = f"chisel.{chapter}.claims"
    if claims not in MODULES:
        pytest.skip(f"{claims} does not exist; this ends when the chapter declares claims")
    needed = {name.split(".")[0] for name in closure(claims, load_time_imports)} - {"chisel"}
    assert needed <= sys.stdlib_module_names, f"{claims} needs {sorted(needed - sys.stdlib_module_names)}"
    script = f"import json, sys, {claims}; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(run_python(script))
    assert claims in loaded
    assert not {"torch", "numpy"}.intersection(loaded)


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_module_is_short(path: Path):
    lines = len(path.read_text().splitlines())
    assert lines <= MAX_LINES, f"{lines} lines: split it by idea"


def test_rules_see_what_they_should(monkeypatch, tmp_path):
    """The reading of imports is itself read: relative, nested and late ones count."""
    text = "from ..core import seeding\nfrom . import world\nimport numpy as np\n\ndef f():\n    import torch.nn\n"
    (tmp_path / "probe.py").write_text(text)
    monkeypatch.setitem(MODULES, "chisel.probe_chapter.probe", tmp_path / "probe.py")
    found = imports("chisel.probe_chapter.probe")
    assert {"chisel.core.seeding", "chisel.probe_chapter", "numpy", "torch.nn"} <= found
    assert "torch.nn" not in load_time_imports("chisel.probe_chapter.probe")


def run_python(script: str) -> str:
    """Run `script` in a fresh interpreter that finds the library and return what it prints."""
    program = f"import sys; sys.path.insert(0, {str(LIBRARY)!r})\n{script}"
    done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs_interface(module: str) -> bool:
    """Say whether `module` draws something or handles notebooks, and so may need plotly, ipywidgets or nbformat."""
    parts = module.split(".")[1:]
    drawing = {"figures", "explorer", "plotting", "row_charts", "workbench"}
    return parts[:1] in (["authoring"], ["publishing"], ["course"]) or bool(drawing.intersection(parts))


def base_imports() -> set[str]:
    """The import names of the four base packages and of all that they need."""
    distributions, waiting = set(), list(BASE)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in distributions:
            continue
        distributions.add(name)
        needed = [Requirement(text) for text in importlib.metadata.requires(name) or []]
        waiting += [r.name for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})]
    owners = importlib.metadata.packages_distributions()
    return {top for top, names in owners.items() if {n.lower().replace("_", "-") for n in names} & distributions}


BLOCKED = """
import importlib, json, sys
allowed = set(json.loads({allowed!r})) | set(sys.stdlib_module_names) | {{"chisel"}}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ModuleNotFoundError("not part of the base installation: " + name, name=name)

sys.meta_path.insert(0, Blocker())
for name in json.loads({modules!r}):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        print(name, "->", error)
"""


def test_experiments_need_the_base_packages_only():
    modules = [name for name in MODULES if not needs_interface(name)]
    assert any(".experiments" in name for name in modules) or not CHAPTERS
    script = BLOCKED.format(allowed=json.dumps(sorted(base_imports())), modules=json.dumps(modules))
    assert run_python(script) == "", "import what is not in the base installation inside the function that needs it"


SILENT = """
import importlib, json, os, random, sys, sysconfig
import numpy, torch

library, stdlib = {library!r}, sysconfig.get_path("stdlib")
packages = sysconfig.get_path("purelib")
offences = []

def responsible():
    \"\"\"The library's file whose code acts now, or None if it is the import system or a third party that acts.\"\"\"
    frame = sys._getframe(2)
    while frame:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return None
        if name.startswith(library):
            return name
        if not name.startswith("<") and (name.startswith(packages) or not name.startswith(stdlib)):
            return None
        frame = frame.f_back

TOUCHES = {{"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.chdir", "os.listdir", "os.scandir",
           "os.putenv", "os.unsetenv", "shutil.rmtree", "subprocess.Popen", "socket.connect", "os.system"}}

def hook(event, arguments):
    if event in TOUCHES:
        file = responsible()
        if file:
            offences.append([file, event, repr(arguments)])

def state():
    drawn = numpy.random.get_state()
    return (random.getstate(), drawn[1].tobytes(), drawn[2], torch.get_rng_state().tolist(),
            os.getcwd(), dict(os.environ), torch.get_num_threads(), torch.get_default_dtype(),
            torch.are_deterministic_algorithms_enabled(), torch.is_grad_enabled())

sys.addaudithook(hook)
for name in json.loads({modules!r}):
    before = state()
    importlib.import_module(name)
    if state() != before:
        offences.append([name, "changed", "a random state, the working directory, the environment or torch's settings"])
for offence in offences:
    print(*offence)
"""


def silent(library: Path, modules: list[str]) -> str:
    return run_python(SILENT.format(library=str(library), modules=json.dumps(modules)))


def test_importing_changes_nothing():
    assert silent(PACKAGE, list(MODULES)) == ""


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("import pathlib; pathlib.Path('left').write_text('x')", "open"),
        ("import os; os.chdir('/')", "os.chdir"),
        ("import torch; torch.manual_seed(0)", "changed"),
        ("import random; random.random()", "changed"),
        ("import numpy; numpy.random.rand()", "changed"),
        ("import importlib.resources as r; r.files('chisel').joinpath('__init__.py').read_text()", "open"),
    ],
)
def test_a_module_that_changes_something_is_seen(text, event, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noisy.py").write_text(text + "\n")
    script = SILENT.format(library=str(tmp_path), modules='["noisy"]')
    assert event in run_python(f"sys.path.insert(0, {str(tmp_path)!r})\n{script}")
