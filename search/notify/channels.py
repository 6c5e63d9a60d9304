"""Where messages go, by name: rules say `webhook:desk`, the settings say what that is.

    webhook:desk = webhook+https://host/path?secret=…      Kawat's own webhook, see docs/alerts.md
    mailto:desk  = mailtos://user:password@host?to=…       any address of Apprise

One a line, or several in one line with `;` between. An address holds credentials: it is shown nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

from search.notify.apprised import AppriseSender
from search.notify.sending import Sender
from search.notify.webhook import SCHEMES as WEBHOOKS
from search.notify.webhook import Webhook, webhook

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(?::[a-z0-9][a-z0-9_.-]*)?")
NEXT = re.compile(rf"\s*(?:\n|;(?=\s*(?:{NAME.pattern})\s*=\s*[a-zA-Z][\w+.-]*://))\s*")
MASK = "********"
SHORT = 4  # characters: what is shorter is no secret, and masking it would blot out words


class ChannelError(ValueError):
    """Channels that cannot be read. A line each: which, what, what to do; never the address."""


@dataclass(frozen=True)
class Channel:
    """One place that messages go to."""

    name: str
    url: str

    def __repr__(self) -> str:
        return f"Channel({self.name})"

    @property
    def kind(self) -> str:
        """The scheme of its address: webhook+https, mailtos, slack, …"""
        return self.url.partition("://")[0].lower()

    @cached_property
    def sender(self) -> Sender:
        """What brings messages there. Raises ValueError where the address is not understood."""
        return webhook(self.url) if self.kind in WEBHOOKS else AppriseSender(self.url)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """All of its address that could open something, the longest first."""
        parts = urlsplit(self.url)
        values = [value for _, value in parse_qsl(parts.query)] + re.split(r"[&=]", parts.query)
        path = [part for part in parts.path.split("/") if part]
        user = parts.netloc.rpartition("@")[0].split(":")
        host = [] if isinstance(self.sender, Webhook) else [parts.netloc.rpartition("@")[2]]
        found = {self.url, *values, *path, *user, *host}
        found |= {unquote(one) for one in found}
        return tuple(sorted((one for one in found if len(one) >= SHORT), key=len, reverse=True))

    def masked(self, text: str) -> str:
        """`text` without what could open this channel."""
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return text

    @property
    def shown(self) -> str:
        """Its address, as a person may see it."""
        if isinstance(self.sender, Webhook):
            return f"{self.kind}://{urlsplit(self.url).netloc.rpartition('@')[2]}/…"
        return f"{self.kind}://…"


def read_channels(text: str) -> tuple[Channel, ...]:
    """The channels that a setting names, in its order. Raises ChannelError that names every fault."""
    channels: dict[str, Channel] = {}
    faults: list[str] = []
    for number, line in enumerate(filter(_said, NEXT.split(text.strip())), 1):
        name, equals, url = (part.strip() for part in line.partition("="))
        name = name.lower()
        where = f"channel {number}"
        if not equals or "://" not in url:
            faults.append(f"{where}: write NAME=ADDRESS, such as mailto:desk=mailtos://…")
        elif not NAME.fullmatch(name):
            faults.append(f"{where}: its name has to be like webhook:desk: letters, digits, . _ - and one :")
        elif name in channels:
            faults.append(f"{where}: {name} is there already; each channel needs a name of its own")
        else:
            channel = Channel(name, url)
            try:
                _ = channel.sender
            except ValueError as error:
                faults.append(f"{name}: {error}")
            channels[name] = channel
    if faults:
        raise ChannelError("\n".join(faults))
    return tuple(channels.values())


def unknown(name: str, known: Iterable[str]) -> str:
    """For people: that there is no such channel, and which may have been meant."""
    there = sorted(known)
    near = get_close_matches(name, there, n=1)
    if near:
        return f"no channel is called {name!r}; did you mean {near[0]}?"
    return f"no channel is called {name!r}; KAWAT_CHANNELS has {', '.join(there) or 'none'}"


def _said(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
