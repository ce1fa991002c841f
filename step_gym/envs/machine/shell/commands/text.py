"""Commands that read lines: grep, wc, head, tail, sort, uniq, cut, tr and printf, with toybox's texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from step_gym.envs.machine.files import Directory, Node, join
from step_gym.envs.machine.shell.commands.builtins import unescape
from step_gym.envs.machine.shell.commands.options import read_number, read_options
from step_gym.envs.machine.shell.evaluator import (
    Call,
    CommandFunction,
    UsageFailure,
    decode,
    encode,
)
from step_gym.envs.machine.shell.regex import Regex, RegexError, compile_regex


def inputs(call: Call, names: list[str], prefix: str = "") -> Iterator[tuple[str, bytes | None]]:
    """Each file's name and content, None after a complaint that it cannot be read; `-` is standard input."""
    for name in names or ["-"]:
        try:
            data = call.streams.stdin.read() if name == "-" else call.machine.files.read(call.path(name))
        except OSError as error:
            call.complain(f"{prefix}{name}: {error.strerror}")
            yield name, None
        else:
            call.shell.budget.spend(len(data) // 100 + 1)
            yield name, data


def lines_of(data: bytes) -> list[str]:
    """Lines without their newlines."""
    text = decode(data)
    return text.removesuffix("\n").split("\n") if text else []


def _grep(call: Call) -> int:
    options, operands = read_options(call, "EFGivnclLqsrRhHowxaz", "em", joined="e")
    extended = "E" in options or call.name == "egrep"
    fixed = "F" in options or call.name == "fgrep"
    if "e" not in options:
        if not operands:
            call.complain("no REGEX")
            return 2
        options["e"] = operands.pop(0)
    try:
        patterns = [
            compile_regex(text, extended, "i" in options, fixed) for text in options["e"].split("\n")[:50]
        ]
    except RegexError as error:
        call.complain(f"bad regex '{options['e']}': {error}")
        return 2
    recursive = "r" in options or "R" in options
    names = list(_grep_files(call, operands, recursive))
    most = read_number(options["m"]) if "m" in options else None
    several = (len(names) > 1 or recursive or "H" in options) and "h" not in options
    found, failed = False, False
    for name, data in inputs(call, names):
        if data is None:
            failed = True
            continue
        label = "(standard input)" if name == "-" else name
        count = _grep_lines(call, options, patterns, f"{label}:" if several else "", lines_of(data), most)
        found = found or count > 0
        if "q" in options:
            continue
        if "c" in options:
            call.out(f"{label}:{count}\n" if several else f"{count}\n")
        if ("l" in options and count) or ("L" in options and not count):
            call.out(f"{label}\n")
    return 0 if found and ("q" in options or not failed) else 2 if failed else 1


def _grep_files(call: Call, names: list[str], recursive: bool) -> Iterator[str]:
    for name in names or (["."] if recursive else []):
        files, path = call.machine.files, call.path(name)
        node = files.node(path) if files.exists(path) else None
        if not recursive or not isinstance(node, Directory):
            yield name
            continue
        pending: list[tuple[str, Node]] = [(name, node)]
        while pending:
            path, here = pending.pop()
            call.shell.budget.spend(10)
            if isinstance(here, Directory):
                pending.extend(
                    (join(path, entry), here.entries[entry]) for entry in sorted(here.entries, reverse=True)
                )
            else:
                yield path


def _grep_lines(
    call: Call, options: dict[str, str], patterns: list[Regex], label: str, lines: list[str], most: int | None
) -> int:
    """Print what matches; the number of lines that did."""
    silent = any(letter in options for letter in "qclL")
    count = 0
    for number, line in enumerate(lines, start=1):
        if most is not None and count >= most:
            break
        spans = [
            span for pattern in patterns if (span := _grep_match(call, options, pattern, line)) is not None
        ]
        if bool(spans) == ("v" in options):
            continue
        count += 1
        prefix = f"{label}{number}:" if "n" in options else label
        if silent:
            continue
        if "o" not in options:
            call.out(f"{prefix}{line}\n")
        elif spans:
            for start, end in _all_matches(call, patterns[0], line):
                call.out(f"{prefix}{line[start:end]}\n")
    return count


def _grep_match(call: Call, options: dict[str, str], pattern: Regex, line: str) -> list[int] | None:
    position = 0
    while (found := pattern.search(line, position, call.shell.budget.spend)) is not None:
        start, end = found[:2]
        whole = start == 0 and end == len(line)
        before, after = line[start - 1 : start], line[end : end + 1]
        word = not re.match(r"\w", before) and not re.match(r"\w", after)
        if ("x" not in options or whole) and ("w" not in options or word):
            return found
        position = start + 1
        if position > len(line):
            break
    return None


def _all_matches(call: Call, pattern: Regex, line: str) -> Iterator[tuple[int, int]]:
    position = 0
    while position <= len(line) and (found := pattern.search(line, position, call.shell.budget.spend)):
        if found[1] > found[0]:
            yield found[0], found[1]
        position = max(found[1], found[0] + 1)


def _wc(call: Call) -> int:
    options, names = read_options(call, "lwcmL")
    chosen = [letter for letter in "lwmc" if letter in options] or ["l", "w", "c"]
    totals = dict.fromkeys("lwmc", 0)
    status = 0
    # Columns are padded only for several files, and where several numbers come from standard input.
    pad = 7 if (len(chosen) > 1 and not names) or len(names) > 1 else 0
    for name, data in inputs(call, names):
        if data is None:
            status = 1
            continue
        counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data), "m": len(decode(data))}
        totals = {letter: totals[letter] + counts[letter] for letter in totals}
        shown = " ".join(f"{counts[letter]:>{pad}}" for letter in chosen)
        call.out(f"{shown}\n" if name == "-" else f"{shown} {name}\n")
    if len(names) > 1:
        call.out(" ".join(f"{totals[letter]:>{pad}}" for letter in chosen) + " total\n")
    return status


def _counted(call: Call) -> tuple[dict[str, str], list[str], str]:
    """Options of head and tail, their files, and the count, which may be written `-5`."""
    arguments = list(call.arguments)
    if arguments and re.fullmatch("-[0-9]+", arguments[0], re.ASCII):
        arguments[0] = f"-n{arguments[0][1:]}"
    plain = Call(call.name, arguments, call.shell, call.streams)
    options, names = read_options(plain, "qvf", "nc")
    return options, names, options.get("c", options.get("n", "10"))


def _kept_lines(data: bytes) -> list[bytes]:
    """Lines with their newlines."""
    *lines, rest = data.split(b"\n")
    return [line + b"\n" for line in lines] + ([rest] if rest else [])


def _head(call: Call) -> int:
    options, names, text = _counted(call)
    count = read_number(text)
    if count < 0:
        raise UsageFailure("-n < 0")

    def part(data: bytes) -> bytes:
        if "c" in options:
            return data[:count]
        return b"".join(_kept_lines(data)[:count])

    return _parts(call, options, names, part)


def _tail(call: Call) -> int:
    options, names, text = _counted(call)
    from_start = text.startswith("+")
    count = abs(read_number(text))

    def part(data: bytes) -> bytes:
        if "c" in options:
            return (
                data[count - 1 if count else 0 :] if from_start else data[len(data) - min(count, len(data)) :]
            )
        lines = _kept_lines(data)
        return b"".join(
            lines[max(count - 1, 0) :] if from_start else lines[len(lines) - min(count, len(lines)) :]
        )

    return _parts(call, options, names, part)


def _parts(call: Call, options: dict[str, str], names: list[str], part: Callable[[bytes], bytes]) -> int:
    status, shown = 0, False
    for name, data in inputs(call, names):
        if data is None:
            status = 1
            continue
        if (len(names) > 1 and "q" not in options) or "v" in options:
            call.out(("\n" if shown else "") + f"==> {name} <==\n")
        shown = True
        call.out(part(data))
    return status


def _sort(call: Call) -> int:
    options, names = read_options(call, "nrufbidsc", "ktTo")
    lines: list[str] = []
    status = 0
    for _, data in inputs(call, names):
        if data is None:
            status = 2
        else:
            lines += lines_of(data)
    call.shell.budget.spend(len(lines) * 3)
    separator = options.get("t")
    start, end = 0, None
    if "k" in options:
        found = re.fullmatch(
            r"([0-9]{1,4})(?:\.[0-9]+)?[a-zA-Z]*(?:,([0-9]{1,4})(?:\.[0-9]+)?)?([a-zA-Z]*)", options["k"]
        )
        if not found or found.group(1) == "0":
            raise UsageFailure("bad -k")
        start, end = int(found.group(1)) - 1, int(found.group(2)) if found.group(2) else None
        options.update(dict.fromkeys((letter for letter in re.sub("[^nrf]", "", options["k"])), ""))

    def key(line: str):
        text = line
        if start or end is not None:
            fields = line.split(separator) if separator else re.findall(r"\s*\S+", line)
            text = (separator or "").join(fields[start:end])
        if "n" in options:
            number = re.match(r"\s*(-?[0-9]{0,300}(?:\.[0-9]{1,300})?)", text, re.ASCII)
            value = number.group(1) if number else ""
            return (float(value) if re.search("[0-9]", value) else 0.0, b"")
        return (0.0, encode(text.upper() if "f" in options else text))

    whole = (lambda line: (key(line), encode(line))) if "s" not in options and "u" not in options else key
    lines.sort(key=whole, reverse="r" in options)
    if "u" in options:
        lines = [line for index, line in enumerate(lines) if index == 0 or key(line) != key(lines[index - 1])]
    text = "".join(f"{line}\n" for line in lines)
    if "o" in options:
        call.machine.files.write(call.path(options["o"]), encode(text))
    else:
        call.out(text)
    return status


def _uniq(call: Call) -> int:
    options, names = read_options(call, "cdui")
    groups: list[tuple[str, int]] = []
    status = 0
    for _, data in inputs(call, names[:1]):
        status = 1 if data is None else status
        for line in lines_of(data or b""):
            if groups and groups[-1][0] == line:
                groups[-1] = (line, groups[-1][1] + 1)
            else:
                groups.append((line, 1))
    for line, count in groups:
        if ("d" in options and count == 1) or ("u" in options and count > 1):
            continue
        call.out(f"{count:7d} {line}\n" if "c" in options else f"{line}\n")
    return status


def _cut(call: Call) -> int:
    options, names = read_options(call, "s", "dfcb")
    letter = next((name for name in "fcb" if name in options), None)
    if letter is None:
        raise UsageFailure("Need -cbf")
    ranges: list[tuple[int, int]] = []
    for item in options[letter].split(","):
        found = re.fullmatch(r"([0-9]{0,6})(-?)([0-9]{0,6})", item, re.ASCII)
        if not found or not (found.group(1) or found.group(3)):
            return call.complain(f"bad -{letter} '{options[letter]}'")
        first = int(found.group(1) or 1)
        last = int(found.group(3)) if found.group(3) else (10**6 if found.group(2) else first)
        ranges.append((first, last))
    spans: list[tuple[int, int]] = []  # in order, without what an earlier one has
    for first, last in sorted(ranges):
        start = max(first - 1, spans[-1][1] if spans else 0)
        if start < last:
            spans.append((start, last))
    status = 0
    for _, data in inputs(call, names):
        status = 1 if data is None else status
        for line in lines_of(data or b""):
            separator = options.get("d", "\t") if letter == "f" else ""
            items = line.split(separator) if separator else list(line)
            if letter == "f" and len(items) == 1:
                call.out("" if "s" in options else f"{line}\n")
                continue
            call.shell.budget.spend(len(items) * len(ranges) // 10 + 1)
            kept = [item for start, end in spans for item in items[start:end]]
            call.out(separator.join(kept) + "\n")
    return status


def _tr(call: Call) -> int:
    options, operands = read_options(call, "dsc", least=1)
    sets = [_characters(decode(unescape(text)[0])) for text in operands[:2]]
    text = decode(call.streams.stdin.read())
    call.shell.budget.spend(len(text) // 10 + 1)
    if "d" in options:
        call.out("".join(c for c in text if (c in sets[0]) == ("c" in options)))
        return 0
    if len(sets) < 2 or not sets[1]:
        raise UsageFailure("Needs 2 arguments")
    target = sets[1].ljust(len(sets[0]), sets[1][-1])
    table = {ord(a): b for a, b in zip(reversed(sets[0]), reversed(target[: len(sets[0])]), strict=True)}
    call.out(text.translate(table))
    return 0


def _characters(text: str) -> str:
    return re.sub(
        "(.)-(.)",
        lambda m: "".join(map(chr, range(ord(m[1]), min(ord(m[2]), ord(m[1]) + 255) + 1))),
        text[:1000],
    )


_CONVERSION = re.compile(r"%([-+ #0]*)([0-9]{0,4})(?:\.([0-9]{0,4}))?([diouxXcsbeEfgG%])", re.ASCII)


def _printf(call: Call) -> int:
    if not call.arguments:
        raise UsageFailure("Needs 1 argument")
    pattern, *values = call.arguments
    status = 0
    while True:
        before = len(values)
        pieces: list[bytes] = []
        position = 0
        for match in _CONVERSION.finditer(pattern):
            pieces.append(unescape(pattern[position : match.start()])[0])
            position = match.end()
            piece, good = _converted(call, match, values)
            pieces.append(piece)
            status = status if good else 1
        pieces.append(unescape(pattern[position:])[0])
        call.out(b"".join(pieces))
        call.shell.budget.spend(len(pieces) + 1)
        if not values or len(values) == before:
            return status


def _converted(call: Call, match: re.Match[str], values: list[str]) -> tuple[bytes, bool]:
    flags, width, precision, kind = match.groups()
    if kind == "%":
        return b"%", True
    value = values.pop(0) if values else ""
    if kind in "csb":
        data = unescape(value)[0] if kind == "b" else encode(value[:1] if kind == "c" else value)
        data = data[: int(precision or 0)] if precision is not None and kind != "c" else data
        size = int(width or 0)
        return (data.ljust(size) if "-" in flags else data.rjust(size)), True
    good = True
    number: float = 0
    if re.fullmatch(r"[+-]?[0-9]{1,18}", value, re.ASCII):
        number = int(value)
    elif re.fullmatch(r"0x[0-9a-fA-F]{1,15}", value):
        number = int(value, 16)
    elif kind in "eEfgG" and re.fullmatch(r"[+-]?[0-9]{0,40}\.?[0-9]{1,40}", value, re.ASCII):
        number = float(value)
    elif value:
        good = False
    if kind in "diouxX":
        number = int(number) % 2**64 if kind in "uoxX" else int(number)
        kind = "d" if kind in "iu" else kind
    specification = f"%{flags}{width}{'.' + precision if precision is not None else ''}{kind}"
    text = encode(specification % number)
    if not good:
        call.out(text)
        call.complain(f"bad %{kind} {value}")
        return b"", False
    return text, good


def _seq(call: Call) -> int:
    numbers = call.arguments
    if not 1 <= len(numbers) <= 3 or not all(re.fullmatch("-?[0-9]{1,9}", n, re.ASCII) for n in numbers):
        raise UsageFailure("Needs 1 argument")
    values = [int(number) for number in numbers]
    begin = values[0] if len(values) > 1 else 1
    by = values[1] if len(values) == 3 else 1
    for number in range(begin, values[-1] + (1 if by > 0 else -1), by) if by else ():
        call.shell.budget.spend(3)
        call.out(f"{number}\n")
    return 0


def _tee(call: Call) -> int:
    options, names = read_options(call, "ai")
    data = call.streams.stdin.read()
    call.out(data)
    for name in names:
        call.machine.files.write(call.path(name), data, append="a" in options)
    return 0


def _xargs(call: Call) -> int:
    options, command = read_options(call, "0rt", "nI", permute=False)
    text = decode(call.streams.stdin.read())
    items = [item for item in text.split("\0") if item] if "0" in options else text.split()
    call.shell.budget.spend(len(items))
    if not items and "r" in options:
        return 0
    size = max(read_number(options["n"]), 1) if "n" in options else max(len(items), 1)
    status = 0
    with call.shell.nested():
        for start in range(0, max(len(items), 1), size):
            result = call.shell.call([*(command or ["echo"]), *items[start : start + size]], call.streams)
            status = 123 if result else status
    return status


COMMANDS: dict[str, CommandFunction] = {
    "grep": _grep,
    "egrep": _grep,
    "fgrep": _grep,
    "wc": _wc,
    "head": _head,
    "tail": _tail,
    "sort": _sort,
    "uniq": _uniq,
    "cut": _cut,
    "tr": _tr,
    "printf": _printf,
    "seq": _seq,
    "tee": _tee,
    "xargs": _xargs,
}
