"""What a person sees while a run goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar


class Progress:
    """A listener for `agents.trainer.train`: a line for each round, and a bar for what is under way."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._phase = ""

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, record: dict[str, Any]) -> None:
        """Take one record of the run."""
        if record["kind"] == "progress":
            self._show_phase(record)
        else:
            self._console.print(describe(record), highlight=False, markup=False, soft_wrap=True)

    def _show_phase(self, record: dict[str, Any]) -> None:
        if record["phase"] != self._phase:
            self._phase = record["phase"]
            self._bar.reset(self._task, total=record["of"], description=self._phase)
        self._bar.update(self._task, completed=record["done"], total=record["of"])


def describe(record: dict[str, Any]) -> str:
    """One line about a record of the metrics."""
    if record["kind"] == "warmstart":
        return (
            f"warm start  {record['demonstrations']} expert episodes, {record['epochs']:.1f} epochs, "
            f"held-out loss {record['held_out_loss']:.3f}, {record['seconds']:.0f} s"
        )
    if record["kind"] == "evaluation":
        interval = f"{100 * record['low']:.1f} to {100 * record['high']:.1f}"
        return (
            f"evaluation  round {record['round']:>3}  {record['split']:<9} {100 * record['rate']:5.1f} %  "
            f"(95 % interval {interval}, {record['episodes']} tasks)"
        )
    success = "   none" if record["success"] is None else f"{100 * record['success']:5.1f} %"
    seconds = record["rollout_s"] + record["update_s"]
    failed = f"  {record['failed']} failed" if record["failed"] else ""
    return (
        f"round {record['round']:>3}  success {success}  steps {record['env_steps']:>6}  "
        f"trained on {record['rows']:>6}  entropy {record['entropy']:.2f}  {seconds:5.1f} s{failed}"
    )
