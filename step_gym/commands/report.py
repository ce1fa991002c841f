"""`step-gym report`: a run as one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from step_gym.commands.common import Parser, usage_errors


def report(arguments: Sequence[str]) -> int:
    """Write one self-contained HTML page about a run, finished or not."""
    parser = Parser(prog="step-gym report", description=report.__doc__)
    parser.add_argument("run", metavar="RUN", type=Path, help="run folder")
    parser.add_argument(
        "--output", metavar="F", type=Path, help="the page (default: report.html in the run folder)"
    )
    options = parser.parse_all(arguments)

    from step_gym.agents.report import write_report

    with usage_errors():
        print(write_report(options.run, options.output))
    return 0
