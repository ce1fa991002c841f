"""Runs Python programs by walking their syntax trees, with nothing of the host in reach.

What programs may use is written out: statements and expressions here, functions and methods in `values`,
modules by whoever runs a program. Attributes are looked up in those tables alone, never on Python's objects.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from step_gym.envs.osworld.computer import Call
from step_gym.envs.osworld.simulator.python.values import (
    MAX_WORK,
    UNARY,
    Budget,
    Exhausted,
    Function,
    Hold,
    Module,
    ProgramError,
    as_text,
    binary,
    builtins,
    compare,
    formatted,
    items_of,
    method,
)

MAX_CODE = 100_000
"""Longest program, in characters."""

_MAX_DEPTH = 80
_MAX_CAUSE = 200
# An escape sequence that is none, or a keyword glued to a number, makes the parser warn, on the host.
_MAY_WARN = re.compile(r"\\|[0-9][a-z]")
_WARNINGS = threading.Lock()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program did.

    Attributes:
        output: What it printed.
        error: How it failed, in one line as Python ends a traceback; "" if it did not.
        line: Of the statement that failed, from 1.
        exhausted: Whether it was ended because it went on for too long.
    """

    output: str
    error: str = ""
    line: int = 1
    exhausted: bool = False

    @property
    def traceback(self) -> str:
        """What Python writes to standard error."""
        if not self.error:
            return ""
        where = f'  File "<string>", line {self.line}'
        if self.error.startswith(("SyntaxError", "IndentationError", "TabError")):
            return f"{where}\n{self.error}\n"
        return f"Traceback (most recent call last):\n{where}, in <module>\n{self.error}\n"


class Interpreter:
    """Runs one program after the other; nothing of one is left for the next but what it did outside.

    Args:
        modules: Gives what programs can import, by name, paid for by the budget that it is given.
    """

    def __init__(self, modules: Callable[[Budget], Mapping[str, Module]]) -> None:
        self._budget = Budget()
        self._modules = modules(self._budget)
        self._settings = [
            (module, dict(module.settings)) for module in self._modules.values() if module.settings
        ]
        self._written: list[str] = []
        self._builtins = builtins(self._budget, self._write)

    def run(self, code: str) -> Outcome:
        """Run a program to its end, or until it fails or has gone on for too long; what it did stays done."""
        try:
            tree = _parse(code)
        except SyntaxError as error:
            return Outcome("", f"{type(error).__name__}: {error.msg}", error.lineno or 1)
        except (ValueError, RecursionError, MemoryError) as error:
            return Outcome("", f"SyntaxError: the code cannot be read ({_cause(error)})")
        return self._run(lambda program: program.block(tree.body))

    def call(self, module: str, settings: Mapping[str, Any], calls: Iterable[Call]) -> Outcome:
        """What the program does that imports a module, sets its settings and makes calls of it, one a line.

        Only what the functions do is paid for; of code its reading is too.
        """
        held = self._modules[module]

        def act(program: _Program) -> None:
            held.settings.update(settings)
            for program.line, call in enumerate(calls, start=1):
                program.call(held.get(call.function), call.arguments, call.named)

        return self._run(act)

    def _run(self, act: Callable[[_Program], None]) -> Outcome:
        self._budget.work = MAX_WORK
        self._written.clear()
        for module, first in self._settings:
            module.settings.update(first)
        program = _Program(self._budget, self._modules, self._builtins)
        error, exhausted = "", False
        try:
            act(program)
        except Exhausted:
            exhausted = True
        except ProgramError as failure:
            error = f"{failure.kind}: {failure}"
        except _Leave as leave:
            error = f"SyntaxError: {leave.text}"
        except Exception as failure:
            error = _cause(failure)
        return Outcome("".join(self._written), error, program.line, exhausted)

    def _write(self, text: str) -> None:
        self._budget.spend(1 + len(text) // 4)
        self._written.append(text)


def _cause(error: BaseException) -> str:
    """An exception in one line, as Python prints it."""
    text = " ".join(str(error)[:_MAX_CAUSE].split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@lru_cache(maxsize=256)
def _parse(code: str) -> ast.Module:
    if len(code) > MAX_CODE:
        raise MemoryError(f"more than {MAX_CODE} characters")
    if not _MAY_WARN.search(code):
        return ast.parse(code)
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(code)


class _Leave(Exception):
    """`break` or `continue`, on its way to its loop."""

    def __init__(self, breaks: bool) -> None:
        super().__init__()
        self.breaks = breaks
        self.text = "'break' outside loop" if breaks else "'continue' not properly in loop"


class _Program:
    def __init__(self, budget: Budget, modules: Mapping[str, Module], builtins: Mapping[str, Any]) -> None:
        self.line = 1
        self._depth = 0
        self._budget = budget
        self._modules = modules
        self._builtins = builtins
        self._names: dict[str, Any] = {}

    # Statements

    def block(self, body: Iterable[ast.stmt]) -> None:
        """Run statements one after the other."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise RecursionError("blocks are too deep")
        for statement in body:
            self._budget.spend()
            self.line = statement.lineno
            handler = _STATEMENTS.get(type(statement))
            if handler is None:
                raise _unavailable(statement)
            handler(self, statement)
        self._depth -= 1

    def expression(self, node: ast.Expr) -> None:
        self.value(node.value)

    def nothing(self, node: ast.Pass) -> None:
        pass

    def leave(self, node: ast.Break | ast.Continue) -> None:
        raise _Leave(isinstance(node, ast.Break))

    def assignment(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self._assign(target, value)

    def augmented(self, node: ast.AugAssign) -> None:
        target = node.target
        right = self.value(node.value)
        if isinstance(target, ast.Name):
            left = self._name(target)
        elif isinstance(target, ast.Subscript):
            left = self._subscript(target)
        else:
            left = self._attribute(target)
        if isinstance(left, list) and isinstance(node.op, ast.Add):
            # In place: another name for the list sees it too.
            left[:] = binary(self._budget, "Add", left, items_of(self._budget, right))
            return
        self._assign(target, binary(self._budget, type(node.op).__name__, left, right))

    def _assign(self, target: ast.expr, value: Any) -> None:
        self._budget.spend()
        if isinstance(target, ast.Name):
            self._names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            if not isinstance(value, str | list | tuple | range):
                raise TypeError(f"cannot unpack non-iterable {type(value).__name__} object")
            values = items_of(self._budget, value)
            if any(isinstance(one, ast.Starred) for one in target.elts):
                raise _unavailable(target)
            if len(values) != len(target.elts):
                wanted = len(target.elts)
                if len(values) > wanted:
                    raise ValueError(f"too many values to unpack (expected {wanted})")
                raise ValueError(f"not enough values to unpack (expected {wanted}, got {len(values)})")
            for one, part in zip(target.elts, values, strict=True):
                self._assign(one, part)
        elif isinstance(target, ast.Subscript):
            holder, index = self.value(target.value), self.value(target.slice)
            if not isinstance(holder, list) or not isinstance(index, int):
                raise TypeError(f"{type(holder).__name__!r} object does not support item assignment")
            holder[index] = value
        elif isinstance(target, ast.Attribute):
            self._set_attribute(self.value(target.value), target.attr, value)
        else:
            raise _unavailable(target)

    def _set_attribute(self, holder: Any, name: str, value: Any) -> None:
        if not isinstance(holder, Module) or name not in holder.settings:
            raise AttributeError(f"{_kind(holder)} has no attribute {name!r} that can be set")
        old = holder.settings[name]
        if isinstance(value, bool) != isinstance(old, bool) or not isinstance(value, int | float):
            raise TypeError(f"{holder.name}.{name} cannot be {_shown(value)}")
        holder.settings[name] = value

    def conditional(self, node: ast.If) -> None:
        self.block(node.body if self.value(node.test) else node.orelse)

    def while_loop(self, node: ast.While) -> None:
        while self.value(node.test):
            self._budget.spend()
            if self._leaves(node.body):
                return
        self.block(node.orelse)

    def for_loop(self, node: ast.For) -> None:
        values = self.value(node.iter)
        if not isinstance(values, range):  # which is walked without being written out
            values = items_of(self._budget, values)
        for value in values:
            self._assign(node.target, value)
            if self._leaves(node.body):
                return
        self.block(node.orelse)

    def _leaves(self, body: list[ast.stmt]) -> bool:
        depth = self._depth
        try:
            self.block(body)
        except _Leave as leave:
            self._depth = depth
            return leave.breaks
        return False

    def imports(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            module = self._module(alias.name)
            self._names[alias.asname or top] = module if alias.asname else self._module(top)

    def imports_from(self, node: ast.ImportFrom) -> None:
        module = self._module(node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self._names.update(module.attributes)
            elif alias.name in module.attributes:
                self._names[alias.asname or alias.name] = module.attributes[alias.name]
            else:
                raise ImportError(
                    f"cannot import name {alias.name!r} from {module.name!r} (unknown location)"
                )

    def _module(self, name: str) -> Module:
        top, *rest = name.split(".")
        module: Any = self._modules.get(top)
        for part in rest:
            module = module.attributes.get(part) if isinstance(module, Module) else None
        if not isinstance(module, Module):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return module

    def with_block(self, node: ast.With) -> None:
        if len(node.items) != 1 or node.items[0].optional_vars is not None:
            raise _unavailable(node)
        held = self.value(node.items[0].context_expr)
        if not isinstance(held, Hold):
            raise TypeError(f"{type(held).__name__!r} object does not support the context manager protocol")
        held.enter()
        try:
            self.block(node.body)
        except Exhausted:
            raise
        except BaseException:
            held.leave()
            raise
        held.leave()

    # Expressions

    def value(self, node: ast.expr) -> Any:
        """The value of an expression."""
        self._budget.spend()
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            raise _unavailable(node)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise RecursionError("expressions are too deep")
        result = handler(self, node)
        self._depth -= 1
        return result

    def _constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, complex | bytes):
            raise _unavailable(node)
        return node.value

    def _name(self, node: ast.Name) -> Any:
        if node.id in self._names:
            return self._names[node.id]
        if node.id in self._builtins:
            return self._builtins[node.id]
        raise NameError(f"name {node.id!r} is not defined")

    def _attribute(self, node: ast.Attribute) -> Any:
        holder = self.value(node.value)
        if isinstance(holder, Module):
            return holder.get(node.attr)
        if (found := method(self._budget, holder, node.attr)) is not None:
            return found
        if isinstance(holder, tuple) and node.attr in getattr(holder, "_fields", ()):
            return getattr(holder, node.attr)  # x and y of a position
        raise AttributeError(f"{type(holder).__name__!r} object has no attribute {node.attr!r}")

    def _call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        if not isinstance(function, Function):
            raise TypeError(f"{type(function).__name__!r} object is not callable")
        arguments = self._values(node.args)
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise _unavailable(node)
            named[keyword.arg] = self.value(keyword.value)
        return self.call(function, arguments, named)

    def call(self, function: Function, arguments: Iterable[Any], named: Mapping[str, Any]) -> Any:
        """What a function gives."""
        try:
            return function.call(*arguments, **named)
        except TypeError as error:
            # What Python says of wrong arguments names the function behind it.
            own = getattr(function.call, "__qualname__", function.name)
            raise TypeError(str(error).replace(f"{own}()", f"{function.name}()")) from None

    def _values(self, nodes: list[ast.expr]) -> list[Any]:
        values: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                values += items_of(self._budget, self.value(node.value))
            else:
                values.append(self.value(node))
        return values

    def _binary(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.MatMult):
            raise _unavailable(node)
        return binary(self._budget, type(node.op).__name__, left, right)

    def _unary(self, node: ast.UnaryOp) -> Any:
        return UNARY[type(node.op).__name__](self.value(node.operand))

    def _boolean(self, node: ast.BoolOp) -> Any:
        value = None
        for part in node.values:
            value = self.value(part)
            if bool(value) == isinstance(node.op, ast.Or):
                break
        return value

    def _compare(self, node: ast.Compare) -> Any:
        left = self.value(node.left)
        for operator, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part)
            if not compare(self._budget, type(operator).__name__, left, right):
                return False
            left = right
        return True

    def _choice(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def _list(self, node: ast.List) -> list[Any]:
        return self._values(node.elts)

    def _tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self._values(node.elts))

    def _subscript(self, node: ast.Subscript) -> Any:
        holder = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            parts = (node.slice.lower, node.slice.upper, node.slice.step)
            index: Any = slice(*(None if part is None else self.value(part) for part in parts))
        else:
            index = self.value(node.slice)
        if not isinstance(holder, str | list | tuple | range):
            raise TypeError(f"{type(holder).__name__!r} object is not subscriptable")
        if isinstance(index, slice):
            self._budget.spend(len(holder) // 64 + 1 if not isinstance(holder, range) else 1)
        return holder[index]

    def _joined(self, node: ast.JoinedStr) -> str:
        text = ""
        for part in node.values:
            text = binary(self._budget, "Add", text, self.value(part))
        return text

    def _formatted(self, node: ast.FormattedValue) -> str:
        value = self.value(node.value)
        if node.conversion != -1:
            convert = {"s": str, "r": repr, "a": ascii}[chr(node.conversion)]
            value = as_text(self._budget, value, convert)
        spec = self.value(node.format_spec) if node.format_spec is not None else ""
        return formatted(self._budget, value, spec)


def _kind(value: Any) -> str:
    return f"module {value.name!r}" if isinstance(value, Module) else f"{type(value).__name__!r} object"


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, int | float | None) else f"a {type(value).__name__}"


def _unavailable(node: ast.AST) -> ProgramError:
    name = type(node).__name__
    return ProgramError("NotImplementedError", f"{name} is not available in the simulated desktop's Python")


_STATEMENTS: Mapping[type[ast.stmt], Callable[[_Program, Any], None]] = {
    ast.Expr: _Program.expression,
    ast.Pass: _Program.nothing,
    ast.Break: _Program.leave,
    ast.Continue: _Program.leave,
    ast.Assign: _Program.assignment,
    ast.AugAssign: _Program.augmented,
    ast.If: _Program.conditional,
    ast.While: _Program.while_loop,
    ast.For: _Program.for_loop,
    ast.Import: _Program.imports,
    ast.ImportFrom: _Program.imports_from,
    ast.With: _Program.with_block,
}
_EXPRESSIONS: Mapping[type[ast.expr], Callable[[_Program, Any], Any]] = {
    ast.Constant: _Program._constant,
    ast.Name: _Program._name,
    ast.Attribute: _Program._attribute,
    ast.Call: _Program._call,
    ast.BinOp: _Program._binary,
    ast.UnaryOp: _Program._unary,
    ast.BoolOp: _Program._boolean,
    ast.Compare: _Program._compare,
    ast.IfExp: _Program._choice,
    ast.List: _Program._list,
    ast.Tuple: _Program._tuple,
    ast.Subscript: _Program._subscript,
    ast.JoinedStr: _Program._joined,
    ast.FormattedValue: _Program._formatted,
}
