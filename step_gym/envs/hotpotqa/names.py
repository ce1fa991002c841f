"""Invented proper names of the embedded encyclopaedia; none of its people and places is meant to be real."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(";"))


GIVEN_NAMES = {
    "She": _words(
        """
    Ada Agnes Alma Amara Anselma Beata Carla Celia Cora Dagny Edda Elin Elvira Esme Fenna Flora Greta
    Hedda Ida Ilse Ines Irma Johanna Karin Lena Linnea Livia Lotte Maren Marta Mina Nadia Nora Olga Petra
    Ragna Runa Selma Sigrid Thea Tilda Ulrika Vera Wanda Ylva
    """
    ),
    "He": _words(
        """
        Aldo Alvar Anton Arne Axel Bruno Caspar Conrad Dario Edgar Emil Enzo Erik Felix Franz Gustav Hakon
        Henrik Hugo Ivar Jakob Jonas Julius Karel Kasimir Leo Lorenz Ludvik Magnus Matteo Milan Nils Oskar
        Otto Pavel Ruben Rurik Simon Stellan Tomas Ulrik Viktor Walter Yorick Zeno
        """
    ),
}
_SURNAME_STEMS = _words(
    """
    Ahl Berg Bran Brock Cald Dahl Dorn Ek Falk Fenn Gran Hald Harn Holm Jern Kast Kirn Lind Lor Mald Mork
    Nord Oster Palm Quist Rand Ros Sand Skar Sten Strand Tarn Thorn Ulv Vang Vest Wald Wern
    """
)
_SURNAME_ENDINGS = _words(
    """
    a back by dal en er feld gren holt ing ius lund mark ner ov rud sen stad stein wick
    """
)
_TOWN_STEMS = _words(
    """
    Al Am Bel Bor Bram Car Cor Dar Del Dun El Er Fal Fen Gar Gol Hal Hav Ister Jor Kal Kor Lan Lin Mar Mel
    Mor Nav Nor Or Os Pel Rav Ros Sal Sar Tal Tor Ul Vas Ver Vin Wes Zar
    """
)
_TOWN_ENDINGS = _words(
    """
    amo bach beck borg brück dorf enau esk furt gard haven hausen holt ica ingen itz mar mere mouth ova
    sted stow thal ton ucha ville winter
    """
)
_RIVER_STEMS = _words(
    """
    Ab Am Ar Bru Cher Dra Ei Fla Gli Isk Kre Lu Mos Ne Olv Pra Rhi Sav Tre Usk Ve Wer Yss Zwe
    """
)
_RIVER_ENDINGS = _words(
    """
    ber da gava len ma na nitz ra reva sel tava vessa
    """
)
_COUNTRY_STEMS = _words(
    """
    Astr Bald Cord Drav Elg Fjorn Gall Hest Karv Lusk Merv Norg Ostr Pelag Rhuv Veltr
    """
)
_REGION_STEMS = _words(
    """
    Ambr Barr Cald Dun Eld Farr Gers Harl Innis Jast Kell Lorr Mott Nyst Ott Parr Quill Rost Sund Tav
    """
)
_REGION_ENDINGS = _words(
    """
    ania en esse ia mark
    """
)
_LAKE_STEMS = _words(
    """
    Ardo Bel Cirro Dovre Embla Fure Gar Hjal Imatra Jolo Kivi Lago Marma Nemi Orre Perla Siljo Tinn Vatter
    """
)
_LAKE_ENDINGS = ("", "nen", "sea", "va")
_ADJECTIVES = _words(
    """
    Amber Bitter Blind Borrowed Broken Burning Cold Crooked Distant Drowned Early Empty Faithful Forgotten
    Frozen Gentle Golden Hidden Hollow Idle Last Lonely Lost Narrow Nameless Open Painted Pale Patient
    Quiet Restless Salt Second Secret Silent Silver Sleeping Slow Stolen Sunken Tall Unfinished Velvet
    Wandering White Wooden Yellow Young
    """
)
_NOUNS = _words(
    """
    Anchor Archer Bell Bridge Candle Carpenter Clock Compass Courtyard Cradle Dancer Door Dove Engine
    Ferry Fiddler Fountain Garden Gate Glass Harbour Harvest Horseman Hour Island Juggler Kettle Ladder
    Lantern Letter Lighthouse Loom Mason Meadow Mill Mirror Needle Nightingale Orchard Oven Paper Piano
    Pilgrim Potter Promise Quarry Quilt Ring Road Sailor Shepherd Spindle Stair Station Summer Tailor
    Theatre Thread Tide Tower Valley Violin Voyage Wall Weaver Well Window Winter
    """
)
_SEASONS = _words(
    """
    Autumn Exile Flames Moonlight Silence Spring Tears Twilight Waiting Winter
    """
)
PRIZES = tuple(f"{stem}{end} Prize" for stem in _SURNAME_STEMS[::3] for end in ("en", "er", "ius", "stad"))
TRADES = _words(
    """
    Brewing Glass Instruments Machines Mining Paper Shipping Steel Textiles Timber Tobacco Watches
    """
)
PRODUCTS = _phrases(
    """
    bells; candles; carpets; cheese; cider; clocks; copper; cutlery; dried fish; furniture; glass; honey;
    lace; leather; linen; mustard; paper; pottery; salt; silk; soap; toys; violins; wine; wool
    """
)
INSTRUMENTS = _phrases(
    """
    the accordion; the flute; the guitar; the harp; the piano; the trumpet; the violin
    """
)
_CLUBS = ("Athletic", "Albion", "Rovers", "United", "Wanderers")
BUILDINGS = _phrases(
    """
    Assembly Rooms; Concert Hall; Library; Museum; Observatory; Opera House; Theatre
    """
)

MONTHS = _words(
    """
    January February March April May June July August September October November December
    """
)

Draw = Callable[[Sequence[str]], str]
"""Draws one item of a sequence."""


def surname(draw: Draw) -> str:
    """Such as Haldmark."""
    return draw(_SURNAME_STEMS) + draw(_SURNAME_ENDINGS)


def town(draw: Draw) -> str:
    """Such as Melborg."""
    return draw(_TOWN_STEMS) + draw(_TOWN_ENDINGS)


def river(draw: Draw) -> str:
    """Such as Uskdava."""
    return draw(_RIVER_STEMS) + draw(_RIVER_ENDINGS)


def countries() -> Iterator[tuple[str, str]]:
    """Every country's name with its adjective."""
    for stem in _COUNTRY_STEMS:
        yield stem + "ia", stem + "ian"


def region(draw: Draw) -> str:
    """Such as Harlmark."""
    return draw(_REGION_STEMS) + draw(_REGION_ENDINGS)


def lake(draw: Draw) -> str:
    """Such as Lake Nemi."""
    return f"Lake {draw(_LAKE_STEMS)}{draw(_LAKE_ENDINGS)}"


def _with_article(noun: str) -> str:
    return f"{'An' if noun[0] in 'AEIO' or noun == 'Hour' else 'A'} {noun}"


def title(draw: Draw) -> str:
    """A work's title, such as The Silent Harbour."""
    return draw(
        (
            f"The {draw(_ADJECTIVES)} {draw(_NOUNS)}",
            f"The {draw(_NOUNS)} of {draw(_SEASONS)}",
            f"{_with_article(draw(_NOUNS))} in {draw(_SEASONS)}",
            f"{draw(_ADJECTIVES)} {draw(_NOUNS)}",
            f"The {draw(_NOUNS)}'s {draw(_NOUNS)}",
        )
    )


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith("ss") else "s")


def band(draw: Draw) -> str:
    """Such as The Silent Lanterns."""
    return f"The {draw(_ADJECTIVES)} {_plural(draw(_NOUNS))}"


def company(draw: Draw) -> str:
    """Such as Haldmark Glass."""
    return f"{surname(draw)} {draw(TRADES)}"


def media_company(draw: Draw, trade: str) -> str:
    """Such as Lantern Records, for the trade Records."""
    return f"{draw((surname(draw), draw(_NOUNS)))} {trade}"


def building(draw: Draw) -> str:
    """Such as Haldmark Opera House; not named after its town, which would give the town away."""
    return f"{surname(draw)} {draw(BUILDINGS)}"


def club(draw: Draw) -> str:
    """Such as Haldmark Rovers."""
    return f"{surname(draw)} {draw(_CLUBS)}"
