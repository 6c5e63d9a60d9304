"""Files of rules: what they say, and each fault at its line and column with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.rules.reading import Reading, read_folder, read_texts
from search.rules.records import Condition, Digest, QuietHours, Rule, RuleTests, Together

LIAISON = """
id: liaison-office
name: Liaison office
wordings:
  id: ['"kantor penghubung"', '"pusat penghubung"']
  en: '"liaison office"'
"""
WHOLE = """
id: kantor-penghubung
name: Kantor penghubung
owner: desk-asia
priority: high
type: any
query: '"kantor penghubung" OR (kantor NEAR/5 penghubung) OR concept:liaison-office'
match: exact
where: {language: [id, ms], country: [JP, NO], source: {exclude: [example.com]}}
none_of: ['"hubungan masyarakat"']
together:
  - {names: [NATO, Jepang], within: sentence}
max_age: 2d
dedup: story
update_after: 3
realert: {hours: 6}
digest: {schedule: "0 7 * * *", tz: Asia/Jakarta}
quiet_hours: {from: 22:00, to: "6:00", tz: Asia/Jakarta, bypass: critical}
notify: ["webhook:desk", "mailto:desk"]
backfill: 24h
tests:
  match: ["Kantor penghubung NATO dibuka di Tokyo"]
  no_match: ["Kantor hubungan masyarakat"]
"""
LEAST = "id: x\nname: X\nowner: desk\n"


def read(*rules: str, concepts: tuple[str, ...] = (LIAISON,)) -> Reading:
    return read_texts(
        {f"{n}.yaml": text for n, text in enumerate(rules)},
        {f"concepts/{n}.yaml": text for n, text in enumerate(concepts)},
    )


def rule(text: str) -> Rule:
    reading = read(text)
    assert reading.faults == ()
    return reading.rules.rules[0]


def told(text: str, **given: tuple[str, ...]) -> list[str]:
    return [str(fault) for fault in read(text, **given).faults]


def test_a_rule_as_it_is_written() -> None:
    assert rule(WHOLE) == Rule(
        id="kantor-penghubung",
        name="Kantor penghubung",
        owner="desk-asia",
        priority="high",
        query='"kantor penghubung" OR (kantor NEAR/5 penghubung) OR concept:liaison-office',
        where=(
            Condition(field="lang", include=("id", "ms")),
            Condition(field="country", include=("JP", "NO")),  # Norway is no "false"
            Condition(field="source", exclude=("example.com",)),
        ),
        none_of=('"hubungan masyarakat"',),
        together=(Together(names=("NATO", "Jepang"), within="sentence"),),
        max_age=2 * 86_400,
        update_after=3,
        realert=6 * 3600,
        digest=Digest(schedule="0 7 * * *", tz="Asia/Jakarta"),
        quiet_hours=QuietHours(start="22:00", end="06:00", tz="Asia/Jakarta", bypass="critical"),
        notify=("webhook:desk", "mailto:desk"),
        backfill=86_400,
        tests=RuleTests(match=("Kantor penghubung NATO dibuka di Tokyo",), no_match=("Kantor hubungan masyarakat",)),
    )


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("24h", 86_400),
        ("{hours: 24}", 86_400),
        ("{days: 1, minutes: 30}", 88_200),
        ("2w", 14 * 86_400),
        ("90d", 90 * 86_400),
    ],
)
def test_spans_as_people_and_elastalert_write_them(written: str, seconds: int) -> None:
    assert rule(f"{LEAST}query: NATO\nrealert: {written}\n").realert == seconds


def test_several_rules_in_a_file_of_one_list_or_of_documents() -> None:
    reading = read(
        f"- {{id: b, name: B, owner: d, query: NATO}}\n- {{id: a, name: A, owner: d, query: NATO}}\n---\n{WHOLE}"
    )
    assert [one.id for one in reading.rules.rules] == ["a", "b", "kantor-penghubung"]
    assert reading.faults == ()


def test_what_a_type_needs_and_what_it_leaves_to_kawat() -> None:
    assert (
        rule(f"{LEAST}type: frequency\nquery: NATO\nnum_events: 5\ntimeframe: 6h\nquery_key: country\n").num_events == 5
    )
    spike = rule(f"{LEAST}type: spike\nquery: NATO\nspike_height: 2.5\ntimeframe: 2h\n")
    assert (spike.spike_height, spike.days, spike.spike_type) == (2.5, 7, "up")
    assert rule(f"{LEAST}type: flatline\nthreshold: 1\ntimeframe: 12h\n").query == ""
    assert rule(f"{LEAST}type: new_term\nquery: topic:arms\nfields: [person, country]\n").lookback == 90 * 86_400
    assert rule(f"{LEAST}together: [NATO, Jepang]\n").together == (Together(names=("NATO", "Jepang")),)


NO_SPAN = "'6 hours' is no span of time: a number with s, m, h or d, as in 30m, 6h, 3d; did you mean 6h?"
NO_CHANNEL = "a channel's name belongs here, as in mailto:desk; its address stands in KAWAT_CHANNELS"
NO_QUERY = "query is missing: only a flatline, or a rule with `together`, goes without"
NO_NEAR = "NEAR is written NEAR/5 (or ONEAR/5, in this order), with the most words that may stand between; as a word"
NO_FIELD = "no field is called 'counrty'; did you mean country:?"
NO_PAIRS = "keys with values belong here, as in `key: value`"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("prioriti: high", ["5:1: no key is called 'prioriti'; did you mean priority?"]),
        ("priority: hihg", ["5:11: no value is called 'hihg'; did you mean high?"]),
        ("threshold: 3", ["5:12: threshold has no meaning in any, only in flatline"]),
        ("type: frequency\ntimeframe: 1h", ["1:1: num_events is missing: a rule of type frequency needs it"]),
        ("realert: 6 hours", [f"5:10: {NO_SPAN}"]),
        ("realert: {hour: 6}", ["5:11: no unit is called 'hour'; did you mean hours?"]),
        ("realert:", ["5:8: a value is missing here"]),
        ("where: {countri: JP}", ["5:9: no field is called 'countri'; did you mean co"]),
        ("where: {country: [JP, Indonesa]}", ["5:23: no country is called 'Indonesa'; did you mean Indonesia?"]),
        ("where: {country: {exlude: JP}}", ["5:19: no key is called 'exlude'; did you mean exclude?"]),
        (
            "digest: {schedule: 0 7 * * *, tz: Asia/Djakarta}",
            ["5:35: no time zone is called 'Asia/Djakarta'; use a name like Asia/Jakarta"],
        ),
        (
            "quiet_hours: {from: 22, to: 06:00, tz: UTC}",
            ["5:21: '22' is no time of day: write 06:00 or 22:30"],
        ),
        ("notify: mailto://desk@example.com", [f"5:9: {NO_CHANNEL}"]),
        ("together: [NATO]", ["5:11: two names at least belong here: one alone goes into the query, as entity:NATO"]),
        ("id: y", ["5:1: id stands here twice"]),
        ("none_of: [Tokyo, 'a NEAR b']", [f"5:21: {NO_NEAR}"]),
        ("query_key: body", ["5:12: body has no values to count by", "5:12: query_key has no meaning in any"]),
    ],
)
def test_each_fault_of_a_rule_stands_at_its_place(text: str, faults: list[str]) -> None:
    found = told(f"{LEAST}query: NATO\n{text}\n")
    assert len(found) == len(faults)
    assert all(one.startswith(f"0.yaml:{fault}") for one, fault in zip(found, faults, strict=True)), found


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("'kantor AND counrty:JP'", "4:20"),
        ("'\"it''s\" counrty:JP'", "4:17"),
        ('"\\"a b\\" counrty:JP"', "4:17"),
        ("|\n  kantor\n  counrty:JP", "6:3"),
        (">\n  kantor OR\n  counrty:JP", "6:3"),
        ("kantor OR\n  counrty:JP", "5:3"),
        ("counrty:JP", "4:8"),
    ],
)
def test_a_fault_of_a_query_stands_at_its_character(query: str, place: str) -> None:
    assert told(f"{LEAST}query: {query}\n") == [f"0.yaml:{place}: {NO_FIELD}"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (f"{LEAST}filter: NATO\n", [f"1:1: {NO_QUERY}", "4:1: no key is called 'filter'; did you mean query?"]),
        (
            "id: x\nquery: NATO\n",
            ["1:1: name is missing: each rule has one", "1:1: owner is missing: each rule has one"],
        ),
        (
            "id: X y\nname: X\nowner: d\nquery: NATO\n",
            ["1:5: 'X y' is no id: small letters, digits and hyphens; did you mean x-y?"],
        ),
        ("- a\n- b\n", [f"1:3: {NO_PAIRS}", f"2:3: {NO_PAIRS}"]),
        (f"{LEAST}query: 'NATO\n", ["5:1: this is no YAML: found unexpected end of stream"]),
        (
            f"{LEAST}query: concept:liason-office\n",
            ["4:16: no concept is called 'liason-office'; did you mean liaison-office?"],
        ),
    ],
)
def test_each_fault_of_a_file_stands_at_its_place(text: str, faults: list[str]) -> None:
    assert told(text) == [f"0.yaml:{fault}" for fault in faults]


def test_faults_of_several_kinds_are_told_at_once() -> None:
    assert told(f"{LEAST}query: 'counrty:JP'\nprioriti: high\nrealert: x\n") == [
        "0.yaml:4:9: no field is called 'counrty'; did you mean country:?",
        "0.yaml:5:1: no key is called 'prioriti'; did you mean priority?",
        "0.yaml:6:10: 'x' is no span of time: a number with s, m, h or d, as in 30m, 6h, 3d",
    ]


def test_a_wrong_rule_leaves_the_others_readable() -> None:
    reading = read(f"{LEAST}query: counrty:JP\n", WHOLE)
    assert [one.id for one in reading.rules.rules] == ["kantor-penghubung"]
    assert len(reading.errors) == 1


def test_an_id_stands_once() -> None:
    assert told(WHOLE, concepts=(LIAISON, LIAISON)) == [
        "concepts/1.yaml:2:5: another concept is called liaison-office: concepts/0.yaml:2"
    ]
    assert [str(one) for one in read(WHOLE, WHOLE).faults] == [
        "1.yaml:2:5: another rule is called kantor-penghubung: 0.yaml:2"
    ]


def test_what_is_wrong_with_a_concept_is_told_there_and_not_at_each_rule_that_uses_it() -> None:
    unclosed = "id: liaison-office\nwordings:\n  en: '\"liaison office'\n"
    assert told(WHOLE, concepts=(unclosed,)) == ["concepts/0.yaml:3:8: this quote is not closed"]
    assert told(WHOLE, concepts=("id: liaison-office\nwordings: {xx: a}\n",)) == [
        "concepts/0.yaml:2:12: no language is called 'xx'"
    ]
    assert told(WHOLE, concepts=("id: liaison-office\nwords: {en: a}\n",)) == [
        "concepts/0.yaml:2:1: no key is called 'words'; did you mean wordings?"
    ]


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "concepts").mkdir()
    (tmp_path / "a.yaml").write_text(WHOLE)
    (tmp_path / "concepts" / "liaison.yaml").write_text(LIAISON)
    (tmp_path / "notes.txt").write_text("no: rule")
    reading = read_folder(tmp_path)
    assert reading.faults == ()
    assert [one.id for one in reading.rules.rules] == ["kantor-penghubung"]
    assert reading.rules.queries == {
        "liaison-office": '("kantor penghubung") OR ("pusat penghubung") OR ("liaison office")'
    }
    (tmp_path / "b.yaml").write_bytes(b"id: \xff\xfe")
    assert [str(one) for one in read_folder(tmp_path).faults] == [
        "b.yaml:1:1: this file cannot be read: it is not in UTF-8"
    ]
    (tmp_path / "b.yaml").unlink()
    (tmp_path / ".#a.yaml").write_text("what an editor leaves")
    assert read_folder(tmp_path).rules == reading.rules
    assert [one.message for one in read_folder(tmp_path / "none").faults] == [f"there is no folder {tmp_path / 'none'}"]


def test_a_folder_that_cannot_be_read_is_not_one_without_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    assert [one.message for one in read_folder(tmp_path).errors] == ["Permission denied"]


def test_the_same_files_are_the_same_set() -> None:
    assert read(WHOLE).rules.id == read(WHOLE).rules.id
    assert read(WHOLE).rules.id != read(WHOLE.replace("high", "low")).rules.id
