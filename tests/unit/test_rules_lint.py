"""What rules that can be read get wrong all the same: told at its place, with what was probably meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from search.rules.lint import Surroundings, linted
from search.rules.reading import read_texts

AT = datetime(2026, 11, 3, 7, tzinfo=UTC)
LIAISON = "id: liaison\nwordings:\n  id: ['\"kantor penghubung\"']\n  en: '\"liaison office\"'\n"
TESTED = "tests: {match: [NATO]}\n"
AROUND = Surroundings(channels=("webhook:desk", "mailto:desk"), languages=("id", "en"))


def told(text: str, *, concept: str = LIAISON, around: Surroundings = AROUND, tests: str = TESTED) -> list[str]:
    whole = f"id: x\nname: X\nowner: desk\n{text}\n{tests}"
    reading = linted(read_texts({"x.yaml": whole}, {"concepts/c.yaml": concept}), around, AT)
    return [str(fault).removeprefix("x.yaml:") for fault in reading.faults]


@pytest.mark.parametrize(
    "text",
    [
        *("query: NATO", "query: concept:liaison lang:id", "query: 'kantor NEAR/5 penghubung'"),
        "query: '\"near\" Tokyo'",
        "query: NATO\nnotify: ['webhook:desk', 'mailto:desk']",
        "query: NATO\ndigest: {schedule: 0 7 * * 1-5, tz: Asia/Jakarta}",
        "type: flatline\nthreshold: 1\ntimeframe: 6h\nwhere: {source: antaranews.com}",
        "type: frequency\nquery: '*'\nnum_events: 500\ntimeframe: 1h\nquery_key: country\nwhere: {lang: id}",
        "query: NATO\nquiet_hours: {from: '22:00', to: '6:00', tz: UTC}",
        "together: [NATO, Jepang]\nquery: penghubung\nwhere: {lang: [id, ja]}",
    ],
)  # fmt: skip
def test_a_sound_rule_has_no_fault_but_warnings_that_it_runs_each_time(text: str) -> None:
    assert [one for one in told(text) if "asked of every batch" not in one] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("query: kantor near penghubung", '4:15: near is looked for as a word here; did you mean NEAR/5?'),
        ("query: '(kantor Near penghubung) OR x'", "4:17: Near is looked for as a word here"),
        ("query: '\"kantor NEAR/5 penghubung\"'", "4:17: within quotes NEAR/5 is a word like any other"),
        ("query: kantor or penghubung", "4:15: or is looked for as a word here; did you mean OR?"),
        ("query: NATO\nnone_of: [Tokyo, kantor near x]", "5:25: near is looked for as a word here"),
        ("query: '*'", "4:8: this rule would match every article: say what it is about"),
        ("query: seen:7d", "4:8: this rule would match every article"),
        ("query: NATO OR *", "4:8: this rule would match every article"),
        ("query: NOT NATO", "4:8: this rule says only what it does not want"),
        ("query: '*'\nnone_of: NATO", "4:8: this rule says only what it does not want"),
        ("query: NATO\nnone_of: '*'", "5:10: this is found in every article: nothing would match"),
        ("query: country:JP topic:sanctions", "4:8: warning: no word must stand in an article"),
        ("query: NATO\nnotify: 'webhok:desk'", "5:9: no channel is called 'webhok:desk'; did you mean webhook:desk?"),
        ("query: NATO\nnotify: ['webhook:desk', telegram]", "5:26: no channel is called 'telegram'; KAWAT_CHANNELS"),
        ("query: NATO\ndigest: {schedule: 0 7 31 2 *, tz: Asia/Jakarta}", "5:20: '0 7 31 2 *'"),
        ("query: NATO\ndigest: {tz: Asia/Jakarta, schedule: 7 am}", "5:38: '7 am' is no cron schedule"),
        ("query: NATO\nwhere: {country: {include: [JP, ID], exclude: ID}}", "5:18: ID is both wanted and left out"),
        ("query: NATO\nwhere: {lang: [Jepang, ko]}", "5:15: warning: no followed feed is in ja, ko"),
        ("query: NATO\ntogether: [NATO, Natoo]", "5:11: warning: no list knows 'Natoo'"),
        ("query: NATO\ndedup: article\nupdate_after: 2", "6:15: update_after counts a story's sources"),
        ("query: NATO\ntype: flatline\nthreshold: 2\ntimeframe: 1h\nbackfill: 1d", "8:11: a flatline does not look"),
    ],
)  # fmt: skip
def test_each_thing_that_is_not_meant_is_told(text: str, fault: str) -> None:
    found = told(text)
    assert any(one.startswith(fault) for one in found), found
    assert (
        len([one for one in found if "every batch" not in one or "every batch" in fault or "no word" in fault]) == 1
    ), found


def test_a_rule_without_tests_is_pointed_out() -> None:
    assert told("query: NATO", tests="") == [
        "1:1: warning: no test says what this rule is to match: `tests: {match: […]}` keeps it from breaking unseen"
    ]


def test_languages_that_a_concept_has_no_wording_for() -> None:
    around = Surroundings(languages=("id", "en", "ja", "ar"))
    assert told("query: NATO", around=around) == [
        "concepts/c.yaml:3:3: warning: followed feeds are in ar, ja, of which liaison has no wording"
    ]
    assert told("query: NATO", around=Surroundings()) == []


def test_wordings_that_are_no_phrases() -> None:
    anywhere = "is found where its words stand anywhere in a text; as a phrase write"
    concept = "id: liaison\nwordings: {id: [kantor penghubung, kantor NEAR/3 penghubung], en: a near b}\n"
    assert told("query: NATO", concept=concept) == [
        f'concepts/c.yaml:2:17: warning: kantor penghubung {anywhere} "kantor penghubung"',
        f'concepts/c.yaml:2:67: warning: a near b {anywhere} "a near b"',
        'concepts/c.yaml:2:69: near is looked for as a word here; did you mean NEAR/5? As a word write "near"',
    ]


def test_without_settings_channels_are_not_looked_at() -> None:
    assert told("query: NATO\nnotify: x", around=Surroundings()) == []
    assert told("query: NATO\nnotify: x", around=Surroundings(channels=())) == [
        "5:9: no channel is called 'x'; KAWAT_CHANNELS names none"
    ]
