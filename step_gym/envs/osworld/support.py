"""What a task file asks for that cannot be had here, named when it is loaded: nothing is scored wrongly."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from posixpath import splitext

from step_gym.envs.osworld import evaluation
from step_gym.envs.osworld.evaluation.registry import Evaluators
from step_gym.envs.osworld.setup import STEPS
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.sources import SourceRefused, check_source
from step_gym.envs.osworld.task_files import Fields

_THE_SYSTEM = ("os",)


def unsupported(
    fields: Fields, downloads: bool, desktop: Desktop | None, evaluators: Evaluators = "own"
) -> list[str]:
    """Everything that a task lacks, each once and by name; empty for a task that can be given and scored.

    Args:
        fields: A checked task file.
        downloads: Whether files may be fetched from the web.
        desktop: The simulated desktop it is given on, whose programs are known; None for a real machine.
        evaluators: Whose metrics score it: "own", or "upstream".
    """
    found = list(_steps(fields, downloads))
    if desktop is None:
        found += evaluation.unsupported(fields, downloads, evaluators=evaluators)
    else:
        found += [f"program {name}" for name in _programs(fields, desktop)]
        found += evaluation.unsupported(fields, downloads, frozenset(desktop.programs), evaluators)
    return list(dict.fromkeys(found))


def _steps(fields: Fields, downloads: bool) -> Iterator[str]:
    for step in (*fields.get("config", ()), *fields["evaluator"].get("postconfig", ())):
        if step["type"] not in STEPS:
            yield f"setup step {step['type']}"
        elif step["type"] == "download":
            for file in step["parameters"]["files"]:
                try:
                    check_source(file["url"], downloads)
                except SourceRefused as reason:
                    yield f"setup step download ({reason.why})"


def _programs(fields: Fields, desktop: Desktop) -> Iterator[str]:
    """Programs that a simulated desktop has not, by the name under which the task knows them."""
    for app in fields.get("related_apps", ()):
        if app.lower() not in _THE_SYSTEM and app not in desktop.programs:
            yield app
    extensions = {extension for program in desktop.programs.values() for extension in program.extensions}
    for step in fields.get("config", ()):
        parameters = step.get("parameters", {})
        if step["type"] == "launch" and not parameters.get("shell"):
            command = parameters["command"]
            name = (shlex.split(command) if isinstance(command, str) else command)[0]
            if desktop.find_program(name) is None:
                yield name
        if step["type"] == "open":
            extension = splitext(parameters["path"])[1].lower()
            if extension and extension not in extensions:  # a folder has none
                yield f"for {extension}"
