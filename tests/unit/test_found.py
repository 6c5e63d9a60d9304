"""Names that a model finds: borders, types, how they map to the text, and what the model's arithmetic promises."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.tagging.crf import marginals, read_model, viterbi, write_model
from ingest.tagging.features import attributes, frames, islands_of, quoted_in, runs_in
from ingest.tagging.found import Found, found_in, labels, languages
from ingest.tagging.lexicon import read_lexicon, write_lexicon
from ingest.tagging.roles import ROLES, said_of, word_of
from ingest.tagging.tokens import sentences_in, tokens_in
from ingest.tagging.training.corpora import (
    Sentence,
    contracted,
    mapped_back,
    read_marked,
    read_sentences,
    retokenised,
    spans,
)
from ingest.tagging.training.learn import Cost, learn_apart
from ingest.tagging.training.recipes import OWN
from ingest.tagging.voting import voted
from ingest.tagging.weights import NONE, Weights

NEWS = (
    "Presiden Joko Widodo bertemu Perdana Menteri Fumio Kishida di Tokyo, Senin (25/7/2022).\n"
    "Wakil Ketua DPR Sukarno Hadiputra mengatakan kepada wartawan di Jakarta bahwa Partai Golkar setuju. "
    "“Kami mendukung,” kata Hadiputra."
)


def surfaces(text: str, language: str) -> set[tuple[str, str]]:
    return {(text[name.start : name.end], name.type) for name in found_in(text, language)}


def test_indonesian_names_are_found_with_their_types_known_to_a_list_or_not() -> None:
    found = surfaces(NEWS, "id")
    assert ("Joko Widodo", "person") in found
    assert ("Sukarno Hadiputra", "person") in found
    assert ("Hadiputra", "person") in found
    assert ("Partai Golkar", "organisation") in found
    assert ("Tokyo", "place") in found
    assert ("Jakarta", "place") in found


def test_malay_is_read_by_the_indonesian_model() -> None:
    text = "Perdana Menteri Anwar Ibrahim tiba di Kuala Lumpur selepas mesyuarat di Jakarta."
    assert ("Anwar Ibrahim", "person") in surfaces(text, "ms")
    assert ("Kuala Lumpur", "place") in surfaces(text, "ms")


def test_english_names_are_found() -> None:
    text = "Senator Lindsey Graham of South Carolina said Boeing would reopen its plant in Texas."
    found = surfaces(text, "en")
    assert ("Lindsey Graham", "person") in found
    assert ("South Carolina", "place") in found
    assert ("Texas", "place") in found


def test_portuguese_names_are_found() -> None:
    text = "O senador Tiago Vilarinho, de Goiás, disse à Gazeta do Planalto que a Vinícola Aurora exporta para Angola."
    found = surfaces(text, "pt")
    assert ("Tiago Vilarinho", "person") in found
    assert ("Goiás", "place") in found
    assert ("Angola", "place") in found


def test_words_that_a_corpus_takes_apart_are_put_together_and_keep_their_names() -> None:
    words = ("De", "os", "rios", "em", "a", "Serra", "de", "a", "Fonte", "por", "o", "mar")
    labels = ("O", "O", "O", "O", "O", "B-place", "I-place", "I-place", "I-place", "O", "O", "O")
    together = contracted(Sentence(words, labels))
    assert together.words == ("Dos", "rios", "na", "Serra", "da", "Fonte", "pelo", "mar")
    assert spans(together.labels) == [(3, 6, "place")]


def test_kinds_of_text_learn_from_each_other_and_keep_their_own_ways() -> None:
    def told(name: str, country: str) -> Sentence:
        labels = ("B-person", "O", "O", country, "O")
        return Sentence((name, "terbang", "ke", "Peru", "."), labels)

    names = ["Tono", "Rini", "Wati", "Bayu", "Sari", "Agus"]
    kinds = {"news": [told(name, "O") for name in names], "works": [told(name, "B-place") for name in names[:2]]}
    weights = learn_apart(kinds, {}, Cost())
    unseen = [["Tono", "terbang", "ke", "Peru", "."], ["Agus", "terbang", "ke", "Peru", "."]]
    read = {kind: [one.labels for one in weights[kind].model({}).labelled(unseen)] for kind in kinds}
    assert read["news"] == [["B-person", "O", "O", "O", "O"]] * 2
    assert read["works"] == [["B-person", "O", "O", "B-place", "O"]] * 2, "Agus is known from the other kind"


@pytest.mark.parametrize("language", ["ja", "ar", "zh", "ru", None, "", "xx"])
def test_a_language_without_a_model_has_no_names_here(language: str | None) -> None:
    assert found_in(NEWS, language) == ()
    assert labels(["Jakarta"], language) == ["O"]


def test_the_languages_with_models_are_named() -> None:
    assert languages() == {"id", "ms", "en", "pt"}


@pytest.mark.parametrize("text", ["", "\n\n", "…", "\ud800 Jakarta", "A", "a\u0000b", "(" * 500, "Jakarta " * 300])
def test_odd_texts_break_nothing(text: str) -> None:
    for name in found_in(text, "id"):
        assert text[name.start : name.end].strip()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from(NEWS.split()), max_size=60).map(" ".join))
def test_names_are_in_order_apart_inside_the_text_and_scored(text: str) -> None:
    found = found_in(text, "id")
    assert found == found_in(text, "id")
    for name in found:
        assert 0 <= name.start < name.end <= len(text)
        assert 0 <= name.score <= 1
        assert "\n" not in text[name.start : name.end]
    for one, other in itertools.pairwise(found):
        assert one.end <= other.start


def test_labels_are_given_for_the_words_that_came_however_signs_cling_to_them() -> None:
    words = ["Ketua", "DPR", "Sukarno", "Hadiputra", "tiba", "di", "Jakarta?", "Kata", "dia", "begitu", "."]
    given_labels = labels(words, "id")
    assert len(given_labels) == len(words)
    assert given_labels[6] == "B-place"
    assert given_labels[2:4] == ["B-person", "I-person"]


@given(st.text(max_size=300))
def test_tokens_hold_all_but_white_space_and_underscores_apart_nothing(text: str) -> None:
    tokens = tokens_in(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert "".join(token.text for token in tokens) == "".join(text.split())


def test_sentences_end_at_full_stops_not_at_initials_titles_and_numbers() -> None:
    text = "Prof. Dr. R. Soepomo lahir di Sukoharjo. Ia wafat pada 1958.\nBaris baru"
    assert [sentence[0].text for sentence in sentences_in(text)] == ["Prof", "Ia", "Baris"]


def test_a_text_without_a_full_stop_is_cut_into_bounded_pieces() -> None:
    assert max(len(sentence) for sentence in sentences_in("Jakarta " * 5000)) <= 120


def test_what_is_learnt_is_what_is_read() -> None:
    """The quick reading by roles says of each word what the trainer was given."""
    lexicon = {"jakarta": ("gci",), "di": ("hL",), "ketua": ("hT",)}
    sentence = 'Ketua " Dr . Joko " dan Siti , S . H . , tiba di Jakarta Pusat , kota itu'
    texts = sentence.split(" ")
    words = [word_of(text, lexicon) for text in texts]
    edge = word_of("\n", lexicon)
    runs = runs_in(words)
    every = attributes(texts, lexicon)
    for first, end in islands_of(runs):
        for at, frame in zip(range(first, end), frames(words, runs, first, end, quoted_in(words)), strict=True):
            said = list(frame.joint)
            for role, holder in zip(ROLES, frame.held, strict=True):
                if holder != -2:
                    said += said_of(words[holder] if holder >= 0 else edge, role)
            assert said == every[at]


@pytest.mark.parametrize("word", ["\n", "Ketua", "anak-anak", "di", "A", "PKB"])
def test_the_sum_of_a_word_in_a_role_is_that_of_all_that_is_said_of_it(word: str) -> None:
    lexicon = {"ketua": ("hT", "i5"), "di": ("hL", "cx"), "pkb": ("go", "ux"), "anak-anak": ("i7",)}
    every = sorted(
        {one for text in ("\n", *lexicon, word) for r in ROLES for one in said_of(word_of(text, lexicon), r)}
    )
    table = np.random.default_rng(9).normal(size=(len(every), 3)).astype(np.float32)
    row = {attribute: at for at, attribute in enumerate(every)}
    weights = Weights(row, table, lexicon)
    at = (weights.ids.get(word) or weights.learn(word))[1]
    for number, role in enumerate(ROLES):
        held = np.full((1, len(ROLES)), NONE)
        held[0, number] = at
        expected = table[[row[one] for one in said_of(word_of(word, lexicon), role)]].sum(axis=0)
        assert np.allclose(weights.of(held)[0], expected, atol=1e-5), role
        assert np.allclose(weights.of(held)[0], expected, atol=1e-5), f"{role}, kept"


def test_a_model_that_forgets_words_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before = found_in(NEWS, "id")
    monkeypatch.setattr("ingest.tagging.crf.MOST_WORDS", 3)
    assert [found_in(NEWS, "id"), found_in(NEWS, "id")] == [before, before]


@given(st.text(alphabet="aB1. \n_-’”", max_size=80))
def test_a_low_line_is_a_word_of_its_own_and_sentences_keep_every_word(text: str) -> None:
    words = [token.text for sentence in sentences_in(text) for token in sentence]
    assert words == [token.text for token in tokens_in(text)]
    assert all("_" not in word or word == "_" for word in words)


def test_only_words_beside_a_capital_may_be_names() -> None:
    sentence = "kemarin sore warga desa Suren timur pergi ke pasar"
    words = [word_of(text, {}) for text in sentence.split(" ")]
    assert islands_of(runs_in(words)) == [(3, 6)]


def test_the_best_labels_and_their_probabilities_are_those_of_trying_all() -> None:
    chance = np.random.default_rng(7)
    scores = chance.normal(size=(4, 1, 3)).astype(np.float32)
    steps = chance.normal(size=(3, 3)).astype(np.float32)
    ways = {
        way: sum(float(scores[at, 0, label]) for at, label in enumerate(way))
        + sum(float(steps[a, b]) for a, b in itertools.pairwise(way))
        for way in itertools.product(range(3), repeat=4)
    }
    lengths = np.array([4])
    assert tuple(viterbi(scores, steps, lengths)[:, 0]) == max(ways, key=lambda way: ways[way])
    weight = {way: np.exp(score) for way, score in ways.items()}
    expected = [
        [sum(w for way, w in weight.items() if way[at] == label) / sum(weight.values()) for label in range(3)]
        for at in range(4)
    ]
    assert np.allclose(marginals(scores, steps, lengths)[:, 0], expected, atol=1e-5)


def test_padding_changes_nothing() -> None:
    chance = np.random.default_rng(8)
    scores = chance.normal(size=(6, 2, 3)).astype(np.float32)
    steps = chance.normal(size=(3, 3)).astype(np.float32)
    both, alone = np.array([6, 3]), np.array([3])
    assert (viterbi(scores, steps, both)[:3, 1] == viterbi(scores[:3, 1:], steps, alone)[:, 0]).all()
    assert np.allclose(marginals(scores, steps, both)[:3, 1], marginals(scores[:3, 1:], steps, alone)[:, 0], atol=1e-5)


def test_a_model_is_written_and_read_the_same_and_a_stranger_is_refused(tmp_path: Path) -> None:
    weights = {"0w=jakarta": np.array([0, 2, 0], dtype=np.float32)}
    steps = np.zeros((3, 3), dtype=np.float32)
    for name in ("one.npz", "two.npz"):
        write_model(tmp_path / name, ["O", "B-place", "I-place"], weights, steps)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert read_model(tmp_path / "one.npz", {}).labelled([["di", "Jakarta"]])[0].labels == ["O", "B-place"]
    np.savez(tmp_path / "other.npz", nothing=np.zeros(1))
    with pytest.raises(ValueError, match=r"other\.npz: no model of names"):
        read_model(tmp_path / "other.npz", {})


def test_a_lexicon_is_written_and_read_the_same(tmp_path: Path) -> None:
    lexicon = {"jakarta": ("gci", "i5"), "bandung": ("gci", "i5"), "di": ("hL",)}
    write_lexicon(tmp_path / "x.words", lexicon)
    assert read_lexicon(tmp_path / "x.words") == lexicon


def test_a_surname_follows_the_full_name_and_one_name_is_of_one_type() -> None:
    text = "Lauren Laverne … Laverne … Mandiri, Mandiri, Mandiri"
    names = [
        Found(0, 14, "person", 0.95),
        Found(17, 24, "place", 0.5),
        Found(27, 34, "organisation", 0.99),
        Found(36, 43, "organisation", 0.8),
        Found(45, 52, "place", 0.6),
    ]
    assert [name.type for name in voted(text, names)] == ["person", "person", *["organisation"] * 3]


def test_a_sure_name_keeps_its_type_whatever_others_say() -> None:
    text = "Sudirman Said di Sudirman"
    names = [Found(0, 13, "person", 0.95), Found(17, 25, "place", 0.96)]
    assert [name.type for name in voted(text, names)] == ["person", "place"]


def test_labelled_words_are_cut_into_our_tokens_and_put_back() -> None:
    sentence = Sentence(("Partai", "Bangsa", "(PKB)", "di", "Indonesia?"), ("B-o", "I-o", "I-o", "O", "B-p"))
    ours = retokenised(sentence)
    assert ours.words == ("Partai", "Bangsa", "(", "PKB", ")", "di", "Indonesia", "?")
    assert spans(ours.labels) == [(0, 5, "o"), (6, 7, "p")]
    assert mapped_back(sentence.words, list(ours.labels)) == list(sentence.labels)


def test_a_tag_nobody_knows_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("Jakarta B-LOC\ndi B-THING\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"train\.txt:2: the tag 'B-THING'"):
        read_sentences(tmp_path / "train.txt")


@pytest.mark.parametrize("language", ["id", "en"])
def test_our_own_sentences_read_well_and_no_name_in_them_is_empty(language: str) -> None:
    sentences = read_marked(OWN / f"{language}.txt")
    assert len(sentences) >= 40
    for sentence in sentences:
        assert len(sentence.words) == len(sentence.labels)
        assert not any("[" in word or "|" in word for word in sentence.words), " ".join(sentence.words)
    assert {kind for sentence in sentences for _, _, kind in spans(sentence.labels)} == {
        "person",
        "organisation",
        "place",
    }


def test_a_mark_nobody_knows_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("# x\nDi [Jakarta|X].\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.txt:2: \[Jakarta\|X\] ends in none of P, G, L"):
        read_marked(tmp_path / "x.txt")
