"""The words that Stata's commands begin with: which are read, which are passed over, and which cannot be."""

from __future__ import annotations

import re

from tildemc.syntax.stata.datalines import CHANGES
from tildemc.syntax.stata.other_models import OTHERS
from tildemc.syntax.stata.tables import COMMANDS, MENL, SHORT_COMMANDS
from tildemc.syntax.stata.word import full_name

__all__ = ["MAKERS", "MERGED", "NO_MODELS", "PREFIX", "PROGRAMS", "STORES", "command_of", "is_model", "is_of_stata"]

PREFIX = re.compile(
    r"(?:eststo(?:\s+(?P<name>[^\s:,]+))?\s*(?:,[^:]*)?:"
    r"|collect(?:\s*,[^:]*|\s+_r_\w+)?\s*:"
    r"|version\s+[\d.]+\s*:"
    r"|(?:xi|vce)(?=\s*:)\s*:"
    r"|(?:qui(?:e(?:t(?:ly?)?)?)?|n(?:o(?:i(?:s(?:i(?:ly?)?)?)?)?)?|cap(?:t(?:u(?:re?)?)?)?)(?:\s*:|(?=\s)|$)"
    r")\s*"
)
"""What may stand before any command and changes nothing here."""

_DATA = {
    **{name: name for name in CHANGES},
    **{
        "generate": "g",
        "recode": "recode",
        "rename": "ren",
        "tabulate": "ta",
        "encode": "en",
        "decode": "dec",
        "drop": "drop",
    },
}
_SESSION = {
    **{
        "local": "loc",
        "global": "gl",
        "xtset": "xtset",
        "tsset": "tsset",
        "iis": "iis",
        "svyset": "svyset",
        "use": "u",
        "stset": "stset",
    },
    **{"scalar": "sca", "sort": "so", "gsort": "gs", "fvset": "fvset", "char": "char"},
    **{"tempvar": "tempvar", "tempfile": "tempfile", "tempname": "tempname"},
    **{"import": "import", "insheet": "insheet", "sysuse": "sysuse", "webuse": "webuse", "summarize": "su"},
    **{"preserve": "preserve", "restore": "restore", "eststo": "eststo", "estimates": "est", "estadd": "estadd"},
    **{"levelsof": "levelsof", "unab": "unab", "ds": "ds", "foreach": "foreach", "forvalues": "forv"},
}
_PASSED = {
    **{"label": "la", "order": "order", "describe": "d", "list": "l"},
    **{"tab1": "tab1", "tab2": "tab2", "browse": "br", "edit": "ed", "count": "cou", "codebook": "codebook"},
    **{"inspect": "ins", "set": "set", "clear": "clear", "cd": "cd", "log": "log", "cmdlog": "cmdlog", "cls": "cls"},
    **{"display": "di", "format": "form", "notes": "note", "compress": "compress", "more": "more", "pause": "pause"},
    **{"version": "vers", "assert": "as", "isid": "isid", "duplicates": "dup", "save": "sa", "export": "export"},
    **{"outsheet": "outsheet", "predict": "pr", "margins": "margins", "marginsplot": "marginsplot", "estat": "estat"},
    **{
        "test": "te",
        "testparm": "testparm",
        "lincom": "linc",
        "nlcom": "nlcom",
        "lrtest": "lr",
        "contrast": "contrast",
    },
    **{"pwcompare": "pwcomp", "esttab": "esttab", "estout": "estout", "outreg2": "outreg", "histogram": "hist"},
    **{"scatter": "sc", "twoway": "tw", "graph": "gr", "line": "line", "kdensity": "kd", "qnorm": "qnorm"},
    **{"xtdescribe": "xtdes", "xtsum": "xtsum", "xttab": "xttab", "xtline": "xtline", "mean": "mean", "ci": "ci"},
    **{"ttest": "ttest", "correlate": "cor", "pwcorr": "pwcorr", "spearman": "spearman", "tabstat": "tabstat"},
    **{"table": "table", "dtable": "dtable", "etable": "etable", "collect": "collect", "putexcel": "putexcel"},
    **{"putdocx": "putdocx", "return": "ret", "ereturn": "eret", "timer": "timer", "ssc": "ssc", "net": "net"},
    **{"which": "which", "help": "h", "findit": "findit", "adopath": "adopath", "sleep": "sleep", "beep": "beep"},
    **{"capture": "cap", "exit": "e", "window": "win", "loneway": "lone", "oneway": "onew", "ranksum": "ranksum"},
    **{"mkdir": "mkdir", "erase": "erase", "copy": "copy", "memory": "mem", "query": "q", "type": "type"},
    **{"loglik": "loglik", "rvfplot": "rvfplot", "lowess": "low", "lfit": "lfit", "pnorm": "pnorm", "dir": "dir"},
    **{"ls": "ls", "pwd": "pwd", "mark": "mark", "signrank": "signrank", "hausman": "hausman", "xttest0": "xttest0"},
    **{"graphregion": "graphregion"},
    **{"set_defaults": "set_defaults", "mcmcsum": "mcmcsum", "bayesgraph": "bayesgraph", "bayesstats": "bayesstats"},
}
MERGED = {
    **{"merge": "mer", "mmerge": "mmerge", "reshape": "resh", "collapse": "collapse", "append": "app"},
    **{"joinby": "joinby", "expand": "expand", "sample": "sample", "bsample": "bsample", "contract": "contract"},
    **{"cross": "cross", "fillin": "fillin", "stack": "stack", "xpose": "xpose", "stsplit": "stsplit"},
    **{"tsfill": "tsfill", "expandcl": "expandcl", "frame": "frame", "frlink": "frlink"},
}
"""Commands that make other rows."""
_MAKING = ("xtile", "pctile", "mkspline", "orthog", "predict", "predictnl")
MAKERS = re.compile(
    rf"(?:{'|'.join(_MAKING)})\s+(?:(?:byte|int|float|double)\s+)?(\w+)"
    r"|.*[\s,]gen(?:e(?:r(?:a(?:te?)?)?)?)?\((\w+)\)"
)
"""Commands that make columns in other ways: the name of the column, or what its name begins with."""
PASSED = frozenset(_PASSED) | {"local", "global"}
"""Commands that say nothing of a model."""
PROGRAMS = {
    **{"program": "pr", "while": "while", "if": "if", "else": "else", "mata": "mata", "python": "python"},
    **{"do": "do", "run": "ru", "include": "inc"},
}
"""What runs programs."""
STORES = re.compile(r"(?:est(?:i(?:m(?:a(?:t(?:es?)?)?)?)?)?\s+sto(?:re?)?|eststo)\s+(?!clear\b|drop\b|dir\b)([^\s,]+)")
"""`estimates store m1`, `eststo m1`: the name of the model before."""

IMPUTATION = re.compile(
    r"mi\s+est\w*(?=\s*[,:])|(?P<of>mi\s+(?:(?:passive|xeq)[^:]*:|(?=(?:xtset|tsset|svyset|stset)\b)))\s*"
)
"""`mi estimate`, and what stands before a command that holds for each completed data set."""
IMPUTED = re.compile(
    r"mi\s+(?:set|register|unregister|impute|describe|convert|update|misstable|query|varying|unset|import|extract|rename)\b"
)
"""What imputes data, or says of data that they are."""

NO_MODELS = {
    ("mi",): "data are not imputed here; give the completed data sets, and paste `mi estimate:` with its command",
    ("for",): "`for` is an old loop of Stata's: write `foreach x in a b {`, with the command on lines of its own",
    (
        "fp",
        "fracpoly",
        "mfp",
    ): "powers are not searched for here: write them, as in `c.x##c.x`, or make columns of them",
    ("rolling",): "moving windows are not fitted here; fit each with `if`",
    ("permute", "simulate"): "resampling is not needed: the posterior gives the errors",
}
"""Words of models that are not read, and why."""
_BEFORE = ("bayes", "nestreg", "statsby", "svy", "bootstrap", "bs", "jackknife", "jknife")
"""What a command of models may begin with."""


def command_of(word: str) -> str | None:
    """The full name of a command that is followed or passed over; None for a model, and for what is not known."""
    if is_model(word):
        return None
    for names in (_DATA, _SESSION, MERGED, _PASSED, PROGRAMS):
        found = full_name(word, names)
        if found is not None:
            return found
    return None


def is_model(word: str) -> bool:
    """Whether a word names a command of models, or is one of those that are not read."""
    known = word in COMMANDS or word in SHORT_COMMANDS or word == MENL or word in _BEFORE or _is_refused(word)
    return known or (word in OTHERS and word not in _PASSED)


def _is_refused(word: str) -> bool:
    return any(word in words for words in NO_MODELS)


def is_of_stata(word: str) -> bool:
    """Whether a do-file may begin with this word."""
    return is_model(word) or word in OTHERS or word in _MAKING or command_of(word) is not None
