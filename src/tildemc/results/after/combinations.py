"""`lincom`, `nlcom`, `contrast`, `pwcompare`, `test`, `testparm`, `display`: combinations of a model's numbers."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.resolve.after.records import Combined, Displayed, Joint
from tildemc.results.after.answers import Answer
from tildemc.results.after.subject import Subject
from tildemc.results.telling import Scale
from tildemc.screen import number

__all__ = ["combined", "displayed", "joint"]


def combined(subject: Subject, command: str, asked: Combined) -> Answer:
    """Each combination with its interval."""
    values = subject.values([*asked.rows.values()])
    scales: list[Scale] = ["exp" if asked.exponentiate else "plain"] * len(asked.rows)
    table = subject.table([*asked.rows], values, asked.level, scales)
    return Answer(command, "exponentiated" if asked.exponentiate else "", table)


def joint(subject: Subject, command: str, asked: Joint) -> Answer:
    """Whether combinations are zero together."""
    import pandas as pd

    from tildemc.table import Table

    rows = [subject.telling.joint(subject.values(test.rows)) for test in asked.tests]
    table = Table(pd.DataFrame(rows, pd.Index([test.name for test in asked.tests], name="test")))
    told = [f"({place}) {row.text}" for place, row in enumerate(asked.tests[0].rows, 1)]
    return Answer(command, "; ".join(told) if len(asked.tests) == 1 else "", table, subject.telling.about_tests)


def displayed(subject: Subject, command: str, asked: Displayed) -> Answer:
    """A line of texts and numbers; the numbers in a table too."""
    hypotheses = {part.text: part for part in asked.parts if not isinstance(part, str)}
    values = subject.values([*hypotheses.values()]) if hypotheses else np.empty((1, 0))
    middle = dict(zip(hypotheses, subject.telling.middle(values).tolist(), strict=True))
    line = "".join(part if isinstance(part, str) else number(middle[part.text]) for part in asked.parts)
    return Answer(command, line, subject.table([*hypotheses], values) if _varies(values) else None)


def _varies(values: Floats) -> bool:
    return bool(values.size) and bool((np.ptp(values, axis=0) > 0).any())
