"""`step-gym model`: pretrained models that need no model hub."""

from __future__ import annotations

from collections.abc import Sequence

from step_gym.commands.common import Parser, prepare_torch, usage_errors


def model(arguments: Sequence[str]) -> int:
    """Fetch a pretrained model into the cache and print its folder."""
    parser = Parser(prog="step-gym model", description=model.__doc__)
    parser.add_argument("action", choices=("fetch",), help="what to do")
    parser.add_argument("name", metavar="MODEL", help="smollm2")
    options = parser.parse_all(arguments)
    prepare_torch()

    from step_gym.agents.models import fetch

    with usage_errors():
        print(fetch(options.name))
    return 0
