"""Addresses in the form of the URL Standard's suite (urltestdata.json), and what an article's id makes of them.

tests/suites/urls.json lists cases as that suite does: `input` and `base`, and either `href`, which must come out as the
address to fetch, or `failure`, words of the refusal. articles.json lists addresses that mean the `same` article, and
such that stand `apart`. docs/suites.md says what differs from the standard, and why.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import Refused
from ingest.urls import article_id, canonical_url, fetchable_url

SUITE = Path(__file__).resolve().parents[1] / "suites/urls.json"
CASES: list[dict[str, Any]] = [case for case in json.loads(SUITE.read_text()) if isinstance(case, dict)]
GROUPS: list[dict[str, Any]] = json.loads(SUITE.with_name("articles.json").read_text())
READ = [case for case in CASES if "href" in case]
REFUSED = [case for case in CASES if "failure" in case]


def name(case: dict[str, Any]) -> str:
    return ascii(case["input"])[:80]


@pytest.mark.parametrize("case", READ, ids=name)
def test_an_address_is_read_as_the_standard_reads_it(case: dict[str, Any]) -> None:
    """And is the same article however often it is cleaned."""
    clean = fetchable_url(case["input"], case.get("base"))
    assert clean == case["href"]
    assert fetchable_url(clean) == clean
    assert canonical_url(canonical_url(clean)) == canonical_url(clean)


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_what_is_no_address_is_refused_and_the_fault_is_named(case: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        fetchable_url(case["input"], case.get("base"))
    assert refusal.value.reason == "bad-url"
    assert case["failure"] in str(refusal.value)


@pytest.mark.parametrize("group", [group for group in GROUPS if "same" in group], ids=lambda group: group["why"])
def test_addresses_that_mean_one_article_have_one_id(group: dict[str, Any]) -> None:
    ids = {address: article_id(address) for address in group["same"]}
    assert len(ids) > 1
    assert len(set(ids.values())) == 1, ids


@pytest.mark.parametrize("group", [group for group in GROUPS if "apart" in group], ids=lambda group: group["why"])
def test_addresses_that_mean_different_articles_have_different_ids(group: dict[str, Any]) -> None:
    ids = {address: article_id(address) for address in group["apart"]}
    assert len(ids) > 1
    assert len(set(ids.values())) == len(ids), ids
