"""Language mixing by script: which letters, which language, which kind, and the shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyzers import language_id, scripts
from analysis.analyzers.documents import make_document
from analysis.analyzers.language_mixing import LanguageMixing

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


@pytest.mark.shared
def test_nothing_foreign_in_pure_texts(shared: Path) -> None:
    flagged = []
    for name in ("pure_en_traces", "pure_other"):
        with (shared / f"data/languages/{name}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if spans(row["text"], target_language=row["matrix"]):
                    flagged.append(row["id"])
    assert flagged == []
