"""Write requirements.lock and environment.yml: `make lock`, or `make lock ARGS=--upgrade` for the newest versions.

pip resolves the whole environment once for every supported Python that is found on this machine (nothing is
installed). A version that differs between them gets an environment marker. torch stays out of the resolution: its
version is chosen here, and its builds (CPU, CUDA) differ in what they need. So does what needs torch: pyproject.toml
gives its exact version, and its other requirements stand in its place.
"""

import argparse
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH = "torch==2.13.0"
NEED_TORCH = ("accelerate",)
PYTHONS = ("3.11", "3.12", "3.13")
# Needed on macOS and Windows only, so no resolution on Linux meets them.
OTHER_SYSTEMS = ("appnope", "colorama")

LOCK_HEADER = """\
# The one environment, exact to the version: a pip constraints file (`pip install -e ".[learn]" -c requirements.lock`).
# Written by `make lock` for Python {pythons}. torch's CUDA build pins its own libraries.
"""
CONDA_HEADER = """\
# The environment of `make lab` for conda users: `conda env create -f environment.yml`. Written by `make lock`.
# pip does the installing, held to the same lock, so that both ways give the same versions.
"""


def normal(name: str) -> str:
    """Return a package's name in the one spelling that comparisons use."""
    return name.split("[")[0].strip().lower().replace("_", "-").replace(".", "-")


def name_of(requirement: str) -> str:
    """Return the normal name of the package that a requirement such as `a_b[x]>=1; python_version < "3"` asks for."""
    end = next((i for i, c in enumerate(requirement) if not (c.isalnum() or c in "-_.")), len(requirement))
    return normal(requirement[:end])


def project_requirements(project: Mapping, extra: str | None = None) -> list[str]:
    """Return the requirements of the project with `extra`, the project's references to its own extras followed."""
    if extra is None:
        return list(project["dependencies"])
    found = []
    for requirement in project["optional-dependencies"][extra]:
        if name_of(requirement) == project["name"]:
            inner = requirement[requirement.index("[") + 1 : requirement.index("]")]
            for other in inner.split(","):
                found += project_requirements(project, other.strip())
        else:
            found.append(requirement)
    return found


def requirements_of(package: str) -> list[str]:
    """Return what the installed `package` itself needs, apart from torch and its CUDA libraries."""
    needed = importlib.metadata.requires(package) or []
    return [r for r in needed if "extra ==" not in r and not r.startswith(("nvidia", "cuda", "triton", "torch"))]


def resolve(python: str, requirements: Sequence[str], constraints: Sequence[str]) -> dict[str, str]:
    """Return the version of each package that pip would install under `python`.

    Raises:
        RuntimeError: pip finds no set of versions that fits.
    """
    with tempfile.TemporaryDirectory() as folder:
        report, wanted, held = (Path(folder) / name for name in ("report.json", "wanted.txt", "held.txt"))
        wanted.write_text("\n".join(requirements))
        held.write_text("\n".join(constraints))
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--dry-run"]
        pip += ["--ignore-installed", "--report", str(report), "-r", str(wanted), "-c", str(held)]
        # For the first patch release, which not every package supports, and not only for the one found here. pip asks
        # for the other two options with it; nothing is written to the folder.
        version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        first = ".".join([*version.split(".")[:2], "0"])
        pip += ["--python-version", first, "--only-binary=:all:", "--target", folder]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"pip finds no versions for {python}:\n{done.stderr.strip()}")
        items = json.loads(report.read_text())["install"]
    found = {item["metadata"]["name"]: item["metadata"]["version"].partition("+")[0] for item in items}
    if "torch" in found:
        raise RuntimeError("a package other than chisel needs torch: it must be resolved without it")
    return found


def lock_lines(versions: Mapping[str, Mapping[str, str]], chosen_here: Sequence[str] = (TORCH,)) -> list[str]:
    """Return the lines of the lock from `versions: python -> package -> version` and `chosen_here`, by package."""
    lines = {name_of(line): [line] for line in chosen_here}
    for package in {package for found in versions.values() for package in found}:
        chosen = {python: found[package] for python, found in versions.items() if package in found}
        if len(set(chosen.values())) == 1:
            lines[normal(package)] = [f"{package}=={next(iter(chosen.values()))}"]
        else:
            lines[normal(package)] = [f'{package}=={v} ; python_version == "{p}"' for p, v in chosen.items()]
    return [line for package in sorted(lines) for line in lines[package]]


def conda_text(project: Mapping, lock: Sequence[str]) -> str:
    """Return environment.yml: the base and `learn` requirements at their locked versions."""
    wanted = {name_of(r) for r in [*project_requirements(project), *project_requirements(project, "learn")]}
    pins = "\n".join(f"      - {line}" for line in lock if name_of(line) in wanted)
    return (
        f"{CONDA_HEADER}name: chisel\nchannels:\n  - conda-forge\ndependencies:\n"
        f"  - python{project['requires-python']}\n  - pip\n  - make\n  - pip:\n"
        f"      - -c requirements.lock\n      - -e .[learn]\n{pins}\n"
    )


def write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write requirements.lock and environment.yml.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions, not those of the lock")
    upgrade = parser.parse_args().upgrade
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = {*project_requirements(project), *project_requirements(project, "test")}
    apart = ("torch", *NEED_TORCH)
    needed = [r for package in apart for r in requirements_of(package)]
    wanted = sorted({*(r for r in direct if name_of(r) not in apart), *needed, *OTHER_SYSTEMS})
    lock = ROOT / "requirements.lock"
    old = [] if upgrade or not lock.exists() else lock.read_text().splitlines()
    held = [line for line in old if line and not line.startswith("#") and name_of(line) not in apart]
    versions = {}
    for python in PYTHONS:
        path = shutil.which(f"python{python}")
        if f"{sys.version_info[0]}.{sys.version_info[1]}" == python:
            path = sys.executable
        if path is None:
            print(f"lock: no python{python} on this machine, so the lock is not checked for it")
            continue
        print(f"lock: resolving for Python {python}", flush=True)
        try:
            versions[python] = resolve(path, wanted, held)
        except RuntimeError as error:
            print(f"lock: {error}", file=sys.stderr)
            return 1
    lines = lock_lines(versions, [TORCH, *(r for r in sorted(direct) if name_of(r) in NEED_TORCH)])
    write(lock, LOCK_HEADER.format(pythons=", ".join(versions)) + "\n".join(lines) + "\n")
    write(ROOT / "environment.yml", conda_text(project, lines))
    print(f"lock: {len(lines)} packages in requirements.lock")
    return 0


if __name__ == "__main__":
    sys.exit(main())
