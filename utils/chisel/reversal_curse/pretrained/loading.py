"""A causal language model with its tokenizer: the book's own, or any other by path or by its name on the hub."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from chisel.reversal_curse.pretrained.conversion import check_whole, first_line, models_folder, need_extra, quiet
from chisel.reversal_curse.pretrained.errors import ModelError
from chisel.reversal_curse.pretrained.resources import need_memory
from chisel.reversal_curse.pretrained.sources import SMOLLM2

DEFAULT = "smollm2"
_WEIGHTS = ("*.safetensors", "*.bin", "*.gguf")


class CausalLM(nn.Module):
    """A model of the transformers library as the chapter's functions take one: ids [B, L] -> logits [B, L, V]."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net: Any = net

    def forward(self, ids: Tensor) -> Tensor:
        """Return the logits at every position."""
        return self.net(ids, use_cache=False).logits


@dataclass(frozen=True)
class LanguageModel:
    """A pretrained model ready to be asked.

    Attributes:
        net: ids [B, L] -> logits [B, L, V].
        tokenizer: of the transformers library.
        context: how many tokens it can read.
        name: what was asked for.
    """

    net: CausalLM
    tokenizer: Any
    context: int
    name: str

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.net.parameters()).device


def load(name: str | Path = DEFAULT, device: torch.device | str = "cpu") -> LanguageModel:
    """Load a causal language model in 32 bits, in evaluation mode.

    Args:
        name: "smollm2" for the book's own (`chisel lm prepare` puts it on this machine); or the path of a folder with
            config.json or of a .gguf file; or a name on the hub, which HF_HUB_OFFLINE=1 looks for on this machine only.

    Raises:
        ModelMissing: the extra `lm` or the book's own model is not there.
        ModelError: there is no such model, it is damaged, it is no causal language model, or memory is too little.
    """
    need_extra()
    folder, file = _locate(str(name))
    weights = [folder / file] if file else [path for pattern in _WEIGHTS for path in folder.glob(pattern)]
    if not weights:
        raise ModelError(f"{folder} holds no weights ({', '.join(_WEIGHTS)}): give the folder of a complete model")
    grown = 6 if file else 1.5  # A GGUF file holds a few bits a weight.
    need_memory(int(grown * sum(path.stat().st_size for path in weights)), f"loading {name}")
    net, words = _read(folder, file, name)
    net.to(device).eval()
    _check_causal(net, name)
    context = getattr(net.config, "max_position_embeddings", None) or getattr(net.config, "n_positions", None)
    return LanguageModel(CausalLM(net).eval(), words, int(context or 2**30), str(name))


def _locate(name: str) -> tuple[Path, str | None]:
    """Return the folder of a model and, for a GGUF file, the file's name."""
    if name == DEFAULT:
        target = models_folder() / SMOLLM2.name
        check_whole(target)
        return target, None
    path = Path(name).expanduser()
    if path.is_file() and path.suffix == ".gguf":
        return path.parent, path.name
    if path.is_dir():
        return path, None
    if path.suffix == ".gguf" or path.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise ModelError(f"there is no model at {path}: give the folder of a model, a .gguf file, or a name on the hub")
    return _from_hub(name), None


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    wanted = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
    try:
        with quiet():
            return Path(snapshot_download(name, allow_patterns=wanted))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"{name!r} is no folder here and cannot be had from the hub ({first_line(error)}): check the name and the "
            f"network, or use {DEFAULT!r}"
        ) from error


def _read(folder: Path, file: str | None, name: str | Path) -> tuple[Any, Any]:
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {"local_files_only": True, **({"gguf_file": file} if file else {})}
    told: dict[str, Any] = {"dtype": torch.float32, "output_loading_info": True}
    try:
        with quiet():
            net, report = cast(Any, AutoModelForCausalLM.from_pretrained(folder, **where, **told))
            words = AutoTokenizer.from_pretrained(folder, **where)
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, SafetensorError, json.JSONDecodeError) as error:
        raise ModelError(
            f"{name} cannot be loaded as a causal language model ({first_line(error)}): it is damaged, incomplete or "
            "of another kind; get it again or give another"
        ) from error
    if report["missing_keys"]:
        wanting = sorted(report["missing_keys"])
        raise ModelError(
            f"{name} lacks {len(wanting)} of its weights ({wanting[0]} ...), which would be random numbers: it is "
            "incomplete or no causal language model; give another"
        )
    return net, words


def _check_causal(net: Any, name: str | Path) -> None:
    """Raise ModelError if a later token changes what is said before it, as in a model for filling gaps."""
    one = torch.arange(1, 9, device=net.device).remainder(net.config.vocab_size)[None]
    other = one.clone()
    other[0, -1] = 0
    with torch.no_grad():
        first, second = (net(ids, use_cache=False).logits[0, :-1] for ids in (one, other))
    if not torch.isfinite(first).all():
        raise ModelError(f"{name} answers with numbers that are not finite: it is damaged; get it again")
    if (first - second).abs().max() > 1e-3 * (1 + first.abs().max()):
        raise ModelError(f"{name} is no causal language model (it reads ahead): give one that predicts the next token")
