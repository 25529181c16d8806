"""What commands of the command line are shown to do in their help: examples, and what completes a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.markup import escape

__all__ = ["EXAMPLES", "beginning", "examples"]

EXAMPLES: dict[str, tuple[str, ...]] = {
    "translate": (
        'tildemc translate "log_radon ~ floor + (1 | county)" -d radon.csv -o model.py',
        'tildemc translate "log_radon ~ floor + (1 | county)" -d radon.csv --project radon',
    ),
    "explain": (
        'tildemc explain "log_radon ~ floor + (1 + floor | county)" -d radon.csv',
        'tildemc explain "mixed log_radon floor || county: floor" -d radon.csv',
        'tildemc explain "log_radon ~ floor + (1 | county)" -d radon.csv --latex',
    ),
    "fit": (
        'tildemc fit "log_radon ~ floor + (1 | county)" -d radon.csv -o radon.nc',
        'tildemc fit "log_radon ~ floor + (1 | county)" -d radon.csv -p "sd ~ exponential(1)"',
        'tildemc fit "floor ~ 1 + (1 | county)" -d radon.csv -f bernoulli --quick',
    ),
    "predict": (
        "tildemc predict --fit radon.nc",
        "tildemc predict --fit radon.nc --kind response --interval 0.9 -o predicted.csv",
    ),
    "plot": ("tildemc plot --fit radon.nc -k shrinkage -o shrinkage.png",),
    "report": ("tildemc report --fit radon.nc -o radon.html",),
    "batch": (
        "tildemc batch models.txt -d radon.csv --dry-run",
        "tildemc batch models.txt -d radon.csv -o results --workers 2",
    ),
    "play": ("tildemc play", "tildemc play -d radon.csv --port 8000 --no-browser"),
    "convert": (
        'tildemc convert "log_radon ~ floor + (1 | county)" --to stata',
        'tildemc convert "mixed y x || school: x, cov(unstructured)" --to brms',
    ),
    "help": ("tildemc help priors", "tildemc help priors targets", "tildemc help negbinomial"),
}
"""Of each command; tests run them."""


def examples(command: str) -> str:
    """The examples below a command's help."""
    return "\n\n".join(("[bold]Examples[/bold]", *map(escape, EXAMPLES[command])))


def beginning(words: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """What a shell completes a word with: those of `words` that begin so; they are looked up when it is asked."""

    def completed(incomplete: str) -> list[str]:
        return [word for word in words() if word.startswith(incomplete)]

    return completed
