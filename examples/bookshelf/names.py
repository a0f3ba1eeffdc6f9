"""Given and family names from many places, and how each place puts them together."""

# ruff: noqa: RUF001  (letters of other scripts are the point here)

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CULTURES", "Culture"]


@dataclass(frozen=True, slots=True)
class Culture:
    """Names that go together, and the languages their bearers write in."""

    languages: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    pattern: str = "{given} {family}"


def _culture(languages: str, given: str, family: str, pattern: str = "{given} {family}") -> Culture:
    """Read the lists; a tilde stands for a space inside a name."""
    return Culture(tuple(languages.split()), _names(given), _names(family), pattern)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.replace("~", " ") for name in text.split())


CULTURES = (
    _culture(
        "en",
        "Alice Rowan Edith Hugh Margaret Owen Harriet Callum Imogen Fergus Winifred Gareth Beatrix Neil",
        "Ashworth Pemberton Hargreaves Tregenza Macleod Whitlock Penhaligon Llewellyn Fairbairn Thorne",
    ),
    _culture(
        "en",
        "Aoife Niamh Seán Caoimhe Ciarán Sinéad Pádraig Gráinne Eoghan Máire Diarmuid Róisín",
        "O'Sullivan Ó~Briain MacCarthy O'Dowd Kavanagh Brennan O'Malley Gallagher Tierney",
    ),
    _culture(
        "en",
        "Ezra Naomi Walter Josephine Calvin Loretta Theodore Marisol Dwight Opal Jerome Adelaide",
        "Whitfield Calloway Redbird Hathaway Okafor-Reed Lindqvist Delacroix Tallchief Bridger Monroe Vance",
    ),
    _culture(
        "fr fr en",
        "Élodie Jérôme Noémie Benoît Chloé Gaëtan Hélène Loïc Maëlle Rémi Zoé François Aurélie Thibault",
        "Lefèvre Béranger Dubois Châtelain Garnier Hébert Marchand Rousselot Sérignac Vallée Desrosiers",
    ),
    _culture(
        "de de en",
        "Jürgen Anneliese Björn Käthe Lothar Grete Matthäus Ulrike Rüdiger Heike Sönke Dörte Wolfram",
        "Müller Schönfeld Böhm Weißenberg Krüger Lindenau Hölscher Vogelsang Grünewald Köhler Rößler",
    ),
    _culture(
        "es es en",
        "Íñigo Lucía Ramón Begoña Andrés Inés Joaquín Nuria Óscar Ximena Álvaro Pilar Tomás Graciela",
        "García~Muñoz Ibáñez~Soler Núñez~Rey Peña~Castaño Gómez~Vélez Zúñiga~Ríos Durán~León Ordóñez~Cruz",
    ),
    _culture(
        "it it en",
        "Giulia Niccolò Benedetta Michele Fiammetta Ruggero Ludovica Tancredi Ilaria Cosimo Ginevra Elio",
        "Bellandi Carrù Dell'Acqua Fabbri Morosini Nardò Quattrini Salvemini Tagliaferri Viganò Zanetti",
    ),
    _culture(
        "pl pl en",
        "Zofia Łukasz Jadwiga Wojciech Świętosława Bartłomiej Małgorzata Stanisław Halina Grażyna Mieszko",
        "Wiśniewicz Dąbek Żurawik Kołodziej Śliwka Jabłoński Gołąb Wróbel Zając Krawczuk Mącik",
    ),
    _culture(
        "pt pt en",
        "Tomé Conceição João Inês Otávio Luísa Estêvão Amália Caetano Fátima Jerônimo Beatriz",
        "Gonçalves Simões Magalhães Leitão Falcão Araújo Brandão Queirós Assunção Nóbrega Vilaça",
    ),
    _culture(
        "sv sv en",
        "Åsa Göran Märta Björn Ebba Håkan Linnéa Sören Tuva Örjan Signe Anders Ylva",
        "Sjöberg Åkerlund Nyström Hägglund Björkman Lövgren Östlund Dahlquist Ekström Fält Rönn",
    ),
    _culture(
        "ja",
        "春香 健一 美咲 大輔 千尋 修 直子 翔太 和子 光 詩織 誠",
        "小林 佐々木 渡辺 山口 石川 藤原 三浦 長谷川 森田 木村 中島",
        "{family} {given}",
    ),
    _culture(
        "en",
        "Haruki Ayako Kenji Shōko Jun'ichi Tōru Yūko Reiko Daisuke Kōhei Sakura",
        "Katō Ōnishi Satō Kōno Yoshimoto Inoue Endō Tsushima Murase Ōba",
        "{given} {family}",
    ),
    _culture(
        "en",
        "Xiùlán Wénjūn Yǔtíng Zhìqiáng Lìhuá Jiànguó Měilíng Hàorán Sùzhēn Míngzé",
        "Chén Lǐ Zhāng Wú Féng Xǔ Guō Zhào Lín Sū",
        "{family} {given}",
    ),
    _culture(
        "en",
        "Thanh~Hà Minh~Đức Ngọc~Ánh Quang~Vũ Bảo~Châu Hữu~Phước Thuỳ~Linh Đình~Khôi",
        "Nguyễn Trần Lê Phạm Hoàng Võ Đặng Bùi Đỗ",
        "{family} {given}",
    ),
    _culture(
        "en",
        "Adaeze Olúfẹ́mi Chinedu Títílayọ̀ Ngozi Babájídé Ifeoma Ayọ̀délé Obinna Ṣadé Emeka Yétúndé",
        "Okonkwo Adéyẹmí Nwosu Ògúnlẹ́yẹ Eze Bámgbóṣé Onyekachi Fálànà Uzoma Akíntọ́lá",
    ),
    _culture(
        "en",
        "Anindita Subramaniam Kavitha Debashish Meenakshi Arjun Lakshmi Farhan Shreya Raghunath Zubaida",
        "Chattopadhyay Venkataraman Iyer Mukherjee Qureshi Deshpande Nair Choudhury Bhattacharya Rao",
    ),
    _culture(
        "en",
        "Layla Yūsuf Nādiya Khālid Sāmiya Ṭāriq Hanān Ibrāhīm Ruqayya Walīd Zaynab",
        "al-Khaṭīb Ḥaddād Manṣūr Qabbānī al-Rashīd Naṣr Darwīsh Ṣabbāgh Khoury Ziyāda",
    ),
    _culture(
        "en",
        "Ayşe Çağlar Gülşen Oğuz Şebnem İlker Tuğba Özgür Nilüfer Kıvanç",
        "Yıldız Öztürk Çelik Güneş Şahin Aydoğan Kılıç Ünal Balcı Erdoğdu",
    ),
    _culture(
        "en",
        "Guðrún Þórdís Ásta Hrafnhildur Sólveig Ragnheiður Steinunn Álfheiður",
        "Einarsdóttir Þorsteinsdóttir Björnsdóttir Ragnarsdóttir Hallgrímsdóttir Ægisdóttir Káradóttir",
    ),
    _culture(
        "en",
        "Ελένη Δάφνη Ιφιγένεια Χλόη Αλεξάνδρα Μαρίνα Κυβέλη Θάλεια",
        "Παπαδάκη Μαυρογιάννη Καραμάνου Ξενάκη Θεοδώρου Βλάχου Ρήγα",
    ),
    _culture(
        "en",
        "Алёна Сергей Оксана Дмитро Василиса Тарас Людмила Богдан",
        "Журавель Коваль Соловей Шевчук Белоконь Гончар Лещенко",
    ),
)
