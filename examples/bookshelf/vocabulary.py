"""The words that invented books are made of: titles, subjects, and sentences for their covers."""

from __future__ import annotations

__all__ = [
    "ADJECTIVES",
    "CLOSINGS",
    "FACT_OPENINGS",
    "FACT_PATTERNS",
    "FICTION",
    "FICTION_PATTERNS",
    "MIDDLES",
    "NOUNS",
    "OBJECTS",
    "PEOPLE",
    "PLACES",
    "SEASONS",
    "STORY_OPENINGS",
    "TITLES_ABROAD",
    "TOPICS",
]


def _list(text: str) -> tuple[str, ...]:
    """Read a list with commas between."""
    return tuple(" ".join(part.split()) for part in text.split(","))


FICTION = ("Crime", "Fantasy", "Novels", "Poetry", "Science fiction", "Short stories")

TOPICS = {
    "Architecture": _list(
        "stairs, brick, small houses, public libraries, the railway station, roofs, courtyards"
    ),
    "Art": _list("colour, drawing from life, the woodcut, portraits, blue, the empty canvas, murals"),
    "Astronomy": _list("the Moon, double stars, comets, dark skies, the outer planets, eclipses, galaxies"),
    "Biography": _list(
        "a lighthouse keeper, a forgotten chemist, two sisters, a village doctor, a map engraver"
    ),
    "Computing": _list("compilers, small databases, type systems, the network stack, error messages, caches"),
    "Cookery": _list("bread, soup, rice, pickles, the winter kitchen, pulses, street food, preserves"),
    "Economics": _list("debt, markets, the price of time, shared land, inequality, money, public goods"),
    "Gardening": _list(
        "moss, roses, the kitchen garden, shade, apple trees, compost, balconies, wild corners"
    ),
    "History": _list("salt, the post office, paper, river trade, the spice routes, clocks, borders, tea"),
    "Language": _list("dialects, lost alphabets, punctuation, translation, swearing, grammar, place names"),
    "Law": _list("contracts, the jury, evidence, common land, privacy, precedent, the law of the sea"),
    "Mathematics": _list("prime numbers, symmetry, infinity, knots, chance, graphs, proofs without words"),
    "Medicine": _list("sleep, the heart, vaccines, fever, the healing hand, bones, anaesthesia, memory"),
    "Music": _list("the cello, silence, folk song, harmony, bells, the piano, rhythm, choirs"),
    "Nature": _list("hedgerows, owls, tides, fungi, the night forest, bees, rivers, migration, lichens"),
    "Philosophy": _list("doubt, friendship, attention, freedom, consciousness, boredom, good reasons"),
    "Physics": _list("light, entropy, magnets, time, the vacuum, friction, waves, cold"),
    "Travel": _list("slow trains, islands, mountain passes, the old road, ferries, deserts, border towns"),
}

FACT_PATTERNS = (
    "{topic}",
    "{topic}: an introduction",
    "{topic} explained",
    "a short history of {topic}",
    "a field guide to {topic}",
    "the art of {topic}",
    "understanding {topic}",
    "notes on {topic}",
    "in praise of {topic}",
    "{topic} for the curious",
    "rethinking {topic}",
    "everything about {topic}",
    "the {adjective} book of {topic}",
    "{topic} and {other}",
    "what {place} taught me about {topic}",
    "{topic} in {place}",
    "a {season} of {topic}",
    "conversations about {topic}",
)

FICTION_PATTERNS = (
    "the {adjective} {noun}",
    "the {noun} of {place}",
    "the {noun} and the {noun2}",
    "what the {noun} knew",
    "a {noun} in {season}",
    "the {person}'s {noun}",
    "letters from {place}",
    "before the {noun}",
    "the last {person} of {place}",
    "{season} in {place}",
    "no {noun} in {place}",
    "the {person} and the {noun}",
    "an inventory of {adjective} things",
    "under the {adjective} {noun}",
    "the {person} who kept {object}",
    "seven nights in {place}",
)

ADJECTIVES = _list("""
    quiet, hidden, borrowed, silver, drowned, patient, crooked, forgotten, distant, unwritten,
    little, hollow, paper, northern, burning, second, invisible, generous, winter, salt, wandering,
    broken, gentle, common, seventh
""")

NOUNS = _list("""
    lighthouse, orchard, archive, river, cartographer, house, bell, harbour, garden, mirror,
    library, bridge, clock, comet, staircase, island, kingdom, promise, ferry, shadow, letter,
    window, storm, heron, lantern, compass, piano, map, winter, road, tide, key
""")

PEOPLE = _list("""
    clockmaker, translator, beekeeper, lighthouse keeper, botanist, ferryman, archivist, baker,
    surgeon, astronomer, violinist, glassblower, postmistress, detective, schoolteacher, shepherd,
    printer, diver, gravedigger, signalman, pharmacist
""")

PLACES = _list("""
    Aarhus, Addis Ababa, Bergen, Brno, Buenos Aires, Chennai, Coimbra, Da Nang, Edinburgh, Galway,
    Ghent, Hokkaido, Istanbul, Kraków, La Paz, Lagos, Lisbon, Ljubljana, Lviv, Malmö, Marrakesh,
    Montréal, Nagasaki, Naples, Odesa, Oaxaca, Palermo, Penzance, Québec, Reykjavík, Samarkand, São
    Paulo, Tbilisi, Thessaloniki, Tórshavn, Trieste, Valparaíso, Vilnius, Zanzibar
""")

SEASONS = ("winter", "spring", "summer", "autumn", "October", "April")

OBJECTS = _list("""
    a box of unsent letters, a clock that runs backwards, a map of a town that does not exist, a key
    without a door, a notebook in a stranger's hand, an unfinished song, a photograph with one face
    cut out, a jar of seeds, a ledger of small debts, a bell without a tongue
""")

STORY_OPENINGS = (
    "In {place}, a {person} finds {object} and cannot leave it alone.",
    "When the ferry to {place} stops running, a {person} is left with {object} and one week to explain it.",
    "Every {season} the {person} comes back to {place}; this year somebody is waiting.",
    "A {person} with nothing to lose inherits {object}, and with it a house near {place}.",
    "Nobody in {place} remembers the {noun}, except the {person} who was paid to forget it.",
)

FACT_OPENINGS = (
    "This book looks again at {topic} and asks why we ever stopped paying attention.",
    "Starting from one question about {topic}, the author travels from {place} to {place2}.",
    "A clear and good-humoured account of {topic}, written for readers who have never studied the subject.",
    "Twenty years of work in {place} stand behind these chapters on {topic}.",
    "Few things seem as familiar as {topic}; few turn out to be as strange.",
)

MIDDLES = (
    "What begins as a small matter soon touches everybody on the street.",
    "The argument moves patiently, with many examples and not one word of jargon.",
    "Old letters, weather reports and a single faded photograph carry the story.",
    "Each chapter can be read alone, yet together they make one long thought.",
    "Along the way we meet printers, sailors, sceptics and a very old tortoise.",
    "The prose is exact and warm, and often funnier than it has any right to be.",
    "Maps, diagrams and careful notes accompany the text.",
    "It is a book about work, weather, and the people who look after things.",
)

CLOSINGS = (
    "First published in {language} in {year}.",
    "Shortlisted for several prizes, and passed from hand to hand ever since.",
    "With an index and suggestions for further reading.",
    "This edition has a new afterword by the author.",
    "Readers of the first edition called it a small marvel.",
    "A book to read slowly, and then to lend.",
)

# Heads and tails: any head goes with any tail of its language.
TITLES_ABROAD = {
    "de": (
        _list(
            "Die Stille, Das Licht, Der Schatten, Die Farben, Das Gedächtnis, Der Duft, "
            "Die Karte, Das Lied, Die Hüterin, Das Erbe, Der Garten, Die Stunden"
        ),
        _list(
            "der Berge, des Meeres, des Windes, der Nacht, des Winters, der Flüsse, "
            "der Städte, der Vögel, des Regens, der Inseln, der Bäume, der Sterne"
        ),
    ),
    "es": (
        _list(
            "El silencio, La memoria, La sombra, Los colores, El aroma, El mapa, "
            "El canto, Las estaciones, La guardiana, La herencia, Las horas, La luz"
        ),
        _list(
            "de las montañas, del mar, del viento, de la noche, del invierno, del río, "
            "de la ciudad, de los pájaros, de la lluvia, de las islas, del jardín, de las estrellas"
        ),
    ),
    "fr": (
        _list(
            "Le silence, La mémoire, L'ombre, Les couleurs, Le parfum, La carte, "
            "Le chant, Les saisons, La gardienne, L'héritage, Les heures, La lumière"
        ),
        _list(
            "des montagnes, de la mer, du vent, de la nuit, de l'hiver, du fleuve, "
            "de la ville, des oiseaux, de la pluie, des îles, du jardin, des étoiles"
        ),
    ),
    "it": (
        _list(
            "Il silenzio, La memoria, L'ombra, I colori, Il profumo, La mappa, "
            "Il canto, Le stagioni, Il custode, L'eredità, Le ore, La luce"
        ),
        _list(
            "delle montagne, del mare, del vento, della notte, dell'inverno, del fiume, "
            "della città, degli uccelli, della pioggia, delle isole, del giardino, delle stelle"
        ),
    ),
    "ja": (
        _list("海, 山, 夜, 冬, 川, 町, 鳥, 雨, 島, 庭, 星, 風"),
        _list("の記憶, の影, の色, の香り, の地図, の歌, の季節, の番人, の遺産, の時間, の光, の静けさ"),
    ),
    "pl": (
        _list("Cisza, Pamięć, Cień, Kolory, Zapach, Mapa, Głos, Pory roku, Strażniczka, Dom, Światło"),
        _list("gór, morza, wiatru, nocy, zimy, rzeki, miasta, ptaków, deszczu, wysp, ogrodu, gwiazd"),
    ),
    "pt": (
        _list(
            "O silêncio, A memória, A sombra, As cores, O perfume, O mapa, "
            "O canto, As estações, A guardiã, A herança, As horas, A luz"
        ),
        _list(
            "das montanhas, do mar, do vento, da noite, do inverno, do rio, "
            "da cidade, dos pássaros, da chuva, das ilhas, do jardim, das estrelas"
        ),
    ),
    "sv": (
        _list(
            "Ljuset över, Vägen till, Minnet av, Skuggan av, Sången om, Kartan över, Drömmen om, Breven från"
        ),
        _list("havet, bergen, staden, skogen, ön, floden, trädgården, fyren, bron, hamnen, byn, slätten"),
    ),
}
