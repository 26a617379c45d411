"""`chisel claims`: list the claims with their stored verdicts, or measure them. A listing imports no torch."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from chisel.core.catalogue import UnknownClaim, find_chapters, find_claims
from chisel.core.claims import SCALES, Claim
from chisel.core.estimates import Estimate
from chisel.core.files import StorageError, check_writable
from chisel.core.results import Result, ResultError, encode, load_result, results_folder, save_result

WRITE_ELSEWHERE = "free some space, or write elsewhere with --output DIR"


class ClaimsError(RuntimeError):
    """What was asked for cannot be measured. The message is one line."""


def add_parser(subparsers: Any) -> None:
    """Add the subcommand `claims`."""
    parser = subparsers.add_parser(
        "claims",
        help="list the claims with their verdicts, or measure them",
        description="Without arguments: list every claim with its stored verdicts. With ids or --all: measure them.",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="claims to measure")
    parser.add_argument("--all", action="store_true", help="measure every claim")
    parser.add_argument("--scale", choices=SCALES, default="laptop", help="which preset (default: laptop)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes on this machine (default: 1)")
    parser.add_argument("--device", help="cpu, cuda, cuda:N or auto (default: auto at scale gpu, else cpu)")
    parser.add_argument("--backend", choices=("loky", "dask"), help="what spreads the jobs (default with --jobs: loky)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of the Dask cluster, such as tcp://10.0.0.1:8786")
    parser.add_argument("--force", action="store_true", help="measure again what is current")
    parser.add_argument("--output", type=Path, metavar="DIR", help="read and write results here, not in the package")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run, expected=(ClaimsError, UnknownClaim, StorageError))


def run(args: argparse.Namespace, root: str = "chisel") -> int:
    """Do what the arguments say and return the exit status. `root` is the package whose chapters are looked at.

    Raises:
        ClaimsError, UnknownClaim, StorageError: one line for the person at the keyboard.
    """
    if not args.ids and not args.all:
        return _list(args, root)
    return _measure_all(find_claims(None if args.all else args.ids, root), args)


def _list(args: argparse.Namespace, root: str) -> int:
    rows = []
    for chapter in find_chapters(root):
        if not args.json:
            print(chapter.title)
        for claim in chapter.claims:
            states = {scale: state for scale in claim.presets if (state := _state(claim, scale, args.output))}
            rows.append({"id": claim.id, "chapter": claim.chapter, "title": claim.title, "verdicts": states})
            if not args.json:
                words = " · ".join(f"{scale}: {state}" for scale, state in states.items()) or "not measured"
                print(f"  {claim.id:<24} {words:<32} {claim.title}")
    if args.json:
        print(json.dumps(rows, indent=1))
    elif not rows:
        print("no chapter declares a claim yet")
    return 0


def _state(claim: Claim, scale: str, folder: Path | None) -> str | None:
    try:
        return load_result(claim, scale, folder).verdict
    except ResultError as error:
        return None if error.state == "missing" else error.state


def _measure_all(claims: Sequence[Claim], args: argparse.Namespace) -> int:
    documents = []
    try:
        for claim in claims:
            result, note = _current_or_measured(claim, args)
            if args.json:
                documents.append(json.loads(encode(result)))
            else:
                print(verdict_block(claim, result), note, sep="\n", end="\n\n", flush=True)
    except KeyboardInterrupt as error:
        print(f"chisel: {str(error) or 'interrupted: the same command goes on'}", file=sys.stderr)
        return 130
    if args.json:
        print(json.dumps(documents, indent=1))
    return 0


def _current_or_measured(claim: Claim, args: argparse.Namespace) -> tuple[Result, str]:
    if args.scale not in claim.presets:
        raise ClaimsError(f"{claim.id} has no preset for scale {args.scale!r}: use {', '.join(claim.presets)}")
    stays = args.scale != "sample" or args.output is not None  # A sample is for looking, not for the package.
    if stays and not args.force and (current := _current(claim, args)):
        return current, "  current: --force measures it again"
    if stays:
        check_writable(results_folder(claim, args.output), WRITE_ELSEWHERE)
    return _measured(claim, args, stays)


def _current(claim: Claim, args: argparse.Namespace) -> Result | None:
    """Return the stored result if it needs no measuring; write it anew if only its sentences have changed."""
    try:
        result = load_result(claim, args.scale, args.output)
    except ResultError as error:
        if error.state != "missing":
            print(f"chisel: {error}", file=sys.stderr)
        return None
    path = results_folder(claim, args.output) / f"{claim.id}.{args.scale}.json"
    if path.read_text(encoding="utf-8") != encode(result):
        save_result(result, claim, args.output)
    return result


def _measured(claim: Claim, args: argparse.Namespace, stays: bool) -> tuple[Result, str]:
    # Imported here, because torch takes seconds and a listing or a current result needs none of it.
    from chisel.core.device import DeviceError
    from chisel.core.measure import measure
    from chisel.core.needs import NeedError
    from chisel.core.pools import JobError, Pool, PoolError

    try:
        pool = Pool(args.jobs, args.backend, args.scheduler)
        result, kept = measure(claim, args.scale, args.device or ("auto" if args.scale == "gpu" else "cpu"), pool)
    except (DeviceError, PoolError, JobError, NeedError) as error:
        raise ClaimsError(str(error).splitlines()[0]) from error
    try:
        where = save_result(result, claim, args.output) if stays else None
    except ValueError as error:
        raise ClaimsError(f"{claim.id}: {error}") from error
    kept.forget()
    return result, f"  written to {where}" if where else "  not written: a sample stays only with --output DIR"


def verdict_block(claim: Claim, result: Result) -> str:
    """Return a result in words: each criterion with what it compared, every measurement, the controls."""
    made = result.provenance
    lines = [
        f"{claim.title} ({claim.id}, {result.scale})",
        fill(claim.statement, 110, initial_indent="  ", subsequent_indent="  "),
        f"  VERDICT: {result.verdict}",
        "  criteria",
    ]
    for criterion, judged in zip(claim.criteria, result.criteria, strict=True):
        end = {"low": "low end of ", "high": "high end of ", "value": ""}[criterion.end]
        compared = f"{end}{criterion.measurement} = {judged.measured:.4g} {criterion.relation} {criterion.threshold:g}"
        lines.append(f"    {'met    ' if judged.met else 'NOT MET'} {criterion.id} ({criterion.role}): {compared}")
        lines.append(fill(criterion.statement, 110, initial_indent=" " * 12, subsequent_indent=" " * 12))
    width = max(map(len, result.measurements), default=0)
    lines.append("  measurements [95 % interval]")
    lines += [f"    {name:<{width}}  {_in_words(estimate)}" for name, estimate in sorted(result.measurements.items())]
    lines.append("  controls")
    lines += [f"    {control}" for control in claim.controls]
    lines.append(f"  {made['seeds']} seeds, {made['jobs']} jobs, {made['cpu_seconds']:.1f} CPU-s on {made['device']}")
    return "\n".join(lines)


def _in_words(estimate: Estimate) -> str:
    if estimate.unit == "exact":
        return f"{estimate.value:.4g} (exact)"
    return f"{estimate.value:.4g} [{estimate.low:.4g}, {estimate.high:.4g}] n={estimate.n} {estimate.unit}"
