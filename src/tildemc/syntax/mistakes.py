"""A text that did not parse in, the sentence about it out: the sentences stand here, each with texts that deserve it.

Every example is parsed once, when the first mistake is made; where the parser stood and what it met are the key under
which the reader's own mistake is looked up. A sentence may name `{before}` and `{found}`: the words on either side.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.grammars import parser, plain

__all__ = ["MISTAKES", "explain"]

_OPERANDS = ("x", "`a b`", "2", "'a'", "TRUE", "f(x)", "(x)")
_OPERATORS = ("+", "-", "*", "/", ":", "^", "%in%", "==", "&", "|")
_AFTER = ("", ")", ",", "; s ~ x", "* x", "/ x", ": x", "^ x", "%in% x", "== x", "& x", "| x", "~ x", "= x")

_TWO_NAMES = (
    "an operator is missing between {before} and {found}; write `{join}`, or backquotes around it if it is one name"
)
_ADJACENT = "an operator is missing between {before} and {found}; write `+` there if they are two terms"
_DANGLING = "nothing stands on the right of {before}; a term is missing before {found}"
_ASSIGNED = "`=` only names an argument of a function; write `~` between response and predictors, `==` to compare"
_COMMA = "a comma only separates the arguments of a function; join terms with `+`"
_NO_GROUP = "nothing stands on the right of {before}; name the grouping factor there, as in `(1 | group)`"
_NO_TARGET = "nothing stands on the left of `~`; name the parameter there, as in `b ~ normal(0, 1)`"
_NO_DISTRIBUTION = "nothing stands on the right of `~`; write a distribution there, such as `normal(0, 1)`"
_PRIOR_ENDED = "the prior is complete before {found}; write one prior per text"
_LABEL = (
    "an operator is missing between {before} and {found}; a label that is no plain name stands in backquotes, as in "
    "`factor(a)2`"
)
_PRIOR_ADJACENT = "a comma or an operator is missing between {before} and {found}"

MISTAKES: dict[str, dict[str, tuple[str, ...]]] = {
    "formula": {
        "the text holds no formula; write one such as `y ~ x + (1 | group)`": ("", "# nothing yet", ";"),
        _TWO_NAMES: ("x z",),
        _ADJACENT: tuple(
            f"y ~ {left} {right}"
            for left, right in product(_OPERANDS, (*_OPERANDS, "!x"))
            if (left, right) not in {("x", "x"), ("x", "(x)")}
        ),
        "nothing stands on the right of `~`; write the predictors there, or `1` if there are none": tuple(
            f"{left}~ {after}" for left in ("y ", "", "f(y ", "f(y ~ x ") for after in ("", ")", "; s ~ x")
        ),
        "write one `&`: here it works on whole columns, as `&` does in R": ("y ~ x && z",),
        _NO_GROUP: ("y ~ (1 |)", "y ~ 1 |"),
        _DANGLING: (
            *(f"y ~ x {operator} {after}" for operator, after in product(_OPERATORS, _AFTER)),
            *(f"y ~ {prefix} {after}" for prefix, after in product("!-", _AFTER)),
            *(f"{left}~ {after}" for left, after in product(("y ", "", "f(y ", "f(y ~ x "), _AFTER)),
        ),
        "nothing stands on the left of {found}; a term is missing there": tuple(
            f"{start}{operator} x"
            for start in ("", "y ~ x; ", "y ~ (", "y ~ f(")
            for operator in ("*", "/", ":", "^", "%in%", "==", "&")
        ),
        "nothing stands on the left of `|`; for an intercept that varies by group write `(1 | group)`": (
            "y ~ (| g)",
            "y ~ | g",
            "| g",
        ),
        "put a negation in parentheses after another operator: `(!x)`": (
            *(f"y ~ x {operator} !x" for operator in ("+", "*", "/", ":", "^", "%in%", "==")),
            "y ~ -!x",
        ),
        "comparisons cannot be chained; write `a < b & b < c`": ("y ~ a < b < c",),
        "a statement has one `~`; put a second statement on a line of its own or after `;`": (
            "y ~ x ~ z",
            "~ x ~ z",
            "f(y ~ x ~ z ~ w)",
        ),
        _ASSIGNED: ("= x", *(f"{operand} = x" for operand in _OPERANDS), "y ~ f(a = b = 2)", "y ~ f(= 2)"),
        _COMMA: ("y ~ x, z", "y, z", ", z", "~ x, z", "y ~ (x, z)", "y ~ (, x)"),
        "the parentheses are empty; write a term between them": ("y ~ ()",),
        "an argument is missing between {before} and {found}": ("y ~ f(x,)", "y ~ f(,x)", "y ~ f(x,,x)"),
        "nothing stands on the right of `=`; the value of the argument is missing": ("y ~ f(a =)", "y ~ f(a =, 2)"),
    },
    "prior": {
        "the text holds no prior; write one such as `b ~ normal(0, 1)`": ("", "# nothing yet"),
        _NO_TARGET: ("~ normal(0, 1)",),
        "`~` is missing between the parameter and its distribution": (
            "sd(county) exponential(1)",
            "b normal(0, 1)",
            "b",
            "sd(county)",
        ),
        "write `~`, not `=`, between the parameter and its distribution": ("b = normal(0, 1)", "b(x) = normal(0, 1)"),
        "a comma does not join parameters; write one prior for each": ("b, a ~ normal(0, 1)", "b(x), a ~ normal(0, 1)"),
        _NO_DISTRIBUTION: ("b ~", "sd(county) ~", "b ~ ~ x", "b ~ )"),
        "a prior is a distribution such as `normal(0, 1)`, not {found}": (
            "b ~ 3",
            "b ~ -3",
            "b ~ 'a'",
            "b ~ (x)",
            "b ~ `a`",
            "b ~ !a",
        ),
        "a prior is one distribution; nothing can be joined to it with {found}": tuple(
            f"b ~ {distribution} {operator} x"
            for distribution in ("normal", "normal(0, 1)")
            for operator in ("+", "*", "/", "^", "|", ":", ",", "=", "==", "~", "&", "%in%")
        ),
        _PRIOR_ENDED: (
            *(f"b ~ {d} {x}" for d in ("normal", "normal(0, 1)") for x in ("a", "2", "'a'", "`a`", "TRUE")),
            "b ~ normal(0, 1) (x)",
        ),
        _PRIOR_ADJACENT: tuple(
            f"b ~ normal({left} {right})"
            for left, right in product(_OPERANDS, _OPERANDS)
            if (left, right) != ("x", "(x)")
        ),
        _DANGLING: (
            *(
                f"b ~ normal(x {operator} {after}"
                for operator, after in product(_OPERATORS, (")", ", 1)", "* 2)", "/ 2)", "^ 2)", "= 2)"))
            ),
            "b ~ normal(-)",
            "b ~ normal(-, 1)",
            *(f"b {operator} ~ normal(0, 1)" for operator in _OPERATORS),
        ),
        "an argument is missing between {before} and {found}": (
            "b ~ normal(0,)",
            "b ~ normal(,1)",
            "sd(a,) ~ normal(0, 1)",
        ),
        "nothing stands on the right of `=`; the value of the argument is missing": (
            "b ~ normal(mu =)",
            "b ~ normal(mu =, 1)",
        ),
    },
    "hypothesis": {
        "the text holds no hypothesis; write one such as `floor < 0`": ("", "# nothing yet"),
        "a hypothesis compares: write `<`, `>` or `=` and a value, as in `floor < 0`": (
            "b",
            "2",
            "'a'",
            "TRUE",
            "f(x)",
            "(x)",
            "sd_g[x]",
            "-b",
            "b + a",
            "b * a",
            "b:a",
            "b^2",
            "b %in% a",
        ),
        "a hypothesis is one comparison; write several as a list": (
            "a < b < c",
            "a = b = c",
            "a < 1 = c",
            "a < f(x) < c",
            "a < (x) < c",
            "a < b + c < d",
            "a < b * c < d",
            "a < g[x] < c",
            "a < -b < c",
            "a < b^2 < c",
            "a < b:d < c",
        ),
        "nothing stands on the left of {found}; name a quantity there, as in `floor < 0`": ("< 0", "= 0"),
        _DANGLING: (
            *(f"a {operator}" for operator in ("<", ">", "=", "< b +", "< b *", "< b ^", "< b :")),
            *(f"a {operator} < 0" for operator in ("+", "-", "*", "/", "^", ":", "%in%")),
            "- < 0",
        ),
        "a comparison stands for itself; leave the parentheses around it out": ("(a < 0)", "(a + b < 0)"),
        _LABEL: tuple(
            f"{start}{left} {right} < 0"
            for start in ("", "a < ")
            for left, right in product((*_OPERANDS, "g[x]"), ("x", "`a b`", "2", "'a'", "TRUE", "(x)", "g[x]"))
            if (left, right) not in {("x", "(x)")}
        ),
        "a hypothesis is of numbers; nothing can be joined to them with {found}": (
            *(f"a {operator} b" for operator in ("~", "&", "|")),
            *(f"a < b {operator} c" for operator in ("~", "&", "|")),
            "a, b < 0",
            "a < b, c",
        ),
        "an argument is missing between {before} and {found}": ("f(a,) < 0", "f(,a) < 0"),
        "what stands in the parentheses of a quantity has no names": ("f(a = 2) < 0",),
    },
}

_MORE_IN_R = re.compile(r";|,\s*[,)]|\(\s*,|' \(")
"""What is a mistake in a formula and none in a script."""

MISTAKES["rscript"] = {
    sentence: kept
    for sentence, examples in MISTAKES["formula"].items()
    if (kept := tuple(example for example in examples if not _MORE_IN_R.search(example)))
}

MISTAKES["sas"] = {
    "`=` is missing between the response and the effects, as in `model y = x;`": ("model y x", "model y"),
    "nothing stands on the right of `=`; the value of the option is missing": (
        "random int / subject=",
        "random int / type= ",
    ),
    "effects are joined by `*` or `|`, and stand apart by blanks: write no {found}": (
        "model y = a + b",
        "model y = a, b",
        "random a, b",
    ),
}

MISTAKES["julia"] = {
    _DANGLING: tuple(f"f(x {operator} )" for operator in ("+", "-", "*", "&", "|", "==", "^")),
    _ADJACENT: ("f(x z)", "f(x :z)", "f(2 x)"),
}

_ARGUMENT = re.compile(r"[\w.]+\s*=(?!=)")
"""A name that is one of an argument: the parser sees the name alone."""

_HYPOTHESIS_CHARACTERS = {
    "[]": "what is in brackets has no end, or stands behind no name: write `sd_county[floor]`",
    ";": "write one hypothesis per text, and several as a list",
}
_PRIOR_CHARACTERS = {"[]": "what a prior is about stands in parentheses, as in `b(x)`", ";": "write one prior per text"}

_OWN_CHARACTERS = {"prior": _PRIOR_CHARACTERS, "hypothesis": _HYPOTHESIS_CHARACTERS}

_CHARACTERS = {
    "“”„«»": 'curly quotes quote nothing here; write `"`',
    "‘’´": "curly quotes quote nothing here; write `'`, or backquotes around a name",
    "$": "`$` takes a column out of a data frame; the data are given apart, so write the column's name alone",
    "@": "`@` takes a part out of an R object; write the column's name alone",
    "[]": "square brackets pick out elements; make a column of them first and write its name",
    "{}": "braces are R code, not part of a formula; make a column of the result first and write its name",
    "\\": "a backslash stands only within quotes; a formula may run over several lines without one",
    "<": "`<-` assigns; leave `name <-` out, and to compare with a negative number write `< -1` with a space",
    "→←⇒": "arrows mean nothing here; write `~` between response and predictors",
    "−–—‐‑": "this dash is not the minus sign; write `-`",
    "×⋅·∗": "this sign is not `*`; write `*` or `:`",
    "∼～˜": "this sign is not the tilde; write `~`",
    "≤≥≠": "write `<=`, `>=` or `!=` for this sign",
    "⁰¹²³⁴⁵⁶⁷⁸⁹": "write a power as `I(x^2)`, or put a name with such a digit in backquotes",
    "'\"": "this quote is never closed",
    "?": "`?` means nothing in a formula",
}

_KINDS = {
    "a name": {"NAME", "BACKQUOTED"},
    "a number": {"NUMBER"},
    "an opening parenthesis": {"LPAR"},
    "a closing parenthesis": {"RPAR"},
    "an operator such as `+`": {"TIMES", "POWER"},
    "a comma": {"_COMMA"},
    "`~`": {"TILDE"},
    "the end": {"$END", "_SEP"},
}


def explain(error: UnexpectedInput, text: str, grammar: str, start: str) -> FormulaSyntaxError:
    """The sentence for the place where the parser of `grammar` stopped in `text`."""
    if isinstance(error, UnexpectedCharacters):
        assert error.pos_in_stream is not None
        return _unknown_character(text, error.pos_in_stream, grammar)
    assert isinstance(error, UnexpectedToken), "an LALR parser stops at a character or at a token"
    ended = error.token.type == "$END"
    stop = len(text) if ended else error.token.start_pos
    assert stop is not None
    before = _tokens_before(text, stop, grammar)
    unclosed = _unclosed(before)
    finished = ended or error.token.type == "_SEP"
    if finished and unclosed:
        return FormulaSyntaxError("this parenthesis is never closed", _span(text, unclosed[-1]))
    if plain(error.token.type) == "RPAR" and not unclosed:
        return FormulaSyntaxError("this closing parenthesis was never opened", _span(text, error.token))
    if plain(error.token.type) == "TILDE" and _begins_line(text, before):
        name = before.pop()
        message = f"the statement before `{name} ~` has no end: nothing stands on the right of `{before[-1]}`"
        return FormulaSyntaxError(message, _span(text, before[-1]))
    sentence = _sentences(parser(grammar), grammar).get(_key(error)) or _generic(error)
    if unclosed and sentence in (_TWO_NAMES, _ADJACENT, _PRIOR_ADJACENT) and _ARGUMENT.match(text, stop):
        sentence = "a comma is missing between {before} and the argument {found}"
    span = (_span(text, before[-1]) if before else Span(text, 0, 0)) if finished else _span(text, error.token)
    return FormulaSyntaxError(sentence.format(**_words(before, error.token, finished)), span)


@cache
def _sentences(reads: Lark, grammar: str) -> dict[tuple[int, str], str]:
    """The sentence for each place and terminal at which an example stops: each parser numbers its places anew."""
    sentences: dict[tuple[int, str], str] = {}
    for sentence, examples in MISTAKES[grammar].items():
        for example in examples:
            try:
                reads.parse(example, start=grammar)
            except UnexpectedToken as error:
                sentences.setdefault(_key(error), sentence)
            else:
                raise AssertionError(f"{example!r} is no mistake")
    return sentences


def _key(error: UnexpectedToken) -> tuple[int, str]:
    return error.state.position, error.token.type


def _generic(error: UnexpectedToken) -> str:
    expected = {plain(terminal) for terminal in error.expected}
    kinds = [kind for kind, terminals in _KINDS.items() if terminals & expected]
    return "{found} cannot stand here" + (f"; what can is {_either(kinds)}" if kinds else "")


def _either(kinds: list[str]) -> str:
    return kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} or {kinds[-1]}"


def _words(before: list[Token], found: Token, finished: bool) -> dict[str, str]:
    previous = before[-1].strip() if before else ""
    return {
        "before": _shown(previous) if previous else "the beginning",
        "found": "the end" if finished else _shown(found),
        "join": f"{previous} {'+' if any(plain(token.type) == 'TILDE' for token in before) else '~'} {found}",
    }


def _shown(word: str) -> str:
    return word if word.startswith("`") else f"`{word}`"


def _tokens_before(text: str, stop: int, grammar: str) -> list[Token]:
    return [token for token in parser(grammar).lex(text[:stop]) if token.type != "_SEP"]


def _begins_line(text: str, tokens: list[Token]) -> bool:
    """Whether the last of `tokens` is the first on its line, after an unfinished line."""
    return len(tokens) > 1 and "\n" in text[tokens[-2].end_pos : tokens[-1].start_pos]


def _unclosed(tokens: list[Token]) -> list[Token]:
    """The opening parentheses among `tokens` that none of them closes."""
    opened: list[Token] = []
    for token in tokens:
        match plain(token.type):
            case "LPAR":
                opened.append(token)
            case "RPAR" if opened:
                opened.pop()
            case _:
                pass
    return opened


def _span(text: str, token: Token) -> Span:
    assert token.start_pos is not None and token.end_pos is not None
    return Span(text, token.start_pos, token.end_pos)


def _unknown_character(text: str, position: int, grammar: str) -> FormulaSyntaxError:
    character = text[position]
    if character == "%":
        operator = re.compile(r"%[^%\s]*%?").match(text, position)
        assert operator is not None
        message = f"the operator `{operator.group()}` is not known; there are `%in%`, `%%` and `%/%`"
        return FormulaSyntaxError(message, Span(text, *operator.span()))
    if character == "`":
        empty = text.startswith("``", position)
        message = "the name in these backquotes is empty" if empty else "this backquote is never closed"
        return FormulaSyntaxError(message, Span(text, position, position + 1 + empty))
    known = _CHARACTERS | _OWN_CHARACTERS.get(grammar, {})
    for characters, sentence in known.items():
        if character in characters:
            return FormulaSyntaxError(sentence, Span(text, position, position + 1))
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    message = f"the character `{shown}` means nothing here; if it is part of a name, put the name in backquotes"
    return FormulaSyntaxError(message, Span(text, position, position + 1))
