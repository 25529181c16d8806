"""An R script in, the same script without its control flow out: loops, lists of models and own functions written out.

`for (v in c("a", "b")) { m <- lm(…) }` becomes two statements, `m.a <- lm(…)` and `m.b <- lm(…)`; so do the models of
`lapply()` and of a list. What goes through something that the text does not hold, or branches by it, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tildemc.errors import TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.functions import FUNCTIONS
from tildemc.syntax.rcall.lines import Line, statements
from tildemc.syntax.rcall.parse import parse_statement
from tildemc.syntax.rcall.pasted import texts_of
from tildemc.syntax.rcall.pieces import CONTROL, arguments_of, block_of, substituted
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Text

__all__ = ["unrolled"]

_FITS = re.compile(rf"(?<![\w.$@])(?:[\w.]+::)?(?:{'|'.join(map(re.escape, FUNCTIONS))})\s*\(")
_FITTER = re.compile(rf"(?:[\w.]+::)?(?:{'|'.join(map(re.escape, FUNCTIONS))})")
_FOR = re.compile(r"\s*([\w.]+)\s+in\s+")
_ASSIGNED = re.compile(r"(?P<target>[\w.]+(?:\[\[.*?\]\]|\$[\w.]+)?)\s*(?:<<?-|=(?!=))\s*")
_CALLED = re.compile(r"(?:[\w.]+::)?([\w.]+)\s*\(")
_FUNCTION = re.compile(r"(?:function|\\)\s*\(")
_APPLY = {"lapply", "sapply", "vapply", "map", "map_df", "map_dfr", "walk", "future_map", "mclapply", "pblapply"}
_HOLD = {"list", "c", "anova", "AIC", "BIC", "lrtest", "compare_performance", "loo_compare", "stargazer", "screenreg"}
_HOLD |= {"modelsummary", "texreg", "tab_model", "compare_models", "export_summs", "brm_multiple_list"}
_AROUND = {"tryCatch", "try", "withCallingHandlers", "suppressWarnings", "suppressMessages", "local", "system.time"}
_GROUPED = {
    "split",
    "group_split",
    "nest",
    "by",
    "dlply",
    "ddply",
    "group_modify",
    "group_map",
    "do",
    "nest_by",
    "tapply",
}
_TAKEN = re.compile(r"TRUE|T|!\s*(?:base::)?(?:exists|file\.exists|require|requireNamespace)\s*\(.*\)", re.DOTALL)
MOST = 200
"""How many times a loop is written out."""

Element = tuple[str, str]
"""What an element is called, and its text."""


def unrolled(text: str) -> str:
    """The script with its control flow written out, the text itself where it has none around a model.

    Raises
    ------
    UnsupportedError
        With the place of what goes through or branches by something that is not in the text.
    """
    unrolling = _Unrolling()
    lines = [*statements(text)]
    found = [*unrolling.done(lines)]
    return text if found == [str(line.whole) for line in lines] else "\n".join(found)


@dataclass(frozen=True)
class _Own:
    """A function of the script's that fits models: what its arguments are called, with what they are by themselves."""

    arguments: dict[str, str | None]
    body: str


@dataclass
class _Unrolling:
    """What names are bound to by then."""

    values: dict[str, str] = field(default_factory=dict)
    functions: dict[str, _Own] = field(default_factory=dict)

    def done(self, lines: list[Line]) -> Iterator[str]:
        """The statements, written out."""
        skip = False
        for k, line in enumerate(lines):
            if skip:
                skip = False
                continue
            whole = str(line.whole)
            header = CONTROL.match(whole)
            following = lines[k + 1] if k + 1 < len(lines) else None
            if header is not None and not _rest(whole, header) and following is not None:
                # The body is on the next line.
                whole, skip = f"{whole} {following.whole}", True
            yield from self._statement(whole, line.whole)

    def _statement(self, text: str, place: Span) -> Iterator[str]:
        header = CONTROL.match(text)
        if header is not None:
            yield from self._control(text, header, place)
            return
        assigned = _ASSIGNED.match(text)
        target = assigned["target"] if assigned else ""
        value = text[assigned.end() :] if assigned else text
        if target and _FUNCTION.match(value) and _FITS.search(value):
            self.functions[target] = _own(value)
            return
        if target and not _FITS.search(value):
            self.values[target] = value
        own = _CALLED.match(value)
        if own is not None and own[1] in self.functions and value.rstrip().endswith(")"):
            yield from self._block(self._called(own[1], value, own.end() - 1), target, place)
        elif _FITS.search(value) is None and not self._applies(value):
            yield text
        else:
            yield from self._models(text, value, target, place)

    def _models(self, text: str, value: str, target: str, place: Span) -> Iterator[str]:
        """A statement that fits: by one call, or by what holds calls."""
        called = _CALLED.match(value)
        name = called[1] if called else ""
        at = called.end() - 1 if called else 0
        if _grouped_in(value):
            message = (
                "this is a model for each group: write `lmList(y ~ x | g, data = d)` where it is `lm()`, or each call "
                "with its `subset = g == 1`"
            )
            raise UnsupportedError(message, place)
        if name in _APPLY:
            yield from self._applied(value, at, target, place)
        elif name in _HOLD and _models_in(value, at) > (0 if name in ("list", "c") else 1):
            for k, (label, part) in enumerate(arguments_of(value, at), start=1):
                if _FITS.match(part):
                    yield f"{_joined(target, label or str(k))}{part}" if target else part
        elif name in _AROUND and arguments_of(value, at)[:1] and arguments_of(value, at)[0][1].startswith("{"):
            yield from self._block(arguments_of(value, at)[0][1], target, place)
        elif name == "assign" and len(arguments_of(value, at)) > 1:
            (_, first), (_, part), *_ = arguments_of(value, at)
            names = self._texts(first)
            if len(names) != 1:
                raise UnsupportedError(f"`{first}` is no name that the text says: write `m <- …`", place)
            yield f"{names[0]} <- {part}"
        elif name == "do.call" and len(arguments_of(value, at)) > 1:
            (_, function), (_, given), *_ = arguments_of(value, at)
            inner = _CALLED.match(given)
            if inner is None or inner[1] not in ("list", "c", "alist"):
                raise UnsupportedError(f"`{given}` is not known here: write the call out", place)
            fitted = f"{function.strip(chr(34) + chr(39))}({given[inner.end() :]}"
            yield f"{target} <- {fitted}" if target else fitted
        elif name in ("ifelse", "if_else", "switch"):
            message = f"which of its models `{name}()` is is not known here: write the call out"
            raise UnsupportedError(message, place)
        elif _FUNCTION.match(value):
            return
        else:
            yield text

    def _applies(self, value: str) -> bool:
        """`lapply(fs, lm, data = d)`, `do.call(lm, …)`: whether a fitting function is named without a call."""
        called = _CALLED.match(value)
        if called is None or called[1] not in (*_APPLY, "do.call"):
            return False
        given = [part.strip("\"'") for _, part in arguments_of(value, called.end() - 1)]
        names = given[:1] if called[1] == "do.call" else given[1:2]
        return any(_FITTER.fullmatch(name) or name in self.functions for name in names)

    def _applied(self, value: str, at: int, target: str, place: Span) -> Iterator[str]:
        """`lapply(list(f1, f2), function(f) lm(f, d))`."""
        (_, over), (_, function), *others = arguments_of(value, at)
        for label, element in self._elements(over, place):
            called = _joined(target, label).removesuffix(" <- ") if target else ""
            header = _FUNCTION.match(function)
            if header is not None:
                own = _own(function)
                body = substituted(own.body, dict.fromkeys([*own.arguments][:1], element))
            elif function.startswith("~"):
                body = substituted(function[1:].strip(), {".x": element, ".": element})
            else:
                given = ", ".join(f"{name} = {part}" if name else part for name, part in others)
                body = f"{function}({element}{', ' if given else ''}{given})"
            yield from self._block(body, called, place)

    def _control(self, text: str, header: re.Match[str], place: Span) -> Iterator[str]:
        if not _FITS.search(text) and not any(f"{name}(" in text for name in self.functions):
            yield text
            return
        kind = header[1] or "repeat"
        if kind in ("while", "repeat"):
            raise UnsupportedError(f"`{kind}` is a loop whose end the text does not say: write the call out", place)
        close = block_of(text, header.end() - 1)
        inside, rest = text[header.end() : close], text[close + 1 :].strip()
        if kind == "if":
            yield from self._branch(inside.strip(), rest, place)
            return
        loop = _FOR.match(inside)
        if loop is None:
            raise UnsupportedError("a loop is `for (v in c(…)) …` here: write the call out", place)
        for label, element in self._elements(inside[loop.end() :].strip(), place):
            body = _inner(rest)
            models = dict.fromkeys(_targets(body))
            names = {name: f"{name}.{label}" for name in models if re.fullmatch(r"[\w.]+", name)}
            yield from self._block(substituted(body, {loop[1]: element, **names}), "", place)

    def _branch(self, condition: str, rest: str, place: Span) -> Iterator[str]:
        first = rest[: block_of(rest, 0) + 1] if rest.startswith("{") else rest.partition(" else ")[0]
        second = rest[len(first) :].strip().removeprefix("else").strip()
        if _TAKEN.fullmatch(condition):
            yield from self._block(_inner(first), "", place)
        elif condition in ("FALSE", "F"):
            yield from self._block(_inner(second), "", place)
        elif not _FITS.search(first) and not _FITS.search(second):
            yield f"if ({condition}) {rest}"
        else:
            message = f"whether `{_short(condition)}` is true is not known here: write the call of the branch out"
            raise UnsupportedError(message, place)

    def _block(self, text: str, target: str, place: Span) -> Iterator[str]:
        """The statements of a block, whose last is what `target` is given."""
        text = _inner(text.strip())
        lines = [str(line.whole) for line in statements(text)]
        if target and len(lines) > 1 and (named := _returned(lines[-1])) in set(_targets(text)):
            # The model has a name within the block, and another outside.
            lines = [substituted(line, {named: target}) for line in lines[:-1]]
            target = ""
        for k, line in enumerate(lines, start=1):
            value = _returned(line)
            last = k == len(lines) and target and not _ASSIGNED.match(value)
            yield from self._statement(f"{target} <- {value}" if last else value, place)

    def _called(self, name: str, value: str, at: int) -> str:
        """The body of an own function with what a call gives it."""
        own = self.functions[name]
        given = dict(own.arguments)
        free = [argument for argument in given if argument not in {label for label, _ in arguments_of(value, at)}]
        for label, part in arguments_of(value, at):
            given[label or (free.pop(0) if free else "")] = part
        return substituted(own.body, {argument: part for argument, part in given.items() if part is not None})

    def _texts(self, text: str) -> list[str]:
        try:
            found = texts_of(parse_statement(Span(text, 0, len(text))), self._bound)
        except TildeError:
            return []
        return found or []

    def _bound(self, name: str) -> Expr | None:
        text = self.values.get(name)
        try:
            return None if text is None else parse_statement(Span(text, 0, len(text)))
        except TildeError:
            return None

    def _elements(self, text: str, place: Span) -> list[Element]:
        """What a loop goes through."""
        try:
            found = self._listed(unparenthesised(parse_statement(Span(text, 0, len(text)))))
        except TildeError:
            found = None
        if found is None:
            message = f"this goes through `{_short(text)}`, which the text does not hold: write the call out for each"
            raise UnsupportedError(message, place)
        if len(found) > MOST:
            raise UnsupportedError(f"a loop is written out up to {MOST} times, and this has {len(found):,}", place)
        return found

    def _listed(self, expr: Expr) -> list[Element] | None:
        match expr:
            case Name(name):
                value = self._bound(name)
                return None if value is None else self._listed(unparenthesised(value))
            case Call("c" | "list", arguments):
                return [_element(argument, k) for k, argument in enumerate(arguments, start=1)]
            case Binary(":", Number(first), Number(last)) if last - first < MOST:
                return [(f"{k}", f"{k}") for k in range(int(first), int(last) + 1)]
            case Call("seq_along" | "names", (Argument(of),)) | Binary(":", Number(1), Call("length", (Argument(of),))):
                inner = self._listed(of)
                if inner is None:
                    return None
                named = isinstance(expr, Call) and expr.function == "names"
                return [
                    (label, f'"{label}"') if named else (label, f"{k}") for k, (label, _) in enumerate(inner, start=1)
                ]
            case Text() | Call("paste" | "paste0"):
                texts = texts_of(expr, self._bound)
                return None if texts is None else [(_label(one, k), f'"{one}"') for k, one in enumerate(texts, start=1)]
            case _:
                return None


def _element(argument: Argument, place: int) -> Element:
    span = argument.value.span
    text = str(span) if span is not None else ""
    match argument.value:
        case Text(value):
            label = _label(value, place)
        case Number(value):
            label = f"{value:g}"
        case Name(name):
            label = name
        case _:
            label = str(place)
    return argument.name or label, text


def _label(text: str, place: int) -> str:
    """What a text is called in a name: itself, if it may stand there."""
    return text if re.fullmatch(r"[\w.]+", text) else str(place)


def _rest(text: str, header: re.Match[str]) -> str:
    """What stands behind `for (…)`."""
    if not header[1]:
        return text[header.end() :].strip()
    return text[block_of(text, header.end() - 1) + 1 :].strip()


def _inner(text: str) -> str:
    """What stands in braces."""
    text = text.strip()
    return text[1:-1].strip() if text.startswith("{") and block_of(text, 0) == len(text) - 1 else text


def _own(value: str) -> _Own:
    header = _FUNCTION.match(value)
    assert header is not None, value
    given: dict[str, str | None] = {}
    for label, part in arguments_of(value, header.end() - 1):
        given[label or part] = part if label else None
    return _Own(given, _inner(value[block_of(value, header.end() - 1) + 1 :]))


def _returned(line: str) -> str:
    """What `return(…)` returns, or the line itself."""
    found = re.fullmatch(r"(?:return|invisible)\s*\((.*)\)", line, re.DOTALL)
    return found[1].strip() if found else line


def _targets(body: str) -> Iterator[str]:
    """The names that the models of a block are given."""
    for line in statements(body):
        if line.target is not None and _FITS.search(str(line.value)):
            yield str(line.target)


def _models_in(value: str, at: int) -> int:
    return sum(1 for _, part in arguments_of(value, at) if _FITS.match(part))


def _joined(target: str, label: str) -> str:
    return f"{target}.{label} <- " if target else ""


def _grouped_in(value: str) -> bool:
    """Whether models are fitted by group, in a way that the text does not write out."""
    first = _FITS.search(value)
    before = value[: first.start()] if first else value
    return any(re.search(rf"(?<![\w.]){re.escape(name)}\s*\(", before) for name in _GROUPED)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:37]}…"
