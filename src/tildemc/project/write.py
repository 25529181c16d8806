"""A model's program, equations and priors -> a folder: data.py, model.py, fit.py, graphics.py, README.md.

Each file ends with a line by which it is known again: one that somebody has changed, or that came from elsewhere, is
not overwritten.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from tildemc.errors import TildeError
from tildemc.spec.addresses import targets
from tildemc.spec.families import Values
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import parameters
from tildemc.spec.terms.term import COEFFICIENTS
from tildemc.targets.latex.equations import latex
from tildemc.targets.pymc.layout import Bracket, Code, assignment, quoted
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Program
from tildemc.targets.pymc.source import imports, parts
from tildemc.visible import visible

__all__ = ["write_project"]

_FILES = ("data.py", "model.py", "fit.py", "graphics.py", "README.md")
_TEMPLATES = Path(__file__).parent / "templates"
_MARK = re.compile(
    r"(?P<text>.*\n)(?:# |<!-- )Written by tildemc [^:\n]*: (?P<digest>[0-9a-f]{12})(?: -->)?\n", re.DOTALL
)


def write_project(folder: Path, spec: ModelSpec, program: Program, *, framed: bool) -> tuple[Path, ...]:
    """Write the files.

    Parameters
    ----------
    folder : Path
        Made if need be.
    spec : ModelSpec
    program : Program
        Of that model, to be run in that folder.
    framed : bool
        Whether the data came as a frame, so that somebody is to keep it where the program looks for it.

    Returns
    -------
    tuple of Path

    Raises
    ------
    TildeError
        If a file is there already that is not as tildemc wrote it, or the folder cannot be written to; nothing is
        written then.
    """
    texts = {folder / name: _marked(name, text) for name, text in _rendered(spec, program, framed).items()}
    try:
        kept = [path.name for path in texts if path.exists() and not _ours(path.read_text(encoding="utf-8"))]
        if kept:
            raise TildeError(f"{folder} has its own {', '.join(kept)}: name another folder, or move what is there")
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    except UnicodeDecodeError:
        raise TildeError(f"{folder} has files of these names that are no text: name another folder") from None
    except OSError as error:
        raise TildeError(f"cannot write to {folder}: {error.strerror}") from None
    return tuple(texts)


def _rendered(spec: ModelSpec, program: Program, framed: bool) -> dict[str, str]:
    import jinja2

    environment = jinja2.Environment(
        # Programs and Markdown are no HTML: a person's text in them is quoted, or stands in a block of code.
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        loader=jinja2.FunctionLoader(lambda name: (_TEMPLATES / name).read_text(encoding="utf-8")),
    )
    known = {**_known(spec, program), "framed": framed}
    return {name: environment.get_template(f"{name}.jinja").render(known) for name in _FILES}


def _known(spec: ModelSpec, program: Program) -> Mapping[str, object]:
    text = parts(program)
    return {
        "text": text,
        "imports": imports,
        "from_data": _import(sorted(text.defined & _names(text.model))),
        "reported": assignment("reported", text.reported, 4),
        "pictures": assignment("pictures", _pictures(spec), 4),
        "family": spec.family,
        "link": spec.link,
        "formula": [visible(line.strip()) for line in spec.formula.strip().splitlines()],
        "priors": [visible(str(target)) for target in targets(spec)],
        "equations": latex(spec),
    }


def _names(code: str) -> set[str]:
    """The names in a program's text."""
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _import(names: list[str]) -> str:
    """`from data import …`, laid out."""
    head = "from data import "
    if len(head) + len(", ".join(names)) <= 88:
        return head + ", ".join(names)
    return "\n".join([f"{head}(", *(f"    {name}," for name in names), ")"])


def _pictures(spec: ModelSpec) -> Code:
    """The plots by the names of their files."""
    combined = ("combined=", "True")
    found: dict[str, Code] = {
        "chains": Bracket("az.plot_trace_dist(", (("", "fit"), ("var_names=", "reported")), ")"),
        "estimates": Bracket("az.plot_forest(", (("", "fit"), ("var_names=", "reported"), combined), ")"),
        "predictions": f"az.{_check(spec.family.values)}(fit)",
    }
    spare = Spare(found)
    for parameter in parameters(spec):
        if parameter.role in COEFFICIENTS:
            named = ("var_names=", quoted(parameter.name))
            found[spare(parameter.name)] = Bracket("az.plot_forest(", (("", "fit"), named, combined), ")")
    return Bracket("{", tuple((f"{quoted(f'{name}.png')}: ", code) for name, code in found.items()), "}")


def _check(values: Values) -> str:
    """The plot of ArviZ's that lays replicated responses beside the observed one."""
    if values.binary:
        return "plot_ppc_pava"
    return "plot_ppc_rootogram" if values.whole else "plot_ppc_dist"


def _marked(name: str, text: str) -> str:
    """With the line by which it is known again."""
    mark = f"Written by tildemc {version('tildemc')}: {_digest(text)}"
    return f"{text}{f'<!-- {mark} -->' if name.endswith('.md') else f'# {mark}'}\n"


def _ours(text: str) -> bool:
    found = _MARK.fullmatch(text)
    return found is not None and found["digest"] == _digest(found["text"])


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
