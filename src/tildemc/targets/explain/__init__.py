"""What a model is, for people and for machines."""

from tildemc.targets.explain.facts import facts, prior_frame
from tildemc.targets.explain.records import Facts
from tildemc.targets.explain.render import page, prior_lines, render

__all__ = ["Facts", "facts", "page", "prior_frame", "prior_lines", "render"]
