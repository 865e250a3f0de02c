"""The ``scalelab`` command: what is installed, your progress, what is due, the ledger, a plan."""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scalelab import __version__, extras

if TYPE_CHECKING:
    from scalelab.course.ledger import Claim

PLAN_KEYS = """\
A plan has a table for each part: users, demand, app, autoscaler, sessions, cache, database,
clients, prices, recovery, remedies. A wrong key is told with those that are allowed.
  [demand]      rate_per_s, or by_hour, the 24 rates of a day; or instead of both a table [users]
  [autoscaler]  servers that follow the hours: max_servers, min_servers, target, startup_s,
                every_s; rise_times is the sudden rise that is looked at
  [clients]     retries, timeout_s; disturbed_s seconds at disturbed_times what the busiest tier
                can do are what the system must get over; correlated_work
  [remedies]    what may be done, and the days of work that it takes: queries_days, app_days,
                stateless_days, autoscaler_days, cache_days, replica_days, shard_days
"""


def doctor() -> int:
    """Say what is here, and how to get what is not."""
    print(f"scalelab {__version__}, Python {platform.python_version()}, {platform.system()}")
    print("  this is the package; the book and the labs come with a clone of the course")
    for extra, wanted in extras.requirements().items():
        missing = extras.missing(wanted)
        state = f"missing {', '.join(missing)}: {extras.how_to_get(extra)}"
        print(f"  extra {extra:7} {state if missing else 'complete'}")
    _say_servers()
    print(f"  next: {_next_step()}")
    return 0


def _next_step() -> str:
    """Return what to do now, by what is here: a clone or the package alone."""
    here = Path.cwd()
    if not any((folder / "labs" / "checks").is_dir() for folder in (here, *here.parents)):
        return "get a clone of the course; there, make book and make lab do the rest"
    return "make book, and open _build/html/index.html; make lab opens the labs"


def _say_servers() -> None:
    """Which real components the chapters would use."""
    from scalelab.real import postgres_tools, servers

    found = servers.find_servers()
    for server in found:
        print(f"  {server.source}: {server.path}")
    if not found:
        print(f"  {servers.how_to_get_one()}")
    if os.environ.get(postgres_tools.DSN_VARIABLE):
        print(f"  PostgreSQL: the one that {postgres_tools.DSN_VARIABLE} names")
    elif folder := postgres_tools.find_postgres():
        print(f"  PostgreSQL: {folder}")
    else:
        print(f"  {postgres_tools.how_to_get_postgres()}")


def progress(export: str | None, import_from: str | None) -> int:
    """Show the reader's progress, or move it between machines."""
    from scalelab.course.progress import current

    here = current()
    if export:
        print(f"written to {here.export(export)}")
        return 0
    if import_from:
        here.import_from(import_from)
    print(f"kept in {here.path}")
    kept = here.load()
    for name, entry in sorted(kept["exercises"].items()):
        state = "done" if entry.get("passed") else "tried"
        print(f"  {name}: {state}, {entry.get('attempts', 0)} attempts")
    found = here.calibration()
    if found.guesses:
        print(
            f"  {found.guesses} predictions compared: {found.held} of {found.ranges} ranges held, "
            f"guesses were off by a factor of {found.typical_factor:.2f} (geometric mean)"
        )
    else:
        print("  no prediction compared yet")
    return 0


def review(exam: bool, chapter: str | None, most: int, seed: int | None) -> int:
    """Ask the questions that are due, or hold an examination."""
    import numpy as np

    from scalelab.course.exam import hold_exam
    from scalelab.course.progress import current
    from scalelab.course.review import Terminal, hold_review
    from scalelab.real.calendar_time import now_s

    if exam:
        rng = np.random.default_rng(int(now_s()) if seed is None else seed)
        hold_exam(current(), Terminal(), now_s=now_s, rng=rng)
    else:
        hold_review(current(), Terminal(), chapter=chapter, most=most)
    return 0


def claims(as_json: bool, chapter: str | None) -> int:
    """Print the ledger with its values, recomputed now."""
    from scalelab.course import ledger

    entries = ledger.load(chapter)
    if as_json:
        print(json.dumps(ledger.as_records(_computed(entries)), indent=1))
        return 0
    width = max(len(entry.id) for entry in entries)
    for entry in _computed(entries):
        print(f"{entry.id:{width}}  {ledger.VERDICTS[entry.verdict]:24}  {entry.says}")
        for name, value in entry.values().items():
            words, text = ledger.shown(entry, name, value)
            print(f"{'':{width}}    {words}: {text}")
    print("  ".join(f"{ledger.VERDICTS[v]}: {n}" for v, n in ledger.tally(entries).items()))
    return 0


def _computed(entries: Sequence[Claim]) -> Iterator[Claim]:
    """Compute each claim before it is shown, and say on a terminal how far that is."""
    says = sys.stderr.isatty()
    for done, entry in enumerate(entries, 1):
        if says:
            print(f"\rclaim {done} of {len(entries)}", end="", file=sys.stderr, flush=True)
        try:
            entry.values()
        except Exception as error:
            raise RuntimeError(f"the claim {entry.id} cannot be computed: {error}") from error
        finally:
            if says:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
        yield entry


def plan(file: str, other: str | None, remedies: bool) -> int:
    """Say how a system does that a file describes."""
    from scalelab.planner import plan_table
    from scalelab.planner.plan_file import read_plan

    described = read_plan(file)
    if other is not None:
        print(plan_table.difference(described, read_plan(other)))
    elif remedies:
        print(plan_table.remedies_table(described))
    else:
        print(plan_table.plan_table(described))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 2 where an argument is refused or something is missing."""
    parser = argparse.ArgumentParser(prog="scalelab", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("doctor", help="what is installed, what is found, how to get the rest")
    own = commands.add_parser("progress", help="exercises done, and how well you predict")
    own.add_argument("--export", metavar="FILE", help="write a copy")
    own.add_argument("--import", metavar="FILE", dest="import_from", help="merge a copy")
    again = commands.add_parser("review", help="the questions that are due; Ctrl-C loses none")
    again.add_argument("--exam", action="store_true", help="twenty from all chapters, timed")
    again.add_argument("--chapter", help="only this chapter's")
    again.add_argument("--most", type=_one_or_more, default=20, help="questions of this sitting")
    again.add_argument("--seed", type=int, help="of an examination, to hold the same one again")
    table = commands.add_parser("claims", help="the ledger, recomputed")
    table.add_argument("--json", action="store_true", dest="as_json")
    table.add_argument("--chapter", help="only this chapter's")
    planned = commands.add_parser(
        "plan",
        help="how a system does: plan.toml; see examples/",
        epilog=PLAN_KEYS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    planned.add_argument("file", help="the plan, as those in examples/")
    planned.add_argument("--compare", metavar="FILE", help="what this plan costs and buys instead")
    planned.add_argument("--remedies", action="store_true", help="what to do as the load grows")
    given = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a path may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(given, parser)
        sys.stdout.flush()  # here, where an error of it is ours to tell
        return code
    except BrokenPipeError:  # whoever reads has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        print(f"scalelab {given.command}: {error}", file=sys.stderr)
        return 2


def _one_or_more(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be an integer >= 1, got {text}")
    return int(text)


def _run(given: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if given.command == "doctor":
        return doctor()
    if given.command == "progress":
        return progress(given.export, given.import_from)
    if given.command == "review":
        return review(given.exam, given.chapter, given.most, given.seed)
    if given.command == "claims":
        return claims(given.as_json, given.chapter)
    if given.command == "plan":
        return plan(given.file, given.compare, given.remedies)
    parser.print_help()
    return 0


if __name__ == "__main__":
    sys.exit(main())
