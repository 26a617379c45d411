"""`chisel status` and `chisel calibration`: a reader's progress and predictions, from the journal on this machine."""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chisel.core.journal import PREDICTION, SEALED, JournalError, open_journal
from chisel.journal.predictions import PredictionError
from chisel.journal.scoring import Bin

DIAGRAM_WIDTH = 40  # characters from 0 to 1


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
    calibration.set_defaults(run=show_calibration, expected=(JournalError, PredictionError))


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
    from chisel.core.catalogue import find_chapters
    from chisel.journal.predictions import score, standing
    from chisel.journal.scoring import ALWAYS_HALF_BRIER, ALWAYS_HALF_LOG, calibration, mean_brier, mean_log

    said = standing(open_journal().events(PREDICTION, SEALED))
    scored = score(said.values())
    titles = {chapter.package.rpartition(".")[2]: chapter.title for chapter in find_chapters()}
    groups = {"all": scored} | {name: [s for s in scored if s.chapter == name] for name in titles}
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
    waiting = sum(not prediction.sealed for prediction in said.values())
    if scored:
        rows = [{**row, "chapter": titles.get(row["chapter"], "All chapters")} for row in rows]
        half = {"chapter": "Always saying 50 %", "n": "", "brier": ALWAYS_HALF_BRIER, "log": ALWAYS_HALF_LOG}
        print("\n".join([*_scores([*rows, half]), "", *_diagram(bins)]))
        if waiting:
            print(f"\nNot shown: {waiting} that wait for their result.")
    else:
        print(f"No prediction is settled yet, {waiting} wait for their result. A notebook asks before each experiment.")
    return 0


def _scores(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a table with a row for each chapter. Lower is better in both scores."""
    lines = [f"{'Lower is better':<28} {'n':>4}  {'Brier':>6}  {'log (bits)':>10}"]
    for row in rows:
        log = f"{row['log']:.3f}" if math.isfinite(row["log"]) else "∞"  # a certainty was wrong
        lines.append(f"{row['chapter']:<28} {row['n']:>4}  {row['brier']:>6.3f}  {log:>10}")
    return lines


def _diagram(bins: Sequence[Bin]) -> list[str]:
    """Return the reliability diagram: for each range of credences what was said (|) and how often yes came (●)."""
    lines = [f"{'You said':<12} {'yes came':>10}   0{'50 %':^{DIAGRAM_WIDTH - 1}}100 %"]
    for found in bins:
        axis = ["·"] * (DIAGRAM_WIDTH + 1)
        axis[round(found.credence * DIAGRAM_WIDTH)] = "|"
        axis[round(found.share * DIAGRAM_WIDTH)] = "●"
        came = f"{round(found.share * found.n)} of {found.n}"
        lines.append(f"{found.low:.1f} to {found.high:.1f}   {came:>10}   {''.join(axis)}")
    return [*lines, "| what you said on average, ● how often yes came: calibrated is ● on |, sure is both at an end"]
