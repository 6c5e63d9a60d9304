"""The systemd user unit for `kawat up`, and the word that systemd waits for (sd_notify(3))."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from worker.local.errors import SetupError
from worker.settings import Settings, environment, variable

UNIT = """\
# Made by `kawat service install`; edits are lost with the next one.
[Unit]
Description=Kawat, a streaming news wire
Documentation={documentation}
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
WorkingDirectory={folder}
{environment}EnvironmentFile=-{secrets}
# The first start downloads, and a large index takes its time.
TimeoutStartSec=20min
TimeoutStopSec=20
# `kawat up` ends its own processes in order; what is left after that is killed.
KillMode=mixed
Restart=on-failure
RestartSec=5
# 2: a wrong setting, which no restart mends.
RestartPreventExitStatus=2
UMask=0077

[Install]
WantedBy=default.target
"""

NEXT = (
    "systemctl --user daemon-reload",
    "systemctl --user enable --now kawat      # starts now and at each login",
    "loginctl enable-linger                   # starts at boot, without a login",
    "journalctl --user -u kawat -f            # what it says; the processes' own logs stay in the state folder",
)
STOP = "systemctl --user disable --now kawat; systemctl --user daemon-reload"


def unit_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where systemd looks for a user's own units."""
    return _config(os.environ if environ is None else environ) / "systemd" / "user" / "kawat.service"


def secrets_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where secrets for the service stand, NAME=value a line; to be kept 0600."""
    return _config(os.environ if environ is None else environ) / "kawat" / "environment"


def _config(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def unit(settings: Settings, folder: Path, program: Path | None = None) -> str:
    """The unit's text for the settings in force. Secrets stay out of it: units are readable by all.

    Raises SetupError for a path that systemd takes for no program's.
    """
    program = program or Path(sys.executable).with_name("kawat")
    if not str(program).isprintable() or set(str(program)) & set("\"'\\"):
        to_do = "move Kawat to a folder without quotes and backslashes in its name, or start `kawat up` another way"
        raise SetupError("systemd runs no program with such a name", where=str(program), to_do=to_do)
    given = environment(settings.model_copy(update={"state_dir": settings.state}))
    lines = [
        f"Environment={quoted(f'{name}={value}')}\n"
        for name, value in sorted(given.items())
        if name not in secrets(settings)
    ]
    return UNIT.format(
        documentation=quoted_path((Path(__file__).resolve().parents[2] / "docs" / "operating.md").as_uri()),
        command=f"{quoted(str(program))} up",  # a $ in a program's own path stands for itself
        folder=quoted_path(str(folder)),
        environment="".join(lines),
        secrets=quoted_path(str(secrets_path())),
    )


def secrets(settings: Settings) -> list[str]:
    """The variables set to something that others must not read: a key, a URL with a password."""
    found = []
    if settings.elasticsearch_api_key is not None:
        found.append(variable("elasticsearch_api_key"))
    found += [variable(name) for name in ("elasticsearch_url", "redis_url") if "@" in getattr(settings, name)]
    return found


def quoted(word: str) -> str:
    """One word of a command line or an assignment (systemd.syntax(7)): in double quotes, C escapes, % doubled."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("%", "%%")
    return f'"{escaped}"'


def quoted_path(path: str) -> str:
    """A path that stands alone after `=`: no quotes are taken off there, only % has a meaning."""
    return path.replace("%", "%%")


def notify(message: str, environ: Mapping[str, str] | None = None) -> None:
    """Tells systemd, if it started us: `READY=1`, `STOPPING=1`, `STATUS=…`. Silent where nobody listens."""
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError:
            return
