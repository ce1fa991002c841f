"""Runs what the parser read: a shell with variables, a directory and a status, on one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from step_gym.envs.machine.files import join
from step_gym.envs.machine.shell.arithmetic import ArithmeticFailure
from step_gym.envs.machine.shell.expansion import (
    MAX_VALUE_CHARS,
    ExpansionFailure,
    expand_pattern,
    expand_text,
    expand_words,
)
from step_gym.envs.machine.shell.glob import glob_matches
from step_gym.envs.machine.shell.parser import parse
from step_gym.envs.machine.shell.streams import (
    PIPE_BYTES,
    BrokenPipe,
    Budget,
    Exhausted,
    Input,
    Sink,
)
from step_gym.envs.machine.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Substitution,
    While,
)

if TYPE_CHECKING:
    from step_gym.envs.machine.shell.machine import Machine

COMMAND_WORK = 20
COMMAND_TIME_NS = 1_000_000  # what a command takes on the machine's clock
KILLED = 137
_SIGPIPE = 141
_MAX_DEPTH = 20  # of subshells, substitutions, eval and sh -c, one inside the other


class Exit(Exception):
    """Ends the shell with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 255


class Return(Exit):
    """Ends the function or the sourced file, or where there is none, the shell."""


class LoopControl(Exception):
    """`break` or `continue` out of so many loops."""

    def __init__(self, levels: int, leaves: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.leaves = leaves


class UsageFailure(Exception):
    """Wrong options or too few arguments; the shell prints it with a pointer to the help, status 1."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Standard input, output and error."""

    stdin: Input
    stdout: Sink
    stderr: Sink


@dataclass(frozen=True, slots=True)
class Call:
    """One command being run: what it is given.

    Attributes:
        name: As it was called.
        arguments: Without the name.
        shell: The shell that runs it; a builtin may change it.
        streams: Where it reads and writes.
    """

    name: str
    arguments: list[str]
    shell: Shell
    streams: Streams

    @property
    def machine(self) -> Machine:
        """The machine it runs on."""
        return self.shell.machine

    def path(self, name: str) -> str:
        """A file name as an absolute path."""
        return join(self.shell.cwd, name)

    def out(self, text: str | bytes) -> None:
        """Write to standard output; lone surrogates are the bytes that were no UTF-8."""
        self.streams.stdout.write(encode(text) if isinstance(text, str) else text)

    def complain(self, text: str) -> int:
        """Write `name: text` to standard error; returns 1, the status of most failures."""
        phrase = self.machine.dialect.phrase
        self.streams.stderr.write(encode(f"{self.name}: {phrase(self.name, text)}\n"))
        return 1


CommandFunction = Callable[[Call], int]


def encode(text: str) -> bytes:
    """Text as bytes; what came from bytes that are no UTF-8 becomes them again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def decode(data: bytes) -> str:
    """Bytes as text, without loss."""
    return data.decode("utf-8", "surrogateescape")


class Shell:
    """A shell on a machine.

    Args:
        machine: Where files, clock and commands are.
        streams: Where its commands read and write.
        budget: Bounds everything that runs in it and in what it starts.
        cwd: The current directory, an absolute path.
    """

    def __init__(self, machine: Machine, streams: Streams, budget: Budget, cwd: str = "/") -> None:
        self.machine = machine
        self.streams = streams
        self.budget = budget
        self.cwd = cwd
        self.variables: dict[str, str] = {**machine.dialect.variables, "PWD": cwd}
        self.arguments: list[str] = [machine.dialect.shell]
        self.functions: dict[str, Command] = {}
        self.status = 0
        self._depth = 0
        self._shadowed: list[dict[str, str | None]] = []  # what local variables hide, by function call

    def run(self, script: str) -> int:
        """Run a script to its end; the exit status, 137 when its budget is used up."""
        try:
            self.run_here(script, self.streams)
        except Exit as exit_:
            self.status = exit_.status
        except (LoopControl, BrokenPipe):
            self.status = 1
        except Exhausted:
            self.status = KILLED
        return self.status

    def run_here(self, script: str, streams: Streams) -> int:
        """Run a script in this shell, as `eval` does; `exit` and an exhausted budget go through."""
        lines, error = parse(script)
        for line in lines:
            self._sequence(line, streams)
        if error is not None:
            self.say(str(error), streams)
            raise Exit(1)
        return self.status

    def say(self, text: str, streams: Streams) -> None:
        """Print a message of the shell itself."""
        dialect = self.machine.dialect
        streams.stderr.write(encode(f"{dialect.shell}: {dialect.phrase('', text)}\n"))

    def child(self) -> Shell:
        """A copy whose changes stay inside it.

        Raises:
            Exhausted: At the 20th shell inside a shell.
        """
        if self._depth + 1 >= _MAX_DEPTH:
            raise Exhausted
        self.budget.spend(COMMAND_WORK + len(self.variables))
        child = Shell(self.machine, self.streams, self.budget, self.cwd)
        child.variables = dict(self.variables)
        child.arguments = list(self.arguments)
        child.functions = dict(self.functions)
        child.status = self.status
        child._depth = self._depth + 1
        return child

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Runs something inside this shell that may run more of its kind.

        Raises:
            Exhausted: At the 20th inside each other.
        """
        if self._depth + 1 >= _MAX_DEPTH:
            raise Exhausted
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def run_child(self, script: str, streams: Streams, arguments: list[str] | None = None) -> int:
        """Run a script in a copy of this shell, as `sh -c` does."""
        child = self.child()
        child.streams = streams
        child.arguments = arguments or child.arguments
        return _contained(lambda: child.run_here(script, streams))

    def capture(self, script: str) -> str:
        """What a script prints, without newlines at the end, as `$(script)` gives it."""
        sink = Sink(self.budget, PIPE_BYTES)
        self.status = self.run_child(script, Streams(self.streams.stdin, sink, self.streams.stderr))
        return decode(sink.data().replace(b"\0", b"")).rstrip("\n")

    def parameter(self, name: str) -> str | None:
        """The value of a variable or special parameter, or None."""
        if name == "?":
            return str(self.status)
        if name == "#":
            return str(len(self.arguments) - 1)
        if name == "$":
            return "1000"
        if name in "@*":
            return " ".join(self.arguments[1:])
        if name in "!-":
            return ""
        if name.isdigit():
            index = int(name[:6])
            return self.arguments[index] if index < len(self.arguments) else None
        return self.variables.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable.

        Raises:
            Exhausted: If the value is longer than 131,072 characters.
        """
        if len(value) > MAX_VALUE_CHARS or (name not in self.variables and len(self.variables) > 2_000):
            raise Exhausted
        self.budget.spend(len(value) // 16 + 1)
        self.variables[name] = value

    def _sequence(self, sequence: Sequence, streams: Streams) -> int:
        for item in sequence.items:
            self._and_or(item, streams)
        return self.status

    def _and_or(self, item: AndOr, streams: Streams) -> None:
        self._pipeline(item.first, streams)
        for operator, pipeline in item.rest:
            if (self.status == 0) == (operator == "&&"):
                self._pipeline(pipeline, streams)

    def _pipeline(self, pipeline: Pipeline, streams: Streams) -> None:
        if len(pipeline.commands) == 1:
            self._command(pipeline.commands[0], streams)
        else:
            source = streams.stdin
            for index, command in enumerate(pipeline.commands):
                is_last = index == len(pipeline.commands) - 1
                sink = streams.stdout if is_last else Sink(self.budget, PIPE_BYTES)
                stage = Streams(source, sink, streams.stderr)
                child = self.child()
                # Stages run one after the other: one that would go on until its reader leaves (`yes | head`)
                # takes half the budget, and the reader gets the rest.
                kept = self.budget.set_aside() if not is_last else (0, 0)
                try:
                    self.status = _contained(lambda c=child, s=stage, k=command: c._command(k, s))
                except Exhausted:
                    if is_last:
                        raise
                    self.status = _SIGPIPE
                finally:
                    self.budget.put_back(kept)
                source = Input(sink.data()) if not is_last else source
        if pipeline.negated:
            self.status = int(self.status == 0)

    def _command(self, command: Command, streams: Streams) -> int:
        self.budget.spend(COMMAND_WORK)
        work_before = self.machine.files.work
        pending: list[tuple[str, Sink]] = []
        try:
            for redirect in command.redirects:
                streams = self._redirected(redirect, streams, pending)
        except OSError as error:
            verb = "open" if redirect.operator == "<" else "create"
            self.say(f"{expand_text(self, redirect.target)}: {verb}: {error.strerror}", streams)
            self.status = 1
            return 1
        except (ExpansionFailure, ArithmeticFailure) as error:
            self.say(str(error), streams)
            raise Exit(1) from None
        try:
            self.status = self._body(command, streams)
        finally:
            for path, sink in pending:
                self._save(path, sink, streams)
        if isinstance(command.body, Simple):
            self.budget.spend(self.machine.files.work - work_before)
        return self.status

    def _save(self, path: str, sink: Sink, streams: Streams) -> None:
        try:
            if data := sink.data():
                self.machine.files.write(path, data, append=True)
        except OSError as error:
            self.say(f"{path}: {error.strerror}", streams)
            self.status = 1

    def _redirected(self, redirect: Redirect, streams: Streams, pending: list[tuple[str, Sink]]) -> Streams:
        target = expand_text(self, redirect.target)
        if redirect.operator == ">&" and target in ("1", "2", "-"):
            sink = {"1": streams.stdout, "2": streams.stderr}.get(target) or Sink(self.budget)
        elif redirect.operator == "<&":
            return streams
        elif redirect.operator == "<<":
            return replace(streams, stdin=Input(encode(target)))
        elif redirect.operator == "<":
            data = self.machine.files.read(join(self.cwd, target))
            return replace(streams, stdin=Input(data))
        else:
            path = join(self.cwd, target)
            # The file is there, and empty if it is to be replaced, before the command runs.
            self.machine.files.write(path, b"", append=redirect.operator == ">>")
            sink = Sink(self.budget)
            pending.append((path, sink))
        if redirect.fd == 2:
            return Streams(streams.stdin, streams.stdout, sink)
        return Streams(streams.stdin, sink, streams.stderr)

    def _body(self, command: Command, streams: Streams) -> int:
        body = command.body
        if isinstance(body, Simple):
            return self._simple(body, streams)
        if isinstance(body, Group):
            if not body.subshell:
                return self._sequence(body.body, streams)
            child = self.child()
            return _contained(lambda: child._sequence(body.body, streams))
        if isinstance(body, If):
            return self._if(body, streams)
        if isinstance(body, Case):
            return self._case(body, streams)
        if isinstance(body, Function):
            self.functions[body.name] = body.body
            return 0
        return self._while(body, streams) if isinstance(body, While) else self._for(body, streams)

    def _if(self, body: If, streams: Streams) -> int:
        for condition, then in body.branches:
            if self._sequence(condition, streams) == 0:
                return self._sequence(then, streams)
        return self._sequence(body.otherwise, streams) if body.otherwise else 0

    def _case(self, body: Case, streams: Streams) -> int:
        text = expand_text(self, body.word)
        for patterns, sequence in body.branches:
            for pattern in patterns:
                glob = expand_pattern(self, pattern)
                self.budget.spend(len(text) * len(glob) // 50 + 1)
                if glob_matches(glob, text):
                    self.status = 0
                    return self._sequence(sequence, streams)
        return 0

    def _while(self, body: While, streams: Streams) -> int:
        status = 0
        while (self._sequence(body.condition, streams) == 0) != body.until:
            self.budget.spend(COMMAND_WORK)
            leaves, status = self._iteration(body.body, streams)
            if leaves:
                break
        return status

    def _for(self, body: For, streams: Streams) -> int:
        values = self.arguments[1:] if body.words is None else expand_words(self, body.words)
        status = 0
        for value in values:
            self.assign(body.name, value)
            leaves, status = self._iteration(body.body, streams)
            if leaves:
                break
        return status

    def _iteration(self, body: Sequence, streams: Streams) -> tuple[bool, int]:
        try:
            return False, self._sequence(body, streams)
        except LoopControl as control:
            if control.levels > 1:
                raise LoopControl(control.levels - 1, control.leaves) from None
            return control.leaves, 0

    def _simple(self, simple: Simple, streams: Streams) -> int:
        try:
            arguments = expand_words(self, simple.words)
            values = [(name, expand_text(self, word)) for name, word in simple.assignments]
        except (ExpansionFailure, ArithmeticFailure) as error:
            self.say(str(error), streams)
            raise Exit(1) from None
        if not arguments:
            for name, value in values:
                self.assign(name, value)
            # Only a substitution leaves a status behind where no command ran.
            words = (*simple.words, *(word for _, word in simple.assignments))
            return (
                self.status if any(isinstance(part, Substitution) for word in words for part in word) else 0
            )
        shadowed = {name: self.variables.get(name) for name, _ in values}
        for name, value in values:
            self.assign(name, value)
        try:
            return self.call(arguments, streams)
        finally:
            self._restore(shadowed)

    def localize(self, name: str) -> bool:
        """Give a variable its value of now back when the function ends; False outside of functions."""
        if not self._shadowed:
            return False
        self._shadowed[-1].setdefault(name, self.variables.get(name))
        return True

    def _call_function(self, body: Command, arguments: list[str], streams: Streams) -> int:
        outer = self.arguments
        with self.nested():
            self.arguments = [outer[0], *arguments]
            self._shadowed.append({})
            try:
                return self._command(body, streams)
            except Return as return_:
                return return_.status
            finally:
                self.arguments = outer
                self._restore(self._shadowed.pop())

    def _restore(self, values: dict[str, str | None]) -> None:
        for name, value in values.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    def call(self, arguments: list[str], streams: Streams) -> int:
        """Run a function or command by its name and arguments; 127 if there is none of that name."""
        name = arguments[0]
        self.budget.spend(COMMAND_WORK)
        if name in self.functions:
            return self._call_function(self.functions[name], arguments[1:], streams)
        return self.call_program(arguments, streams)

    def call_program(self, arguments: list[str], streams: Streams) -> int:
        """Run a command that is no function of the shell, as `command` does."""
        name = arguments[0]
        self.machine.clock.advance(COMMAND_TIME_NS)
        dialect = self.machine.dialect
        function = self.machine.commands.get(dialect.command_of(name))
        if function is None:
            self.machine.command_missing(" ".join(arguments)[:200])
            self.say(dialect.not_found.format(name=name), streams)
            return 127
        call = Call(name.rpartition("/")[2] or name, arguments[1:], self, streams)
        try:
            return function(call) & 255
        except UsageFailure as failure:
            return call.complain(dialect.misuse.format(name=call.name, problem=failure))
        except OSError as error:
            return call.complain(f"{error.filename}: {error.strerror}")


def _contained(run: Callable[[], int]) -> int:
    """The status of what runs in a shell of its own, which may end early."""
    try:
        return run()
    except Exit as exit_:
        return exit_.status
    except LoopControl:
        return 0
    except BrokenPipe:
        return _SIGPIPE
