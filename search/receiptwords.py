"""A coverage receipt in words, Indonesian or English: for the terminal, the page, digests. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeVar
from zoneinfo import ZoneInfo

from search import locales
from search.receipt import NAMED, Blind, Missed, Receipt

EN = {
    "alerts_0": "no alert in {span}",
    "alerts_1": "1 alert in {span}",
    "alerts": "{n} alerts in {span}",
    "articles_0": "not one article from {heard} of {followed} feeds",
    "articles_1": "1 article from {heard} of {followed} feeds",
    "articles": "{n} articles from {heard} of {followed} feeds",
    "no_feeds": "no feed is followed",
    "blind": "blind: {feeds}",
    "blind_one": "{feed} ({why} since {when})",
    "blind_never": "{feed} ({why}, never heard)",
    "more": "and {n} more",
    "deaf": "no feed was heard since {when}: what came and went since then may be missed",
    "paused": "intake is paused: {why}",
    "probe_found": "test article found in {seconds} s",
    "probe_lost": "the test article was NOT found: {why}",
    "probe_none": "no test article: the rule has no example of its own",
    "stemmed_0": "no near miss",
    "stemmed": "near misses: {n} in other forms of the words",
    "excluded": "{n} kept out by its exclusions",
    "missed": "may have been missed, {start} to {end}: {feeds}",
    "delay": "found {seconds} s after they were first seen (median)",
    "muted": "MUTED until {when}: alerts are raised, nobody is told",
    "disabled": "DISABLED: the rule finds nothing",
    "why_dns": "no such host",
    "why_tls": "bad certificate",
    "why_timeout": "timeout",
    "why_connection": "no connection",
    "why_redirect": "leads in circles",
    "why_busy": "host asks for patience",
    "why_gone": "gone",
    "why_empty": "empty",
    "why_not-a-feed": "no feed",
    "why_no-match": "page rebuilt",
    "why_refused": "not asked",
    "why_other": "cannot be read",
    "hours": "{n} h",
    "days": "{n} days",
    "minutes": "{n} min",
}
ID = {
    "alerts_0": "tidak ada peringatan dalam {span}",
    "alerts_1": "1 peringatan dalam {span}",
    "alerts": "{n} peringatan dalam {span}",
    "articles_0": "tidak satu artikel pun dari {heard} dari {followed} umpan",
    "articles_1": "1 artikel dari {heard} dari {followed} umpan",
    "articles": "{n} artikel dari {heard} dari {followed} umpan",
    "no_feeds": "tidak ada umpan yang diikuti",
    "blind": "tak terdengar: {feeds}",
    "blind_one": "{feed} ({why} sejak {when})",
    "blind_never": "{feed} ({why}, belum pernah)",
    "more": "dan {n} lagi",
    "deaf": "tidak ada umpan yang terdengar sejak {when}: yang muncul dan hilang sejak itu mungkin terlewat",
    "paused": "pengambilan dijeda: {why}",
    "probe_found": "artikel uji ditemukan dalam {seconds} dtk",
    "probe_lost": "artikel uji TIDAK ditemukan: {why}",
    "probe_none": "tanpa artikel uji: aturan ini tidak punya contoh",
    "stemmed_0": "tidak ada yang nyaris cocok",
    "stemmed": "nyaris cocok: {n} dalam bentuk kata yang lain",
    "excluded": "{n} tersaring oleh pengecualiannya",
    "missed": "mungkin terlewat, {start} sampai {end}: {feeds}",
    "delay": "ditemukan {seconds} dtk setelah pertama terlihat (median)",
    "muted": "DIBISUKAN sampai {when}: peringatan dicatat, tidak ada yang diberi tahu",
    "disabled": "DIMATIKAN: aturan ini tidak menemukan apa pun",
    "why_dns": "host tidak dikenal",
    "why_tls": "sertifikat tidak sah",
    "why_timeout": "tak menjawab",
    "why_connection": "tak tersambung",
    "why_redirect": "berputar-putar",
    "why_busy": "host minta sabar",
    "why_gone": "hilang",
    "why_empty": "kosong",
    "why_not-a-feed": "bukan umpan",
    "why_no-match": "halaman berubah",
    "why_refused": "tidak ditanya",
    "why_other": "tak terbaca",
    "hours": "{n} jam",
    "days": "{n} hari",
    "minutes": "{n} menit",
}
T = TypeVar("T")
WORDS: Mapping[str, Mapping[str, str]] = {"en": EN, "id": ID}


class Wording:
    """One reader's words and clock."""

    def __init__(self, language: str, tz: str, beside: datetime) -> None:
        self._words, self._language = WORDS[language], language
        self._zone, self._beside = ZoneInfo(tz), beside.astimezone(ZoneInfo(tz))

    def __call__(self, name: str, **values: object) -> str:
        return self._words[name].format(**values)

    def counted(self, name: str, n: int, **values: object) -> str:
        key = f"{name}_{n}" if f"{name}_{n}" in self._words else name
        return self(key, n=self.number(n), **values)

    def number(self, n: float, digits: int = 0) -> str:
        return locales.number(round(n, digits), self._language)

    def when(self, moment: datetime) -> str:
        """Time of day, with the day where it is another."""
        at = moment.astimezone(self._zone)
        same = at.date() == self._beside.date()
        return f"{at:%H:%M}" if same else locales.day_and_clock(at, "d MMM", self._language)

    def span(self, seconds: float) -> str:
        if seconds < 3600:
            return self("minutes", n=self.number(seconds // 60))
        hours = round(seconds / 3600)
        return self("hours", n=self.number(hours)) if hours <= 72 else self("days", n=self.number(hours // 24))

    def why(self, reason: str) -> str:
        return self._words.get(f"why_{reason}", reason)


def receipt_lines(receipt: Receipt, language: str, tz: str) -> tuple[str, ...]:
    """What there is to say, a line each: what was looked at first, then what speaks against trusting the silence."""
    words = Wording(language, tz, receipt.until)
    return tuple(_capital("; ".join(parts)) for parts in _said(receipt, words) if parts)


def receipt_line(receipt: Receipt, language: str, tz: str) -> str:
    """All of it in one line: `No alert in 24 h; 4,812 articles from 39 of 42 feeds; blind: Tempo (403 since 06:10)`."""
    words = Wording(language, tz, receipt.until)
    return _capital("; ".join(part for parts in _said(receipt, words) for part in parts)) + "."


def _said(receipt: Receipt, words: Wording) -> list[list[str]]:
    hearing = receipt.hearing
    span = words.span((receipt.until - receipt.since).total_seconds())
    first = [words.counted("alerts", receipt.alerts, span=span)]
    feeds = {"heard": words.number(hearing.heard), "followed": words.number(hearing.followed)}
    first.append(words.counted("articles", receipt.articles, **feeds) if hearing.followed else words("no_feeds"))
    if receipt.delay is not None:
        first.append(words("delay", seconds=words.number(receipt.delay)))
    return [
        [words("disabled")] if not receipt.enabled else [],
        [words("muted", when=words.when(receipt.muted_until))] if receipt.muted_until else [],
        first,
        [words("deaf", when=words.when(hearing.deaf_since))] if hearing.deaf_since else [],
        [words("paused", why=why) for why in hearing.paused],
        _blind(hearing.blind, words),
        _missed(hearing.missed, words),
        _tested(receipt, words),
    ]


def _blind(blind: Sequence[Blind], words: Wording) -> list[str]:
    def told(one: Blind) -> str:
        why = words.why(one.why)
        if one.since is None:
            return words("blind_never", feed=one.feed, why=why)
        return words("blind_one", feed=one.feed, why=why, when=words.when(one.since))

    return [words("blind", feeds=_named(blind, told, words))] if blind else []


def _missed(missed: Sequence[Missed], words: Wording) -> list[str]:
    """The windows, those of the same minutes as one; the longest first."""

    def window(one: Missed) -> tuple[str, str]:
        return words.when(one.start), words.when(one.end)

    groups = [(key, list(group)) for key, group in groupby(missed, key=window)]
    told = [
        words("missed", start=start, end=end, feeds=_named(group, lambda one: one.feed, words))
        for (start, end), group in groups[:NAMED]
    ]
    rest = sum(len(group) for _, group in groups[NAMED:])
    return [*told, words("more", n=words.number(rest))] if rest else told


def _tested(receipt: Receipt, words: Wording) -> list[str]:
    told = []
    probe = receipt.probe
    if probe is not None and probe.found:
        told.append(words("probe_found", seconds=words.number(probe.seconds, 1 if probe.seconds < 10 else 0)))
    elif probe is not None:
        told.append(words("probe_lost", why=probe.why or probe.sentence))
    if receipt.stemmed is not None:
        told.append(words.counted("stemmed", receipt.stemmed))
    if receipt.excluded:
        told.append(words("excluded", n=words.number(receipt.excluded)))
    return told


def _named(these: Sequence[T], told: Callable[[T], str], words: Wording) -> str:
    parts = [told(one) for one in these[:NAMED]]
    if len(these) > NAMED:
        parts.append(words("more", n=words.number(len(these) - NAMED)))
    return ", ".join(parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
