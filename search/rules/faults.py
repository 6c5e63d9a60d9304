"""What is wrong with a file of rules, and where: file, line and column from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ingest.records import Record

Severity = Literal["error", "warning"]


class Fault(Record):
    """One thing to put right. `suggestion`: what was probably meant in its place."""

    file: str  # as seen from the folder of rules
    line: int
    column: int
    message: str
    suggestion: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        kind = "" if self.severity == "error" else "warning: "
        return f"{self.file}:{self.line}:{self.column}: {kind}{self.message}"


class WrongError(Exception):
    """Raised where a value cannot be read; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class RefusedError(Exception):
    """What was to be written is no good: each fault with its place. Nothing was changed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(one.message for one in faults))
        self.faults = tuple(faults)
