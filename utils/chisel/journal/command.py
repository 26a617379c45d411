"""`chisel status` and `chisel calibration`: a reader's progress and predictions, from the journal on this machine."""

import argparse
import json
import math
from dataclasses import asdict
from typing import Any

from chisel.core.journal import PREDICTION, SEALED, JournalError, open_journal


def add_parser(subparsers: Any) -> None:
    """Add the subcommands `status` and `calibration`."""
    status = subparsers.add_parser(
        "status", help="show your progress, chapter by chapter", description="Exercises done, tried and untouched."
    )
    status.add_argument("--json", action="store_true", help="print JSON")
    status.set_defaults(run=show_status, expected=(JournalError,))
    calibration = subparsers.add_parser(
        "calibration",
        help="show how good your predictions were",
        description="The reliability diagram of your sealed predictions, and their scores by chapter.",
    )
    calibration.add_argument("--json", action="store_true", help="print JSON")
    calibration.set_defaults(run=show_calibration, expected=(JournalError,))


def show_status(args: argparse.Namespace) -> int:
    """Print the progress."""
    from chisel.journal.progress import as_text, next_step, progress

    chapters = progress()
    if args.json:
        rows = [{**asdict(chapter), "done": chapter.done} for chapter in chapters]
        print(json.dumps({"chapters": rows, "next": next_step(chapters)}, indent=1))
    else:
        print(as_text(chapters))
    return 0


def show_calibration(args: argparse.Namespace) -> int:
    """Print the scores and the reliability diagram."""
    from chisel.journal.predictions import score, standing
    from chisel.journal.scoring import ALWAYS_HALF_BRIER, ALWAYS_HALF_LOG, calibration, mean_brier, mean_log

    said = standing(open_journal().events(PREDICTION, SEALED))
    scored = score(said.values())
    groups = {"all": scored} | {
        name: [s for s in scored if s.chapter == name] for name in sorted({s.chapter for s in scored})
    }
    rows = [
        {"chapter": name, "n": len(own), "brier": mean_brier(own), "log": mean_log(own)}
        for name, own in groups.items()
        if own
    ]
    bins = calibration(scored)
    if args.json:
        finite = [{**row, "log": row["log"] if math.isfinite(row["log"]) else None} for row in rows]
        half = {"brier": ALWAYS_HALF_BRIER, "log": ALWAYS_HALF_LOG}
        print(json.dumps({"scores": finite, "always one half": half, "bins": [asdict(b) for b in bins]}, indent=1))
        return 0
    open_ones = len(said) - len(scored)
    if not scored:
        print(
            f"No prediction is settled yet ({open_ones} wait for their result). A notebook asks before each experiment."
        )
        return 0
    print(f"{'':<20} {'n':>4}  {'Brier':>6}  {'log (bits)':>10}")
    for row in rows:
        print(f"{row['chapter']:<20} {row['n']:>4}  {row['brier']:>6.3f}  {row['log']:>10.3f}")
    print(f"{'always one half':<20} {'':>4}  {ALWAYS_HALF_BRIER:>6.3f}  {ALWAYS_HALF_LOG:>10.3f}")
    print("\nWhen you said ...    ... yes came     n")
    for found in bins:
        bar = "█" * round(20 * found.share)
        print(
            f"{found.low:.1f} to {found.high:.1f} (mean {found.credence:.2f})  {found.share:>4.0%}  {found.n:>4}  {bar}"
        )
    return 0
