"""From words to texts: variables, substitutions, arithmetic, then fields, then file name patterns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from step_gym.envs.machine.files import join
from step_gym.envs.machine.shell.arithmetic import evaluate
from step_gym.envs.machine.shell.glob import Glob, compile_glob, glob_matches, is_pattern
from step_gym.envs.machine.shell.streams import Exhausted
from step_gym.envs.machine.shell.syntax import (
    Arithmetic,
    Part,
    Substitution,
    Text,
    Variable,
    Word,
)

if TYPE_CHECKING:
    from step_gym.envs.machine.shell.evaluator import Shell

MAX_VALUE_CHARS = 128 * 1024  # of one word or variable: what Linux allows one argument
_MAX_FIELDS = 20_000

_Segments = list[tuple[str, bool]]


class ExpansionFailure(Exception):
    """A word that has no value, such as `${x:?}`; it ends the command."""


def expand_words(shell: Shell, words: tuple[Word, ...]) -> list[str]:
    """The arguments that words become; each gives none, one or several."""
    arguments: list[str] = []
    for word in words:
        if word and all(map(_is_one_text, word)):
            arguments.append(_bounded(shell, _joined(shell, word)))
            continue
        for segments in _fields(shell, _with_home(shell, word)):
            arguments.extend(_file_names(shell, segments))
            if len(arguments) > _MAX_FIELDS:
                raise Exhausted
    return arguments


def _is_one_text(part: Part) -> bool:
    """Whether a part stays one text, no pattern and no home directory: a word of such is one argument."""
    if isinstance(part, Text):
        return part.quoted or (part.text[:1] != "~" and not _has_wildcard(part.text))
    return part.quoted and not (isinstance(part, Variable) and part.name == "@" and not part.operator)


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text or "[" in text


def expand_text(shell: Shell, word: Word) -> str:
    """The one text that a word becomes where nothing is split: assignments, redirections, arithmetic."""
    return _bounded(shell, _joined(shell, _with_home(shell, word)))


def _joined(shell: Shell, word: Word) -> str:
    return "".join([part.text if isinstance(part, Text) else " ".join(_values(shell, part)) for part in word])


def _with_home(shell: Shell, word: Word) -> Word:
    """The word with the home directory for the `~` it begins with, as in `~` and `~/notes`."""
    first = word[0] if word else None
    if not isinstance(first, Text) or first.quoted or "HOME" not in shell.variables:
        return word
    if first.text.startswith("~/") or (first.text == "~" and len(word) == 1):
        return (Text(shell.variables["HOME"], True), Text(first.text[1:], False), *word[1:])
    return word


def _bounded(shell: Shell, text: str) -> str:
    if len(text) > MAX_VALUE_CHARS:
        raise Exhausted
    shell.budget.spend(len(text) // 16)
    return text


def expand_pattern(shell: Shell, word: Word) -> Glob:
    """The pattern that a word becomes; what is quoted in it stands for itself."""
    segments = [
        (part.text if isinstance(part, Text) else " ".join(_values(shell, part)), part.quoted)
        for part in _with_home(shell, word)
    ]
    return compile_glob(segments)


def _values(shell: Shell, part: Part) -> list[str]:
    """What an expansion gives: one text, or several for the positional parameters."""
    if isinstance(part, Substitution):
        return [_bounded(shell, shell.capture(part.script))]
    if isinstance(part, Arithmetic):
        return [str(evaluate(expand_text(shell, part.expression), shell.variables))]
    assert isinstance(part, Variable)
    if part.name in "@*" and not part.operator:
        return list(shell.arguments[1:])
    value = shell.parameter(part.name)
    operator = part.operator
    if operator == "#length":
        return [str(len(shell.arguments) - 1 if part.name in "@*" else len(value or ""))]
    if operator[:1] == ":" or operator in ("-", "=", "+", "?"):
        return [_with_default(shell, part, value)]
    if operator:
        return [_trimmed(shell, value or "", operator, expand_pattern(shell, part.argument))]
    return [value or ""]


def _with_default(shell: Shell, part: Variable, value: str | None) -> str:
    present = bool(value) if part.operator.startswith(":") else value is not None
    kind = part.operator[-1]
    if kind == "+":
        return expand_text(shell, part.argument) if present else ""
    if present:
        return value or ""
    default = expand_text(shell, part.argument)
    if kind == "?":
        raise ExpansionFailure(f"{part.name}: {default or 'parameter null or not set'}")
    if kind == "=":
        shell.assign(part.name, default)
    return default


def _trimmed(shell: Shell, value: str, operator: str, pattern: Glob) -> str:
    shell.budget.spend(len(value) * (len(value) + len(pattern)) // 50)
    lengths = range(len(value) + 1) if len(operator) == 1 else range(len(value), -1, -1)
    for length in lengths:
        cut = value[:length] if operator[0] == "#" else value[len(value) - length :]
        if glob_matches(pattern, cut):
            return value[length:] if operator[0] == "#" else value[: len(value) - length]
    return value


def _fields(shell: Shell, word: Word) -> list[_Segments]:
    fields: list[_Segments] = []
    current: _Segments | None = None
    for part in word:
        if isinstance(part, Text):
            current = [*(current or []), (part.text, part.quoted)]
            continue
        values = _values(shell, part)
        if part.quoted:
            several = isinstance(part, Variable) and part.name == "@" and not part.operator
            pieces = values if several else [" ".join(values)]
            splits = [[(piece, True)] for piece in pieces]
            glued_left = glued_right = True
        else:
            text = " ".join(values)
            splits, glued_left, glued_right = _split(text, shell.variables.get("IFS", " \t\n"))
        for index, segment in enumerate(splits):
            if index == 0 and glued_left:
                current = [*(current or []), *segment]
            else:
                if current is not None:
                    fields.append(current)
                current = list(segment)
        if not glued_right and current is not None:
            fields.append(current)
            current = None
    if current is not None:
        fields.append(current)
    if len(fields) > _MAX_FIELDS:
        raise Exhausted
    return fields


def _split(text: str, separators: str) -> tuple[list[_Segments], bool, bool]:
    """Fields of an unquoted expansion, and whether its first and last touch what stands beside it."""
    if not text:
        return [], True, True
    blanks = "".join(character for character in separators if character in " \t\n")
    fields: list[str] = []
    current: str | None = None
    for character in text:
        if character in blanks:
            if current is not None:
                fields.append(current)
            current = None
        elif character in separators:
            fields.append(current or "")
            current = None
        else:
            current = (current or "") + character
    if current is not None:
        fields.append(current)
    glued_left = text[0] not in separators
    # An expansion of blanks alone still parts what stands on its two sides.
    glued_right = text[-1] not in separators
    return [[(field, False)] for field in fields], glued_left, glued_right


def _file_names(shell: Shell, segments: _Segments) -> list[str]:
    text = _bounded(shell, "".join(piece for piece, _ in segments))
    if not any(not quoted and _has_wildcard(piece) for piece, quoted in segments):
        return [text]
    parts: list[_Segments] = [[]]
    for piece, quoted in segments:
        names = piece.split("/")
        parts[-1].append((names[0], quoted))
        parts.extend([(name, quoted)] for name in names[1:])
    found = [""]
    for index, part in enumerate(parts):
        name = "".join(piece for piece, _ in part)
        slash = "/" if index < len(parts) - 1 else ""
        if is_pattern(part):
            glob = compile_glob(part)
            found = [f"{base}{entry}{slash}" for base in found for entry in _entries(shell, base, glob)]
        else:
            found = [f"{base}{name}{slash}" for base in found]
        if len(found) > _MAX_FIELDS:
            raise Exhausted
    files = shell.machine.files
    existing = [path for path in found if files.exists(join(shell.cwd, path), follow=False)]
    return existing or [text]


def _entries(shell: Shell, base: str, glob: Glob) -> list[str]:
    directory = join(shell.cwd, base or ".")
    if not shell.machine.files.is_dir(directory):
        return []
    names = shell.machine.files.list(directory)
    shell.budget.spend(len(names) + 1)
    shows_hidden = bool(glob) and glob[0] == ("is", ".")
    accept: Callable[[str], bool] = lambda name: shows_hidden or not name.startswith(".")  # noqa: E731
    return [name for name in names if accept(name) and glob_matches(glob, name)]
