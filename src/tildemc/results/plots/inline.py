"""Figures and equations -> SVG that stands in a page: its text is text, and its names are its own."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from tildemc.results.plots.style import missing_library

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["closing", "equation", "inline"]

LARGEST = 400_000
"""A drawing of more characters is shown as pixels."""
NARROWEST = 0.6
"""How far a drawing may shrink, of its size, before one has to scroll: its words are to be read."""
SIZE = 12.0
"""Of an equation's letters, in points."""

_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_STYLE = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_LINES = 'stroke-linejoin="round" stroke-linecap="butt" '
"""What matplotlib's style says of a drawing's lines: a style's rules would hold for the whole page."""
_PATH = re.compile(r'(?<= d=")[^"]*')
_TAG = re.compile(r"<[^>]*>")
_NAME = re.compile(r'(id="|href="#|url\(#)')


@contextmanager
def closing() -> Iterator[None]:
    """Close the figures that are made within, so that no notebook shows them too."""
    from matplotlib import pyplot

    before = {*pyplot.get_fignums()}
    try:
        yield
    finally:
        for number in {*pyplot.get_fignums()} - before:
            pyplot.close(number)


def inline(figure: Figure, name: str, told: str) -> Markup:
    """A figure as an element of a page.

    Parameters
    ----------
    figure : Figure
    name : str
        No other element of the page has it.
    told : str
        What it shows, for those who do not see it.
    """
    from matplotlib import rc_context

    width = 96 * figure.get_figwidth()
    style = f"width: {width:.0f}px; min-width: {NARROWEST * width:.0f}px"
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        drawn = _drawing(figure, name)
    if len(drawn) <= LARGEST:
        return Markup(f'<svg class="picture" role="img" aria-label="{escape(told)}" style="{style}" {drawn}')
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    source = f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"
    return Markup(f'<img class="picture" alt="{escape(told)}" style="{style}" src="{source}">')


def equation(text: str, name: str) -> Markup:
    """Mathematics in LaTeX as an element on the line, as high as the letters beside it; as it is written else.

    Parameters
    ----------
    text : str
        What matplotlib's mathtext reads, or it is shown as it is.
    name : str
        No other element of the page has it.

    Raises
    ------
    FitError
        If there is no matplotlib.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties
        from matplotlib.mathtext import MathTextParser
    except ImportError as error:
        raise missing_library(error) from error
    font = FontProperties(size=SIZE, math_fontfamily="stix")
    try:
        width, height, depth, _, _ = MathTextParser("path").parse(f"${text}$", dpi=72, prop=font)
    except ValueError:
        return Markup(f"<code>{escape(text)}</code>")
    figure = Figure(figsize=(width / 72, height / 72), frameon=False)
    figure.text(0, depth / height, f"${text}$", fontproperties=font)
    size = f"width: {width / SIZE:.3f}em; height: {height / SIZE:.3f}em; vertical-align: {-depth / SIZE:.3f}em"
    return Markup(f'<svg role="img" aria-label="{escape(text)}" style="{size}" {_drawing(figure, name)}')


def _drawing(figure: Figure, name: str) -> str:
    """The figure's SVG from its `viewBox` on, with `name` before what its parts are called."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = buffer.getvalue()
    text = _LINES + _STYLE.sub("", _COMMENT.sub("", text[text.index("viewBox=") :]))
    text = _TAG.sub(lambda tag: _NAME.sub(rf"\g<1>{name}-", tag.group()), text)
    # Hundredths of a point are too small to see, and half of the text.
    return _PATH.sub(lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path.group()), text)
