"""What stands before a procedure in, the data sets by then out: data steps, and procedures that only pass data on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import walk
from tildemc.syntax.frames import Frame
from tildemc.syntax.pieces import closed
from tildemc.syntax.rewrite import called, rewritten
from tildemc.syntax.sas.effects import Names
from tildemc.syntax.sas.program import PROCEDURES, Said
from tildemc.syntax.sas.values import number, truth
from tildemc.syntax.sas.written import Made, Sentence, parse_sas, parse_value
from tildemc.syntax.steps import Keep, Make, Step
from tildemc.syntax.tree import Expr, Name

__all__ = ["Data", "data_of", "data_sets", "rows_of"]

_SILENT = {"label", "format", "informat", "length", "attrib", "keep", "drop", "run", "title", "title1", "title2", "ods"}
"""Statements of a data step that change neither rows nor numbers."""
_UNSAID = {"retain", "array", "do", "end", "by", "output", "select", "when", "otherwise", "merge", "update", "input",
           "infile", "datalines", "cards", "call", "link", "return", "goto", "stop", "modify", "lag"}  # fmt: skip
"""Statements of a data step that formulas cannot say."""
_WHERE = re.compile(r"\bwhere\s*=\s*\(", re.IGNORECASE)
_RENAMED = re.compile(r"([^\W\d]\w*)\s*=\s*([^\W\d]\w*)")
_OPTION = re.compile(r"\b(data|out|datafile)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.]+))", re.IGNORECASE)


@dataclass
class Data:
    """The data sets of a program as far as it is read, by their names in small letters, and which was made last."""

    names: Names
    frames: dict[str, Frame] = field(default_factory=dict)
    last: str | None = None
    notes: list[str] = field(default_factory=list)

    def get(self, name: str | None) -> Frame:
        """The data set of a name, or the last one."""
        name = name or self.last
        return Frame() if name is None else self.frames.get(name.lower(), Frame(name))

    def put(self, name: str, frame: Frame) -> None:
        """A data set is made."""
        self.frames[name.lower()] = frame
        self.last = name


def data_sets(said: Sequence[Said], names: Names) -> Data:
    """The data sets after some statements.

    Raises
    ------
    TildeError
        For a statement that picks rows and is not read, with its place.
    """
    data = Data(names)
    places = [k for k, statement in enumerate(said) if statement.word in ("data", "proc")]
    for begin, end in pairwise([*places, len(said)]):
        head, *rest = said[begin:end]
        if head.word == "data":
            _data_step(data, head, rest)
        else:
            _procedure(data, head, rest)
    return data


def _procedure(data: Data, head: Said, rest: Sequence[Said]) -> None:
    """A procedure that fits nothing: what it makes is another data set, or the same sorted."""
    words = str(head.span).split()
    name = words[1].lower() if len(words) > 1 else ""
    given = {found[1].lower(): found[2] or found[3] or found[4] for found in _OPTION.finditer(str(head.span))}
    if name == "import" and "out" in given:
        data.put(given["out"], Frame(given["out"], file=given.get("datafile")))
        return
    if name == "sort":
        if re.search(r"\bnodup(?:key|rec)?\b", str(head.span), re.IGNORECASE):
            raise UnsupportedError("`nodupkey` leaves out rows: prepare the data first", head.span)
        frame = data.get(given.get("data"))
        data.put(given.get("out") or given.get("data") or frame.name or "", _within(frame, head, data))
    for statement in rest:
        table = re.match(r"create\s+table\s+(\w+)", str(statement.span), re.IGNORECASE)
        if table is not None:
            data.put(table[1], Frame(table[1]))
        outs = _OPTION.search(str(statement.span)) if statement.word == "output" else None
        if outs is not None and outs[1].lower() == "out":
            data.put(outs[4] or outs[2], Frame(outs[4] or outs[2]))
    if "out" in given and name != "sort":
        data.put(given["out"], Frame(given["out"]))
    if name == "sort":
        data.notes.append("`proc sort` is passed over: the order of rows says nothing here")
    elif name not in PROCEDURES:
        data.notes.append(f"`proc {name}` is passed over: it does not change the model")


def _within(frame: Frame, said: Said, data: Data) -> Frame:
    """A data set with the rows that its options ask for, `d(where=(x > 1))`."""
    text = said.span.text
    found = _WHERE.search(text, said.span.start, said.span.end)
    if found is None:
        return frame
    place = Span(text, found.end(), closed(text, found.end()) - 1)
    return frame.then(Keep(rows_of(parse_value(place), data.names), place))


def _columns(expr: Expr, names: Names) -> Expr:
    """An expression with the columns that its names are of."""
    return rewritten(expr, lambda node: names.column(node) if isinstance(node, Name) and node.text != "." else None)


def rows_of(condition: Expr, names: Names, *, negated: bool = False) -> Expr:
    """The rows where a condition holds, or does not."""
    return truth(_columns(condition, names), negated=negated)


def data_of(data: Data, head: Said) -> Frame:
    """The data of a procedure: those that it names, or the last that were made."""
    named = {found[1].lower(): found[2] or found[3] or found[4] for found in _OPTION.finditer(str(head.span))}
    return _within(data.get(named.get("data")), head, data)


# Data steps


@dataclass
class _Step:
    """A data step as far as it is read; `chain`: the links of `if … then …; else …` that came one after another."""

    data: Data
    frame: Frame
    made: set[str] = field(default_factory=set)
    chain: list[tuple[Expr | None, str, Expr, Span]] = field(default_factory=list)

    def add(self, *steps: Step) -> None:
        """Something more is done."""
        self.frame = self.frame.then(*steps)

    def told(self, statement: Said) -> None:
        """What is not read is taken to be in the data already."""
        shown = " ".join(str(statement.span).split())
        self.frame = self.frame.told(f"taken to be done in the data given here: `{shown}`")

    def before(self, name: str, used: Expr | None) -> Expr:
        """What a column is before it is assigned: nothing, if it is new."""
        there = name in self.made or name in self.data.names.columns
        there = there or (used is not None and Name(name) in [*walk(used)])
        return Name(name) if there else Name("NA")

    def close(self) -> None:
        """The chain's columns are made: the first condition that holds says the value."""
        links, self.chain = self.chain, []
        if not links:
            return
        targets = list(dict.fromkeys(name for _, name, _, _ in links))
        for test, _, _, span in links[1:]:
            if test is not None and len(targets) > 1 and any(Name(name) in [*walk(test)] for name in targets):
                raise UnsupportedError("a chain of `else` whose conditions it changes itself is not read", span)
        for name in targets:
            used = links[0][0]
            found = self.before(name, used)
            for test, target, value, span in reversed(links):
                own = value if target == name else self.before(name, used)
                found = own if test is None else called("ifelse", test, own, found, span=span)
            self.add(Make(name, found, (), links[0][3]))
            self.made.add(name)


def _data_step(data: Data, head: Said, rest: Sequence[Said]) -> None:
    """`data d; set d; if x > 1; z = log(x); run;`."""
    outputs = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", " ", str(head.span)).split()[1:]
    step = _Step(data, Frame(outputs[0] if outputs else None))
    for statement in rest:
        if statement.word in ("set", "where"):
            _source(step, statement)
    for statement in rest:
        sentence = _sentence(statement)
        if sentence is None or not sentence.otherwise:
            step.close()
        if sentence is not None:
            _read(step, statement, sentence)
        elif statement.word == "rename":
            renamed = _RENAMED.findall(str(statement.span))
            step.add(*(Make(new, data.names.column(Name(old)), (), statement.span) for old, new in renamed))
        elif statement.word in ("output", "delete"):
            message = f"`{statement.word}` of a data step is read as `if … then delete;` alone: prepare the data first"
            raise UnsupportedError(message, statement.span)
        elif statement.word not in _SILENT and statement.word not in ("set", "where"):
            step.told(statement)
    step.close()
    for name in outputs:
        data.put(name, _within(step.frame, head, data))


def _source(step: _Step, statement: Said) -> None:
    """`set d(where=(x > 1));`, `where x > 1;`: rows are picked before anything else is done."""
    if statement.word == "where":
        condition = parse_sas(statement.span).condition
        assert condition is not None
        step.add(Keep(rows_of(condition, step.data.names), statement.span))
        return
    plain = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", " ", str(statement.span)).split()[1:]
    if len(plain) == 1:
        steps = step.frame.steps
        step.frame = _within(step.data.get(plain[0]), statement, step.data).then(*steps)
    else:
        step.told(statement)


def _sentence(statement: Said) -> Sentence | None:
    """The parts of an assignment or an `if`; None for anything else."""
    assigned = re.match(r"[^\W\d]\w*\s*=(?!=)", str(statement.span))
    if statement.word not in ("if", "else") and (assigned is None or statement.word in _UNSAID):
        return None
    try:
        return parse_sas(statement.span)
    except FormulaSyntaxError:
        if re.search(r"\bthen\s+do\b|\belse\s+do\b", str(statement.span), re.IGNORECASE):
            message = "`then do; … end;` is not read: write `if … then …;` for each column, or prepare the data first"
            raise UnsupportedError(message, statement.span) from None
        raise


def _read(step: _Step, statement: Said, sentence: Sentence) -> None:
    names, condition = step.data.names, sentence.condition
    if sentence.delete:
        if sentence.otherwise or condition is None:
            raise UnsupportedError("`else delete` is not read: write `if … then delete;`", statement.span)
        step.add(Keep(rows_of(condition, names, negated=True), statement.span))
    elif sentence.made is None:
        assert condition is not None
        step.add(Keep(rows_of(condition, names), statement.span))
    else:
        _assigned(step, statement, sentence.made, condition, otherwise=sentence.otherwise)


def _assigned(step: _Step, statement: Said, made: Made, condition: Expr | None, *, otherwise: bool) -> None:
    name = step.data.names.column(made.name).text
    try:
        value = number(_columns(made.value, step.data.names))
        test = None if condition is None else rows_of(condition, step.data.names)
    except UnsupportedError:
        step.told(statement)
        return
    if condition is None and not otherwise:
        step.add(Make(name, value, (), statement.span))
        step.made.add(name)
    else:
        step.chain.append((test, name, value, statement.span))
