"""Secrets in files, as containers and systemd give them: `KAWAT_TOKEN_FILE=/run/secrets/token`, not `KAWAT_TOKEN`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

SUFFIX = "_FILE"
LARGEST = 1_000_000  # bytes: what is larger is no secret, but a file named by mistake


def opened(environ: Mapping[str, str], secrets: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """`environ` with what the files say in place of their names, and what is wrong with them, a line each.

    `secrets`: the variables that may have such a form. The newlines that end a file are not the secret's.
    """
    found, faults = dict(environ), []
    for name in secrets:
        where = found.pop(name + SUFFIX, "")
        if not where:
            continue
        if found.get(name):
            faults.append(f"{name}{SUFFIX}: {name} is set, too; leave one of them out")
            continue
        try:
            path = Path(where)
            if path.stat().st_size > LARGEST:
                raise OSError(f"it has more than {LARGEST} bytes")
            found[name] = path.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{name}{SUFFIX}={where!r}: it cannot be read ({_why(error)})")
            continue
        if not found[name].strip():
            faults.append(f"{name}{SUFFIX}={where!r}: the file is empty")
    return found, faults


def _why(error: OSError | UnicodeDecodeError) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
