"""The language of a text."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ingest.tagging.language import language_of

INDONESIAN = (
    "Pemerintah mengatakan bahwa kantor itu bisa dibuka karena perusahaan sudah membayar uang muka pada hari Senin."
)
MALAY = "Kerajaan memberitahu bahawa pejabat itu boleh dibuka kerana syarikat sudah membayar wang pendahuluan."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (INDONESIAN, "id"),
        (MALAY, "ms"),
        ("The minister said on Monday that the talks would go on for another week.", "en"),
        ("Regjeringen sier at forhandlingene vil fortsette i neste uke, og at ingen er blitt enige om noe ennå.", "no"),
        (
            "Regjeringa seier at forhandlingane vil halde fram i neste veke, og at ingen er samde enno.",
            "no",
        ),
        ("外交部发言人表示，双方将于下个月恢复谈判。", "zh"),
        ("外交部發言人表示，雙方將於下個月恢復談判。", "zh"),
        ("政府は火曜日、協議を再開すると発表した。", "ja"),
        ("정부는 화요일 협상을 재개한다고 발표했다.", "ko"),
        ("أعلنت وزارة الخارجية أن المحادثات ستستأنف الأسبوع المقبل.", "ar"),
    ],
)
def test_a_sentence_of_news_is_told_by_its_words(text: str, expected: str) -> None:
    assert language_of(text) == expected
    assert language_of(text, "en-US") == expected, "a template's wrong hint changes nothing"


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("id-ID", "id"),
        ("EN_us", "en"),
        ("nb", "no"),
        ("iw", "he"),
        ("in", "id"),
        ("fil", "tl"),
        ("x", None),
        ("", None),
        (None, None),
    ],
)
def test_below_twenty_letters_the_hint_stands(hint: str | None, expected: str | None) -> None:
    assert language_of("12.30: Rp 4.000", hint) == expected


def test_a_hint_tips_the_scale_between_neighbours() -> None:
    both = "Perdana menteri akan datang ke sini dengan kapal"
    assert language_of(both, "ms") == "ms"
    assert language_of(both, "id") == "id"


def test_any_text_has_an_answer() -> None:
    for text in ("", "\ud800" * 100, "\x00" * 50, "🙂" * 500, "1" * 5000, "a" * 5000):
        found = language_of(text)
        assert found is None or 2 <= len(found) <= 3


def test_the_model_is_loaded_at_first_use_only() -> None:
    script = (
        "import sys, ingest.article, py3langid.langid, ingest.tagging.language as ours\n"
        "sys.exit(bool(py3langid.langid.IDENTIFIER or ours._identifier.cache_info().currsize))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
