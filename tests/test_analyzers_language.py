"""Language mixing: which letters and words, which language, which kind, and the shares."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyzers import language_id, scripts
from analysis.analyzers.documents import make_document
from analysis.analyzers.language_mixing import LanguageMixing
from analysis.model import Document
from tests.growth import assert_linear

ANALYZER = LanguageMixing()
EN = "We should think about what the question asks, and then we can find the answer. "
ZH = "我们需要先考虑这个问题的条件，然后再计算出最后的结果。"
JA = "まずこの問題の条件を考えてから、最後の結果を計算します。"
RU = "Сначала нужно подумать об условии задачи, а потом найти ответ. "


def spans(text: str, **stated: Any) -> list[tuple[str, str | None, str]]:
    """(text, language, kind) of each finding."""
    document = make_document("t", text, **stated)
    return [
        (document.text(f), f.value, f.evidence["kind"]) for f in ANALYZER.analyze(document).findings
    ]


def numbers(text: str, **stated: Any) -> dict[str, Any]:
    return {m.name: m.value for m in ANALYZER.analyze(make_document("t", text, **stated)).metrics}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EN + "Someone might误think so. " + EN, [("误", "zh", "intraword")]),
        (EN + "There is a trap陷阱here, " + EN, [("陷阱", "zh", "intraword")]),
        (EN + "Then 所以总数是30个 and so on. " + EN, [("所以总数是30个", "zh", "slip")]),
        (EN + "The word “苹果” means apple. " + EN, [("苹果", "zh", "quote")]),
        (EN + "It was misпарсил by him. " + EN, [("парсил", "ru", "intraword")]),
        (EN + "Then これは正しい it is. " + EN, [("これは正しい", "ja", "slip")]),
        (EN + "Then 그래서 it is. " + EN, [("그래서", "ko", "slip")]),
        (EN + "Then ดังนั้น it is. " + EN, [("ดังนั้น", "th", "slip")]),
        (EN + "Then তাহলে it is. " + EN, [("তাহলে", "bn", "slip")]),
        (EN + "Then їжак it is. " + EN, [("їжак", "uk", "slip")]),
        (EN + "Then العدد it is. " + EN, [("العدد", "ar", "slip")]),
        (EN + "Then λόγος it is. " + EN, [("λόγος", "el", "slip")]),
        (EN + "一 and then 二 follow. " + EN, [("一", "zh", "slip"), ("二", "zh", "slip")]),
        (EN + r"so \text{速度} it is " + EN, [("速度", "zh", "slip")]),
        (ZH + "因此 therefore 我们得到结果。" + ZH, [("therefore", "en", "slip")]),
        (ZH + "所以 we get the total 是 5。" + ZH, [("we get the total", "en", "slip")]),
        (RU + "И therefore ответ 5. " + RU, [("therefore", "en", "slip")]),
        (JA + "つまり wait, maybe 違う。" + JA, [("wait, maybe", "en", "slip")]),
    ],
)
def test_what_is_foreign(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        EN * 3,
        EN + "The angle α is 30°, λ = 5, and π ≈ 3.14; Δx and αβγ too. " + EN,
        EN + "Schrödinger, Erdős, naïve, façade, Viète et al. " + EN,
        EN + "`变量 = 1` is the code. " + EN,
        EN + "```\nprint('你好')\n```\n" + EN,
        EN + "See https://zh.wikipedia.org/wiki/数学 for it. " + EN,
        EN + "① ② ③ → ∑ ℝ 𝑥 ٣ ” ” ¥ № 。，" + EN,
        ZH + "设 x 和 AB 为边，sin(x) 与 cos 的值，单位 cm，Vieta 定理，DVD，iPhone，GCD。" + ZH,
        ZH + r"\(\text{area} = \frac{1}{2} ab\) 以及 $\text{max}$。" + ZH,
        RU + "Пусть x и ABC, sin(x), 5 km, Lego. " + RU,
        JA + "点 A から 5 cm、log と sin。" + JA,
        "",
        "12 + 5 = 17",
    ],
)
def test_what_is_not(text: str) -> None:
    assert spans(text) == []


def test_the_words_of_the_question_are_quotes() -> None:
    text = EN + "The problem says 半径为五的圆 and so on. " + EN
    assert spans(text, question="求半径为五的圆的面积。")[0][2] == "quote"
    assert spans(text, question="Find the area.")[0][2] == "slip"


def test_combining_marks_stay_with_their_letter() -> None:
    ((text, language, _),) = spans(EN + "Then नमस्ते दुनिया it is. " + EN)
    assert (text, language) == ("नमस्ते दुनिया", "hi")


def test_matrix_and_target() -> None:
    row = numbers(ZH * 3, question="What is the area of the circle, and how do we find it?")
    assert (row["matrix_language"], row["target_language"]) == ("zh", "en")
    assert row["thinks_in_other_language"] is True
    assert row["n_language_spans"] == 0
    assert row["language_consistency"] == 0.0
    row = numbers(EN * 3, target_language="en")
    assert row["thinks_in_other_language"] is False
    assert row["language_consistency"] == 1.0
    assert row["foreign_share"] == 0.0


@pytest.mark.parametrize(
    ("stated", "code"),
    [("zh-CN", "zh"), ("Chinese", "zh"), ("EN", "en"), ("", None), (None, None), ("n/a?", None)],
)
def test_stated_languages(stated: str | None, code: str | None) -> None:
    assert language_id.code_of(stated) == code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wir müssen die Summe berechnen, aber das ist nicht die Antwort, also noch einmal.", "de"),
        ("Nous devons calculer la somme, mais ce n'est pas la réponse dans ce cas.", "fr"),
        ("Tenemos que calcular la suma, pero esta no es la respuesta para el problema.", "es"),
        ("Temos que calcular a soma, mas isso não é a resposta para o problema.", "pt"),
        ("Dobbiamo calcolare la somma, ma questa non è la risposta che cerchiamo.", "it"),
        ("Kwa hivyo jumla ya wanafunzi ni 20 na watu wote walikuwa katika shule.", "sw"),
        ("We must compute the sum, but this is not the answer to the question.", "en"),
        (ZH, "zh"),
        (JA, "ja"),
        (RU, "ru"),
        ("คำตอบคือห้า", "th"),
        ("x = 5", None),
        ("", None),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    assert language_id.of_text(text) == language


def test_german_reasoning_is_not_english() -> None:
    text = "Wir müssen die Summe berechnen, aber das ist nicht die Antwort. " * 4
    row = numbers(text, question="What is the sum of the numbers, and how do we find it?")
    assert row["matrix_language"] == "de"
    assert row["thinks_in_other_language"] is True
    assert row["language_consistency"] == 0.0


def test_shares_by_hand() -> None:
    # 4 English words of 16 letters, 2 Han letters.
    row = numbers("there they find them 你好", target_language="en")
    assert row["foreign_share"] == pytest.approx(2 / 19)
    assert row["language_consistency"] == pytest.approx(4 / 6)


@given(st.text(alphabet='abc dé 误以为 これは при ا क् α1,.\n"“”`$\\', max_size=120))
def test_findings_hold_letters_and_stay_inside(text: str) -> None:
    document = make_document("t", text)
    at = 0
    for finding in ANALYZER.analyze(document).findings:
        assert at <= finding.start < finding.end <= len(text)
        assert document.text(finding)[0].isalpha()
        at = finding.end


def test_scripts_hold_no_digits_or_signs() -> None:
    assert scripts.runs("٣ ३ ๓ 。 、 ・ ー।") in ([], [("Kana", 12, 13)])
    assert scripts.runs("日本語かな") == [("Han", 0, 3), ("Kana", 3, 5)]


DE = "Zuerst müssen wir die Summe der Zahlen berechnen, und dann prüfen wir das Ergebnis. "
ES = "Primero tenemos que calcular la suma de los números, y luego comprobamos el resultado. "
FR = "D'abord, il faut calculer la somme des nombres, et ensuite nous vérifions le résultat. "
SW = "Kwanza tunahitaji kuhesabu jumla ya matufaha ambayo Juma alinunua dukani jana asubuhi. "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EN + "Wait, aber das stimmt nicht, let me check. ", [("aber das stimmt nicht", "de")]),
        (EN + "So the answer, donc, is five. ", [("donc", "fr")]),
        (EN + "Hmm, vamos a ver, the price is 5. ", [("vamos a ver", "es")]),
        (EN + "Then watoto wanapenda kusoma vitabu. ", [("watoto wanapenda kusoma vitabu", "sw")]),
        (EN + "Quindi la risposta è cinque mele. ", [("Quindi la risposta è cinque mele", "it")]),
        (EN + "Yani cevap beş elma olmalı. ", [("Yani cevap beş elma olmalı", "tr")]),
        (EN + "Więc odpowiedź to pięć jabłek. ", [("Więc odpowiedź to pięć jabłek", "pl")]),
        (EN + "Dus het antwoord is vijf appels. ", [("Dus het antwoord is vijf appels", "nl")]),
        (DE + "Aber wait, maybe we should check. " + DE, [("wait, maybe we should check", "en")]),
        (ES + "Pero, therefore, es cinco. " + ES, [("therefore", "en")]),
        (FR + "Mais we should check again ici. " + FR, [("we should check again", "en")]),
        (SW + "Lakini, another way to check, jibu ni tano. " + SW, [("another way to check", "en")]),
        (RU + "Вопрос: «wie viele Äpfel bleiben übrig»? " + RU, [("wie viele Äpfel bleiben übrig", "de")]),
        (ZH + "他说 combien de pommes restent 吗？" + ZH, [("combien de pommes restent", "fr")]),
    ],
)  # fmt: skip
def test_latin_words_of_another_language(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(found, language) for found, language, _ in spans(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        EN + "We use modus ponens, ad hoc, vice versa, per se and a priori, et al. " + EN,
        EN + "The café in Düsseldorf, São Paulo and Zürich; crème brûlée; L'Hôpital, Gauß, Erdős. ",
        EN + "So det A mod 7 = 3, sin x, min 5, mult of 3, ans, tot, res; pq + qr = 0. " + EN,
        EN + "It is an isosceles trapezoid with hypotenuse c, an adjoint and an antiderivative. ",
        EN
        + "You pour water; per day per vine; the rest is gone; pay the toll; a die; an arm. "
        + EN,
        EN
        + "But-3-en-2-ol, cyclohex-2-en-1-ol and the para, meta and ortho positions of para. "
        + EN,
        EN + "u r gonna luv dis lol btw idk imo, teh wierd probelm, hmmm, ugh, aargh. " + EN,
        EN + "And he said ¯\\_(ツ)_/¯ at 25 °С. " + EN,
        DE + "Das Team hat online einen Computer bestellt; okay, cool, das Meeting. " + DE,
        ES + "El software del marketing está online, y el béisbol. " + ES,
        FR + "Le week-end, il fait du shopping et du football. " + FR,
        SW + "Pokemon, soda na flamingo kwa video ya baiskeli. " + SW,
        "So the final answer is conclu",
        ZH + "[asy] size(5cm); draw(circle((0,0), 3), dashed); label(radius, inch); [/asy]" + ZH,
        EN + "Ansd4/quE9nonMaisUndDieDonc+Kann7ob1auch/pour2Avec8bienSurNicht5der= is the key. ",
        ES + "\n\n**Final Answer**\n\\boxed{5}\nFinal Answer: cinco\nanswer\\boxed{5} " + ES,
        ZH + "\nanswer答案是5。\nFinal Answer: 5\n**Answer**\n" + ZH,
        RU + "\nanswerОтвет: 5.\n" + RU,
    ],
)
def test_latin_words_that_are_not_mixing(text: str) -> None:
    assert spans(text) == []


def test_one_character_in_sixty_thousand() -> None:
    text = EN * 370 + "so误we go. " + EN * 370
    assert len(text) > 58_000
    assert spans(text) == [("误", "zh", "intraword")]


def test_what_stands_around_a_switch() -> None:
    (finding,) = ANALYZER.analyze(make_document("t", EN + "There is a 陷阱 here. ")).findings
    assert finding.label == "language_mixing"
    assert finding.evidence == {
        "kind": "slip", "script": "Han", "matrix": "en", "before": "a", "after": "here",
    }  # fmt: skip


def test_the_question_makes_a_quote() -> None:
    text = EN + "It says wie viele Äpfel bleiben übrig, which is German. " + EN
    assert spans(text, question="Hans hat 5 Äpfel. Wie viele Äpfel bleiben übrig?", target_language="en")[0][2] == "quote"  # fmt: skip
    assert spans(text, question="How many are left?")[0][2] == "slip"
    text = EN + "The word 圆 is here. " + EN
    assert spans(text, question="求半径为五的圆的面积。", target_language="en")[0][2] == "quote"


def test_numbers_of_a_mixed_trace() -> None:
    row = numbers("there they find them 你好\nthere they find them", target_language="en")
    assert row["languages"] == "en:0.80 zh:0.20"
    assert row["foreign_word_share"] == pytest.approx(0.2)
    assert row["foreign_char_share"] == row["foreign_share"] == pytest.approx(2 / 36)
    assert row["language_consistency_words"] == pytest.approx(8 / (8 + 2 / 1.6))
    assert row["language_consistency_chars"] == pytest.approx(34 / 36)
    assert row["code_mixing_index"] == pytest.approx(20.0)
    assert (row["n_language_switches"], row["n_language_slips"], row["n_language_quotes"]) == (
        2,
        1,
        0,
    )
    assert row["language_slip_rate"] == pytest.approx(100.0)
    assert row["i_index"] == pytest.approx(2 / 9)
    assert row["line_language_entropy"] == 0.0
    assert row["first_switch_frac"] == pytest.approx(21 / 44)
    assert row["language_memory"] is None or -1 <= row["language_memory"] <= 1


def test_numbers_without_words_are_undefined() -> None:
    row = numbers("12 + 5 = 17")
    undefined = {name for name, value in row.items() if value is None}
    assert row["n_language_spans"] == 0
    assert {
        "matrix_language",
        "languages",
        "foreign_share",
        "language_entropy",
        "m_index",
    } <= undefined


@pytest.mark.parametrize(("asked", "text"), [("sk", "cs"), ("ms", "id"), ("nb", "no")])
def test_relatives_without_a_list_are_what_was_asked_for(asked: str, text: str) -> None:
    samples = {
        "cs": "Najprv musíme vypočítať počet jabĺk, ktoré kúpil v obchode, a potom je to jasné. ",
        "id": "Pertama kita harus menghitung jumlah epal yang dibeli di kedai itu dan baki untuk dia. ",
        "no": "Først må vi regne ut hvor mange epler han kjøpte i butikken, og så er det ikke mer. ",
    }
    row = numbers(samples[text] * 3, target_language=asked)
    assert row["matrix_language"] == row["target_language"]
    assert row["thinks_in_other_language"] is False


HOSTILE = st.lists(
    st.sampled_from(
        [*"aé \n.,\"'()«»$`\\{}*_-–", "the ", "answer ", "und ", "nicht ", "donc ", "de ", "误", "以为", "これ", "ดังนั้น",
         "שלום", "مرحبا ", "नमस्ते", "e\u0301", "u\u0308ber ", "\u200f", "\u202e", "\u200d", "\u00a0", "\u3000", "\ufeff",
         "😀", "👩‍🚀", "𝑥", "𐍈", "İstanbul ", "ﬁn ", "Ａ", "С", "ツ", "\ud800", "\x00", "**Final Answer**", "$x$", "```"]
    ), max_size=60,
).map("".join)  # fmt: skip


@given(HOSTILE, st.sampled_from([None, "en", "de", "zh", "sw", "fy", "xx"]))
def test_findings_are_exact_on_hostile_text(text: str, asked: str | None) -> None:
    document = make_document("t", text, target_language=asked, question="Was ist das?")
    at = 0
    for finding in ANALYZER.analyze(document).findings:
        assert at <= finding.start < finding.end <= len(text)
        found = document.text(finding)
        assert scripts.is_letter_or_mark(found[0]) and scripts.is_letter_or_mark(found[-1])
        assert not scripts.is_mark(found[0])
        at = finding.end


SEEDS = [
    *("donc ", "donc. ", "误 a ", "a误", "answer ", "Final Answer ", "nicht-3-", "x-", '"donc'),
    *(
        "der die das ",
        "İ",
        "x, vino y; ",
        "aB3" * 20 + " ",
        "$x$ " + "aB3" * 20 + " answer ",
        "«误» ",
    ),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_time_grows_with_the_text(seed: str) -> None:
    def run(size: int) -> Callable[[], object]:
        document = Document("t", seed * (size // len(seed)), target_language="en")
        return lambda: ANALYZER.analyze(document)

    assert_linear(run, 40_000)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "limit"), [("pure_en_traces", 0.5), ("pure_other", 2.0)])
def test_hardly_anything_foreign_in_pure_texts(shared: Path, name: str, limit: float) -> None:
    rows = (shared / f"data/languages/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    flagged = [
        row["id"]
        for row in map(json.loads, rows)
        if ANALYZER.analyze(Document("t", row["text"], target_language=row["matrix"])).findings
    ]
    assert 100 * len(flagged) / len(rows) <= limit, flagged
