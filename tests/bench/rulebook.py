"""Rules for measuring: as an analyst writes them, of words as frequent as those of the articles; which of them match
anything is decided here, so that the number of true matches stays the same however many rules there are."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.ports import Document
from search.rules.records import Condition, Rule

HOT = 50  # rules that match, each one phrase of one article; the same in every rule book
COMMON = 0.1  # of the articles: words that more of them have are no words that anybody looks for alone
TOKEN = re.compile(r"\w+")
WORD = re.compile(r"[^\W\d_]{4,}")
IDEOGRAPHS = re.compile("[\u4e00-\u9fff]{2,4}")
KINDS = ("phrase", "phrase", "phrase", "phrase", "and", "and", "near", "or", "or", "where")


@dataclass(frozen=True)
class RuleBook:
    """`rules`, and beside each the phrases that a plain loop would look for."""

    rules: tuple[Rule, ...]
    phrases: tuple[tuple[str, ...], ...]


def rule_book(documents: Sequence[Document], count: int, seed: int = 1) -> RuleBook:
    """So many rules, the first HOT of which match these articles, the others none of them.

    Six of ten look for phrases or one of two, two for three words anywhere, one for two near each other, one for a
    phrase in articles of some country. Their words are drawn as often as articles have them, without the commonest.
    """
    chance = random.Random(seed)
    texts = [plain(one) for one in documents]
    held = [frozenset(_words(text)) for text in texts]
    often = Counter(word for words in held for word in words)
    most = COMMON * len(texts)
    words = sorted(word for word, number in often.items() if number <= most)
    weights = [often[word] for word in words]
    drawn = _drawn(words, weights, chance)
    rules: list[tuple[Rule, tuple[str, ...]]] = [_hot(n, texts, chance) for n in range(min(HOT, count))]
    everything = "\n".join(texts)
    while len(rules) < count:
        made = _cold(f"r{len(rules)}", chance.choice(KINDS), drawn)
        if not any(phrase in everything for phrase in made[1]) and not _together(made[0], held):
            rules.append(made)
    return RuleBook(tuple(rule for rule, _ in rules), tuple(phrases for _, phrases in rules))


def plain(document: Document) -> str:
    """Title and body as the index sees them, more or less: small letters without marks, words parted by one blank."""
    article = document.tagged.article
    letters = unicodedata.normalize("NFKD", f"{article.title}\n{article.body}".casefold())
    return " ".join(TOKEN.findall("".join(one for one in letters if not unicodedata.combining(one))))


def found_by_loop(book: RuleBook, texts: Sequence[str]) -> int:
    """How many pairs of rule and text there are by looking each phrase up in each text: the plain loop."""
    return sum(any(phrase in text for phrase in phrases) for text in texts for phrases in book.phrases)


def _hot(n: int, texts: Sequence[str], chance: random.Random) -> tuple[Rule, tuple[str, ...]]:
    text = texts[(n * 7) % len(texts)]
    runs = re.findall(r"(?=\b([^\W\d_]{4,} [^\W\d_]{4,} [^\W\d_]{3,})\b)", text) or IDEOGRAPHS.findall(text)
    phrase = chance.choice(runs)
    return _rule(f"hot{n}", f'"{phrase}"'), (phrase,)


def _cold(id: str, kind: str, drawn: Iterator[str]) -> tuple[Rule, tuple[str, ...]]:
    a, b, c, d = (next(drawn) for _ in range(4))
    match kind:
        case "and":
            return _rule(id, f"{a} AND {b} AND {c}"), (f"{a} {b}",)
        case "near":
            return _rule(id, f"{a} NEAR/5 {b}"), (f"{a} {b}",)
        case "or":
            return _rule(id, f'"{a} {b}" OR "{c} {d}"'), (f"{a} {b}", f"{c} {d}")
        case "where":
            where = (Condition(field="country", include=("ID", "JP")),)
            return _rule(id, f'"{a} {b}"').model_copy(update={"where": where}), (f"{a} {b}",)
    return _rule(id, f'"{a} {b}"'), (f"{a} {b}",)


def _rule(id: str, query: str) -> Rule:
    return Rule(id=id, name=id, owner="bench", query=query, dedup="article", notify=())


def _together(rule: Rule, held: Sequence[frozenset[str]]) -> bool:
    """Whether an article has all the words of a rule that asks for no order."""
    if " AND " not in rule.query and " NEAR" not in rule.query:
        return False
    words = set(_words(rule.query.casefold())) - {"near"}
    return any(words <= these for these in held)


def _words(text: str) -> list[str]:
    return [*WORD.findall(text), *IDEOGRAPHS.findall(text)]


def _drawn(words: Sequence[str], weights: Sequence[int], chance: random.Random) -> Iterator[str]:
    while True:
        yield from chance.choices(words, weights=weights, k=10_000)
