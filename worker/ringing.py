"""A channel rung by hand: one message, sent now, by no delivery."""

from __future__ import annotations

import secrets

from ingest.dates import now
from search.notify.channels import Channel
from search.notify.messages import Messages
from search.notify.sending import Sent
from search.notify.wording import Words
from worker.lanes import Lanes
from worker.settings import Settings


def ring(channel: Channel, settings: Settings) -> Sent:
    """What became of it; never raises. Its key is one of its own: no receiver takes it for another message."""
    key, words = secrets.token_hex(16), Words("id", settings.tz)
    message = Messages(settings.templates, settings.page_url).test(channel.name, key, now(), words)
    sent = Lanes().sent(channel.name, lambda: channel.sender.send(message, key))
    return Sent(sent.kind, sent.status, sent.retry_after, channel.masked(sent.error))
