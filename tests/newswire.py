"""Invented news of a wire with the truth about it: which reports tell of one event, which texts are copies.

Events share countries, bodies, people and the phrases of the trade, as running stories of one region do. What is an
event's own are the words for what happened, and these drift: a report of the fifth day says other things than the first
one's. Edits are those of newsrooms: cuts, another header, translated punctuation, paragraphs moved.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ingest.fingerprint import features
from ingest.records import Article, Mention, TaggedArticle
from ingest.relation import Telling
from tests.newsroom.generated import generated_articles

BEGAN = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
HEADERS = (
    "JAKARTA (Antara) -",
    "TOKYO, 4 March (Reuters) -",
    "Oleh: Redaksi",
    "（新华社北京）",
    "МОСКВА, ТАСС —",
    "القاهرة (رويترز) -",
)
SIGNS = (
    {'"': "“", "'": "’", "-": "—", ",": "،", ".": "…", "，": ",", "。": ".", "،": ","},
    {'"': "«", ",": " –", "“": "「", "”": "」", "、": "・", "，": "、", "—": "-"},
)
# Words of what happened, in the order in which they come up from day to day.
EVENTS = {
    "id": [
        "penghubung kantor aliansi duta penugasan peresmian gedung traktat keberatan staf sewa lantai perwakilan "
        "atase kemitraan penolakan veto parlemen penundaan anggaran persetujuan bendera upacara pembukaan kunjungan "
        "protokol",
        "latihan manuver kapal fregat tembakan torpedo helikopter selat armada pendaratan marinir amfibi simulasi "
        "skuadron pangkalan tabrakan kerusakan lambung evakuasi awak penyelidikan rekaman tuduhan nota protes "
        "peringatan",
        "gempa magnitudo episentrum tsunami peringatan pengungsi reruntuhan bangunan roboh susulan tenda logistik "
        "relawan korban luka jenazah identifikasi pemakaman jembatan longsor pasokan listrik padam pemulihan bantuan "
        "rekonstruksi",
        "suap korupsi tersangka penyidik penggeledahan sitaan rekening transfer jaksa dakwaan terdakwa pembelaan "
        "saksi hakim vonis banding penjara denda pengacara praperadilan penahanan paspor pencekalan lelang aset "
        "pencucian",
        "semikonduktor cip ekspor lisensi pembatasan litografi pabrik subsidi investor saham anjlok pemasok silikon "
        "wafer perakitan tarif balasan gugatan sengketa panel arbitrase relokasi insentif teknisi paten fotoresis",
        "reaktor limbah nuklir pelepasan tritium perikanan nelayan boikot seafood radiasi sampel pengujian inspektur "
        "tangki pengenceran terowongan kompensasi plankton larangan impor importir restoran pelanggan laboratorium",
        "penyanderaan sandera pemberontak pilot helikopter negosiator tebusan pedalaman distrik pembebasan operasi "
        "pengepungan ultimatum video rekaman tembak-menembak prajurit gugur evakuasi keluarga gereja mediator uskup",
        "vaksin wabah virus unggas mutasi karantina pemusnahan peternak ayam telur kandang penularan gejala demam "
        "pasien isolasi laboratorium sekuens antivirus dosis uji klinis kementerian kewaspadaan pembatasan pasar "
        "pedagang",
        "pemilu kandidat kampanye debat survei elektabilitas koalisi partai suara pemungutan tinta kotak rekapitulasi "
        "kecurangan gugatan mahkamah sengketa putusan pelantikan kabinet oposisi petahana pendukung relawan baliho",
        "penerbangan pesawat jatuh bangkai maskapai pramugari penumpang manifes landasan cuaca turbulensi perekam "
        "kotak hitam investigasi mesin baling perawatan regulator larangan terbang armada keluarga identifikasi "
        "santunan",
    ],
    "en": [
        "liaison office alliance ambassador posting lease premises treaty objection staff envoy attache partnership "
        "refusal veto parliament delay budget approval flag ceremony opening visit protocol accreditation embassy",
        "drill manoeuvre frigate torpedo helicopter strait fleet landing marines amphibious squadron base collision "
        "hull damage evacuation crew inquiry footage accusation note protest warning salvage tugboat drydock",
        "earthquake magnitude epicentre tsunami shelter rubble collapsed aftershock tents volunteers injured bodies "
        "identification burial bridge landslide supplies blackout recovery relief reconstruction donors engineers "
        "cracks",
        "bribery suspect investigators raid seized accounts transfer prosecutor indictment defendant defence witness "
        "judge verdict appeal prison fine lawyer hearing detention passport auction assets laundering sentencing "
        "clemency",
        "semiconductor chips export licence curbs lithography factory subsidy investors shares slump suppliers "
        "silicon wafer assembly tariff retaliation lawsuit dispute arbitration relocation incentives technicians "
        "patents photoresist",
        "reactor wastewater discharge tritium fisheries fishermen boycott seafood radiation samples testing "
        "inspectors tanks dilution tunnel compensation plankton ban importers restaurants customers laboratory "
        "isotopes sediment",
        "hostages rebels pilot negotiators ransom highlands district release siege ultimatum video gunfight soldiers "
        "killed families church mediator bishop airstrip captors handover militants convoy ambush",
        "vaccine outbreak virus poultry mutation quarantine culling farmers chickens eggs barns transmission symptoms "
        "fever patients isolation sequencing antivirals doses trial vigilance markets traders feathers biosecurity",
    ],
}
TRADE = {
    "id": (
        "pertemuan menteri pemerintah pernyataan kebijakan kerja sama kawasan keamanan stabilitas juru bicara "
        "wartawan konferensi pers pejabat sumber laporan pekan mendatang pembahasan kesepakatan hubungan bilateral "
        "delegasi komitmen dukungan tekanan kekhawatiran masyarakat internasional pengamat analis dampak ekonomi "
        "perdagangan pertahanan presiden perdana diplomat dialog ketegangan perbatasan kedaulatan hukum peraturan "
        "dewan anggota sidang resolusi prioritas strategis kepentingan nasional tantangan peluang langkah tindakan "
        "rencana upaya proses tahap hasil jadwal"
    ),
    "en": (
        "meeting minister government statement policy cooperation region security stability spokesman reporters "
        "conference officials sources report week talks agreement relations bilateral delegation commitment support "
        "pressure concern international observers analysts impact economy trade defence president prime diplomats "
        "dialogue tension border sovereignty law rules council members session resolution priority strategic "
        "interests national challenges steps action plan efforts process stage outcome schedule"
    ),
}
COMMON = {
    "id": (
        "yang dan di itu dengan untuk pada ini dari dalam akan tidak juga telah oleh ke sudah mereka ada bisa karena "
        "saat kata setelah lebih menjadi atau para sebagai tersebut"
    ),
    "en": (
        "the of and to in a that is for on with as by at from it was are be have has had which said they this not would"
    ),
}
BODIES = ("NATO", "ASEAN", "European Union", "United Nations", "Pentagon", "Quad")
PEOPLE = ("Fumio Kishida", "Jens Stoltenberg", "Antony Blinken", "Joko Widodo", "Wang Yi", "Retno Marsudi")
PLACES = ("Tokyo", "Beijing", "Jakarta", "Brussels", "Okinawa", "Manila")


class Report(NamedTuple):
    """One report, and the number of the event that it tells of."""

    event: int
    telling: Telling


def edited(body: Sequence[str], chance: random.Random) -> list[str]:
    """The paragraphs as another newsroom prints them: one to four edits of four kinds."""
    found = list(body)
    for edit in chance.sample(("cut", "header", "signs", "order"), chance.randint(1, 4)):
        if edit == "cut" and len(found) > 3:
            kept = sorted(chance.sample(range(len(found)), max(2, round(len(found) * chance.uniform(0.4, 0.9)))))
            found = found[: len(kept)] if chance.random() < 0.5 else [found[at] for at in kept]
        elif edit == "header":
            found = [f"{chance.choice(HEADERS)} {found[0]}", *found[1:]]
        elif edit == "signs":
            signs = chance.choice(SIGNS)
            found = ["".join(signs.get(sign, sign) for sign in part) for part in found]
        elif edit == "order":
            chance.shuffle(found)
    return found


def text_pairs(count: int, seed: int) -> list[tuple[str, str, str]]:
    """Language, body and an edited copy of it, from the newsroom's articles in six languages."""
    chance = random.Random(f"pairs/{seed}")
    return [
        (one.language, "\n".join(one.body), "\n".join(edited(one.body, chance)))
        for one in generated_articles(count, seed=seed)
    ]


def reports(language: str, each: int, seed: int) -> list[Report]:
    """So many reports on each event, all running side by side for a week; in the order in which they came out."""
    chance = random.Random(f"reports/{language}/{seed}")
    found = []
    for event, words in enumerate(EVENTS[language]):
        own = [f"Person {event}-{at} Xylander" for at in range(2)]
        cast = [*chance.sample(BODIES, 2), *chance.sample(PEOPLE, 2), *chance.sample(PLACES, 2)]
        for number in range(each):
            id, day = f"{language}{event}-{number}", chance.uniform(0, 7)
            names = [chance.choice(own), *chance.sample(cast, 4)]
            found.append(Report(event, _report(id, language, words.split(), names, chance, day=day)))
    return sorted(found, key=lambda one: one.telling.time)


def _report(
    id: str, language: str, words: list[str], names: list[str], chance: random.Random, *, day: float
) -> Telling:
    """Each day one of the words that were news is not any more, and another one is."""
    told = chance.sample(words[round(day) : round(day) + 18], chance.randint(10, 14))
    title = [*chance.sample(told, 4), *chance.sample(TRADE[language].split(), 2)]
    body = [word for word in told for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    body += chance.choices(TRADE[language].split(), k=45) + chance.choices(COMMON[language].split(), k=110)
    chance.shuffle(body)
    lines = "\n".join(" ".join(body[at : at + 25]) for at in range(0, len(body), 25))
    mentions = [_mention(name, "person", chance) for name in names] + [_mention("Japan", "country", chance)]
    article = Article(
        id=id, url=f"https://{id}.example/", title=" ".join(title), body=lines, language=language, content_hash=id
    )
    made = features(TaggedArticle(article=article, mentions=tuple(mentions)))
    return Telling(
        article_id=id,
        time=BEGAN + timedelta(days=day),
        language=language,
        title=article.title,
        signature=made.signature,
        terms=made.terms,
    )


def _mention(name: str, kind: str, chance: random.Random) -> Mention:
    fields = {"id": name, "type": kind, "name": name, "surfaces": (name,), "count": chance.randint(1, 4)}
    return Mention.model_validate({**fields, "spans": ((0, 1),), "linked": not name.startswith("Person")})
