"""A text in any language in, its Statement out; and from any language to any that can say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, assert_never

from tildemc.errors import FormulaSyntaxError, PriorError, SemanticError, nearest
from tildemc.limits import check_text
from tildemc.span import Span
from tildemc.syntax.julia.parse import is_julia
from tildemc.syntax.python.script import is_python
from tildemc.syntax.rcall.functions import FUNCTIONS, no_fitter
from tildemc.syntax.rcall.refused import LOOKS, NO_FITTERS, REFUSED
from tildemc.syntax.rcall.unbound import NOTHING_STANDS, PRIORS_STAND
from tildemc.syntax.responses import rows_within
from tildemc.syntax.sas.program import is_sas
from tildemc.syntax.stata.lines import SEVERAL, first_word, is_log
from tildemc.syntax.stata.tables import COMMANDS
from tildemc.syntax.stata.words import is_model, is_of_stata
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import PriorStatement
from tildemc.syntax.unparse import TARGETS, unparse

if TYPE_CHECKING:
    from tildemc.syntax.unparse.parts import Converted

__all__ = [
    "LANGUAGES",
    "Language",
    "Priors",
    "convert",
    "file_of",
    "language_of",
    "models_of",
    "read",
    "read_priors",
]

Language = Literal["formula", "stata", "r", "sas", "python", "julia"]

Priors = str | Sequence[str] | Mapping[str, str]
"""Priors as people give them: statements or calls of brms's `prior()`, or densities by their targets."""

LANGUAGES = ("auto", "formula", "stata", "r", "sas", "python", "julia")

_CALL = re.compile(
    r"\s*(?:(?:library|require)\([^\n]*\)\s*\n\s*)*(?:[A-Za-z.][\w.]*\s*(?:<<?-|=(?!=))\s*)?([\w.]+(?:::[\w.]+)?)\s*\("
)
_CALLED = re.compile(r"(?<![\w.$@])(?:[\w.]+::)?([A-Za-z][\w.]*)\s*\((?=[^()]*[~,)(])")
_HANDED = re.compile(
    r"(?:apply|map|do\.call)\s*\([^\n]*?[,(]\s*[\"']?(?:\w+::)?([A-Za-z][\w.]*)[\"']?\s*,\s*(?:data\b|list\b)"
)
"""`lapply(fs, lm, data = d)`, `do.call(lm, list(…))`."""
_ASSIGNS = re.compile(r"[\w.)\]]\s*<-\s*[A-Za-z(]|\A\s*for\s*\(")
_MAKES_PRIORS = re.compile(r"\s*(?:c|(?:brms::)?(?:prior|prior_|set_prior|prior_string))\s*\([^~]*\Z")
_TWO_WORDS = re.compile(r"\s*[^\W\d]\w*(?:\s+[^\W\d]|\s*,|\s*:(?!:)|\s*\|\||\s*\Z|\s+[\"$`*?(\[\d])")
_STRUCTURED = {"bf", "brmsformula", "mvbind", "cbind"}


def read(
    text: str,
    *,
    syntax: str = "auto",
    columns: Sequence[str] | None = None,
    panel: str | None = None,
    priors: str = "tildemc",
    stands: Mapping[str, str] = NOTHING_STANDS,
) -> Statement:
    """What a text says of a model: a formula, or pasted Stata, R, SAS, Python or Julia.

    Parameters
    ----------
    text : str
    syntax : {"auto", "formula", "stata", "r", "sas", "python", "julia"}
        The text's language; "auto" tells it from the text.
    columns : sequence of str, optional
        The data's columns, which Stata's wildcards, ranges and abbreviations stand for.
    panel : str, optional
        The panel variable of Stata's `xt` commands, or it and the time of lags, where the text declares none.
    priors : {"tildemc", "stata"}
        Whose default priors hold for what has no stated one; "stata" is for Stata commands.
    stands : mapping of str to str
        What is given beside an R text for `priors` and `family`, where names there are bound to nothing.

    Returns
    -------
    Statement

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    check_text(text)
    if syntax not in LANGUAGES:
        hint = nearest(syntax, LANGUAGES)
        raise SemanticError(f"there is no language `{syntax}`{hint}; there are {_listed(LANGUAGES)}")
    if priors not in ("tildemc", "stata"):
        raise SemanticError("default priors are those of `tildemc` or of `stata`")
    language = language_of(text) if syntax == "auto" else syntax
    if language == "stata":
        from tildemc.syntax.stata.read import read_stata

        return read_stata(text, columns, panel, priors)
    if priors == "stata":
        raise SemanticError("Stata's default priors go with a Stata command")
    if language == "sas":
        from tildemc.syntax.sas.read import read_sas

        return read_sas(text, columns)
    if language == "python":
        from tildemc.syntax.python.read import read_python

        return rows_within(read_python(text))
    if language == "julia":
        from tildemc.syntax.julia.read import read_julia

        return rows_within(read_julia(text))
    if language == "r":
        from tildemc.syntax.rcall.read import read_rcall

        return rows_within(read_rcall(text, stands))
    from tildemc.syntax.formula import parse_formula

    return rows_within(Statement(parse_formula(text)))


def models_of(text: str, columns: Callable[[], Sequence[str]] | None = None) -> dict[str, str]:
    """The models of a script by name: of each a text whose last model it is, the script as far as its own end.

    Parameters
    ----------
    text : str
    columns : callable, optional
        The data's columns, which loops of a do-file may go through.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    check_text(text)
    match language_of(text):
        case "python":
            from tildemc.syntax.python.script import script_of

            return {name: text[: model.end] for name, model in script_of(text).models.items()}
        case "r":
            from tildemc.syntax.rcall.script import fitted
            from tildemc.syntax.rcall.unrolled import unrolled

            text = unrolled(text)
            return {name: text[: model.end] for name, model in fitted(text).items()}
        case "stata":
            from tildemc.syntax.stata.script import models

            return {model.name: model.text for model in models(text, None if columns is None else columns())}
        case "julia":
            from tildemc.syntax.julia.parse import fitted_in

            return {fitted.name: text[: fitted.end] for fitted in fitted_in(text)}
        case "sas":
            from tildemc.syntax.sas.program import procedures_of

            return {f"model{n}": text[: found.end] for n, found in enumerate(procedures_of(text), start=1)}
        case "formula":
            return {"model1": text}
        case never:
            assert_never(never)


def file_of(text: str, syntax: str = "auto") -> str | None:
    """The file that a text reads its data from: Stata's `use f`, R's `read.csv("f.csv")`; None if it names none.

    Raises
    ------
    TildeError
        If the text cannot be read.
    """
    check_text(text)
    match language_of(text) if syntax == "auto" else syntax:
        case "stata":
            from tildemc.syntax.stata.script import file_opened

            return file_opened(text)
        case "r" | "python" | "julia" | "sas" as language:
            return read(text, syntax=language, stands=PRIORS_STAND).file
        case _:
            return None


def read_priors(given: Priors) -> tuple[PriorStatement, ...]:
    """What priors say that stand apart from a model's text.

    Parameters
    ----------
    given : str, sequence of str, or mapping
        Statements, `b(x) ~ normal(0, 1)`, or brms's calls, `prior(normal(0, 1), class = b, coef = x)`; or densities by
        their targets, `{"b(x)": "normal(0, 1)"}`.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    if not given:
        return ()
    from tildemc.syntax.prior import parse_prior

    if isinstance(given, Mapping):
        for target, density in given.items():
            if not isinstance(target, str) or not isinstance(density, str):
                raise PriorError('a mapping of priors is of texts by texts, as in `{"b(x)": "normal(0, 1)"}`')
        return tuple(parse_prior(f"{target} ~ {density}") for target, density in given.items())
    found: list[PriorStatement] = []
    for text in [given] if isinstance(given, str) else given:
        if not isinstance(text, str):
            raise PriorError(f"a prior is a text such as `b(x) ~ normal(0, 1)`, not {type(text).__name__}")
        found += _brms_priors(text) if _MAKES_PRIORS.match(text) else [parse_prior(text)]
    return tuple(found)


def _brms_priors(text: str) -> Sequence[PriorStatement]:
    from tildemc.syntax.expression import parse_expression
    from tildemc.syntax.rcall.priors import brms_priors

    return brms_priors(parse_expression(text))


def language_of(text: str) -> Language:
    """The language that a text looks most like.

    Raises
    ------
    FormulaSyntaxError
        If the text begins with a word that is nearly a command or a function, and is no formula.
    """
    check_text(text)
    if is_sas(text):
        return "sas"
    if is_python(text):
        return "python"
    if is_julia(text):
        return "julia"
    call = _CALL.match(text)
    word, command = first_word(text)
    if _holds_call(text) and (not _is_command(text, word, command) or _ASSIGNS.search(text)):
        return "r"
    if call is None:
        if _is_command(text, word, command) or _has_model_line(text):
            return "stata"
        if "~" not in text and _TWO_WORDS.match(text) and len(text.split()) > 1:
            _suggest(text, word, [*COMMANDS], "command")
        return "formula"
    name = call[1].rpartition("::")[2]
    if name in FUNCTIONS or name in REFUSED or name in LOOKS or name == "update":
        return "r"
    if "~" not in text and _is_command(text, word, command):
        return "stata"
    inside = text[call.end() :]
    if name in _STRUCTURED or re.match(r"[^()]*(?:\([^()]*\)[^()]*)*\)\s*[~|+\-*/:^]", inside):
        return "formula"
    if name in NO_FITTERS and "~" in inside:
        return "r"
    if "~" in inside and ("data" in inside or _ASSIGNS.search(text[: call.start(1) + 1]) or nearest(name, FUNCTIONS)):
        raise no_fitter(name, Span(text, call.start(1), call.end(1)))
    return "formula"


def convert(
    text: str,
    to: str,
    *,
    syntax: str = "auto",
    columns: Sequence[str] | None = None,
    panel: str | None = None,
    factors: Collection[str] | None = None,
) -> Converted:
    """Say in another language what a text says.

    Parameters
    ----------
    text : str
    to : {"formula", "brms", "lme4", "glmmTMB", "stata"}
    syntax, columns, panel
        As for `read`.
    factors : collection of str
        The columns that are categorical: Stata marks them with `i.`, R goes by the column's type.

    Returns
    -------
    Converted
        The text, and what of the model it leaves unsaid.

    Raises
    ------
    TildeError
        If the text cannot be read.
    """
    if to not in TARGETS:
        raise SemanticError(f"there is no target `{to}`{nearest(str(to), TARGETS)}; there are {_listed(TARGETS)}")
    known = None if factors is None else frozenset(factors)
    return unparse(read(text, syntax=syntax, columns=columns, panel=panel), to, known)


def _holds_call(text: str) -> bool:
    """Whether an R function that fits a model is called in the text."""
    called = (found[1] for pattern in (_CALLED, _HANDED) for found in pattern.finditer(text))
    return any(name in FUNCTIONS for name in called)


def _is_command(text: str, word: str, command: str) -> bool:
    """Whether the text begins with a command or what stands before one, and goes on as no formula would."""
    if re.match(
        rf"\s*(?:{SEVERAL}|(?:bayes|xi|quietly|qui|noisily|capture|version)\b\s*[,:]|"
        r"(?:svy|bootstrap|bs|jackknife)\b[^~\n]*:)",
        text,
    ):
        return True
    return bool(word and is_of_stata(word) and _TWO_WORDS.match(command)) or is_log(text)


def _has_model_line(text: str) -> bool:
    """Whether a line of several is a command of Stata's that fits a model, whatever stands before it."""
    if "~" in text or "\n" not in text:
        return False
    return any(is_model(first_word(line[:200])[0]) for line in text.split("\n", 200)[1:200])


def _suggest(text: str, word: str, known: Sequence[str], what: str) -> None:
    """Refuse a text that begins with what is nearly a known word."""
    hint = nearest(word, known) if len(word) > 2 else ""
    if hint:
        start = text.find(word)
        raise FormulaSyntaxError(f"there is no {what} `{word}` here{hint}", Span(text, start, start + len(word)))


def _listed(names: Collection[str]) -> str:
    return ", ".join(names)
