"""What can go wrong while the local stack is set up, said for the person at the terminal."""

from __future__ import annotations


class SetupError(Exception):
    """A part of the local stack cannot be set up.

    `what` went wrong, `where` (a file, a folder, a package), and what `to_do` about it: three short phrases.
    """

    def __init__(self, what: str, *, where: str, to_do: str) -> None:
        super().__init__(f"{what}\n  where: {where}\n  what to do: {to_do}")
        self.what = what
        self.where = where
        self.to_do = to_do
