"""Titles and paragraphs to make articles of: those of a corpus, or invented ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.newsroom.generated import generated_articles


def invented(language: str) -> tuple[list[str], list[str]]:
    """Titles and paragraphs of the newsroom's articles."""
    made = generated_articles(120, seed=5, languages=[language])
    return [one.title for one in made], [text for one in made for text in one.body]


def real(language: str, corpus: Path) -> tuple[list[str], list[str]]:
    """Titles and paragraphs of a corpus in that language."""
    titles, texts = [], list[str]()
    for line in (corpus / "languages" / "ntrex.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        if one["lang"] == language:
            said = one["sentences"]
            titles.append(said[0])
            joint = "" if language == "zh" else " "
            texts += [joint.join(said[at : at + 2]) for at in range(1, len(said), 2)]
    if language == "en":
        for line in (corpus / "expected.jsonl").read_text("utf-8").splitlines():
            one = json.loads(line)
            if one["country"] in {"us", "uk", "ca", "au", "na", "za"}:
                titles.append(one["title"] or titles[0])
                texts += [text for text in one["paragraphs"] or () if text.isascii()]
    if language == "id":
        texts += _sentences(corpus / "ner" / "id-idner" / "train.txt")
        texts += _sentences(corpus / "ner" / "id-nergrit" / "train.txt")
    return titles, texts


def _sentences(file: Path) -> Iterator[str]:
    """Three sentences a paragraph, of a file with a token a line."""
    sentences = [
        " ".join(line.split()[0] for line in part.splitlines() if line.strip())
        for part in file.read_text("utf-8").split("\n\n")
    ]
    for at in range(0, len(sentences), 3):
        text = " ".join(sentences[at : at + 3])
        for mark in (",", ".", ";", ":", "?", "!", ")"):
            text = text.replace(f" {mark}", mark)
        yield text.replace("( ", "(")
