"""What a cue lexicon is: a TOML file of words and patterns that hint at something.

::

    version = "1"
    fillers = ["but", "so", "hmm", "不过"]      # words that may stand before a cue at the start

    [[cue]]
    id = "en.another-way"
    label = "switch"
    language = "en"
    weight = 0.9                                 # 0..1; 1 where not given
    position = "start"                           # or "any", the default
    phrases = ["another {way|approach|method}"]  # {a|b|} tries each; case and ’ ' do not matter
    not_followed_by = ["is wrong"]               # after optional white space
    not_preceded_by = ["there is no"]            # before optional white space, in the sentence

    [[cue]]
    id = "en.method-number"
    label = "switch"
    language = "en"
    regex = 'method \\d+'                         # on lower-cased text with straight apostrophes
    anchors = ["method"]                         # the words that a match can begin with

``phrases`` match whole words; in scripts without spaces (Chinese, Japanese, Korean, Thai, Indic)
they match anywhere. Regular expressions must not backtrack without bound.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from analysis.errors import UsageError

UNSPACED = (
    "\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
)
"""Characters of scripts whose words no space (or a combining vowel) parts, as a regex class."""

MAX_EXPANSIONS = 2_000
"""How many phrases one phrase with braces may stand for."""

_TRADITIONAL = (
    "慮著讓們來換種個從應該還嗎對當題為與這裡裏設計確認驗證檢過後試說顯見給問間邊現實際項數結論總錯覆復複雜單簡難類別條沒關係變轉頭點選擇請進準備樣幾寫記憶據綜較時嘗麼測"
    "輸標線圓連續減積將層劃規達義體隨場視觀環節聽內兩權價誰調課議質辦隱離雖雙順預領額願顧風險極勢輪導縮嚴謹審誤滿無並發經濟參閱讀詢隊員負責歸絕畫驟勁徑輯針夠於脫塗亂"
    "況啟敗獨舉錄釋譯術處補評註觸練終組約級紹統維編繼聯腦號虛覺訂討許訴診詞語諸謂講識護貫趨跡適遺遠邏醫釐鍵鎖長開閉陣陰陽階雲電靜頁須頓頻顆飛館魚鳥麗齊龍屬嘆嚐圖圍執"
    "報奪婦學寧專尋幣庫廣彈徹憑憂懷戰戲擔擬擴擺攝斷書會東構樂樹機檔歐歡歲歷殘氣決湊滅漸潛爭爾狀猶獲產畢異疊盡監盤眾瞭矯碼禮稱穩窮競筆筍範築簽糧糾紀純紙細綠緒緣"
)
_SIMPLIFIED = (
    "虑着让们来换种个从应该还吗对当题为与这里里设计确认验证检过后试说显见给问间边现实际项数结论总错复复复杂单简难类别条没关系变转头点选择请进准备样几写记忆据综较时尝么测"
    "输标线圆连续减积将层划规达义体随场视观环节听内两权价谁调课议质办隐离虽双顺预领额愿顾风险极势轮导缩严谨审误满无并发经济参阅读询队员负责归绝画骤劲径辑针够于脱涂乱"
    "况启败独举录释译术处补评注触练终组约级绍统维编继联脑号虚觉订讨许诉诊词语诸谓讲识护贯趋迹适遗远逻医厘键锁长开闭阵阴阳阶云电静页须顿频颗飞馆鱼鸟丽齐龙属叹尝图围执"
    "报夺妇学宁专寻币库广弹彻凭忧怀战戏担拟扩摆摄断书会东构乐树机档欧欢岁历残气决凑灭渐潜争尔状犹获产毕异叠尽监盘众了矫码礼称稳穷竞笔笋范筑签粮纠纪纯纸细绿绪缘"
)
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_ANY_TRADITIONAL = re.compile(f"[{_TRADITIONAL}]")

_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
_INNER_BRACES = re.compile(r"\{([^{}]*)\}")
_KEYS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "label": str,
    "language": str,
    "weight": (int, float),
    "position": str,
    "phrases": list,
    "regex": str,
    "anchors": list,
    "not_followed_by": list,
    "not_preceded_by": list,
}
_POSITIONS = ("any", "start")


@dataclass(frozen=True, slots=True)
class Cue:
    """One entry of a lexicon, with its braces expanded and its text folded."""

    id: str
    label: str
    language: str
    weight: float
    position: str
    phrases: tuple[str, ...]
    regex: str | None
    anchors: tuple[str, ...]
    not_followed_by: tuple[str, ...]
    not_preceded_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LexiconData:
    """A parsed lexicon: the data, before it is compiled for matching."""

    name: str
    version: str
    hash: str
    """sha256 of the canonical content: comments and layout do not change it."""
    fillers: tuple[str, ...]
    cues: tuple[Cue, ...]


def fold(text: str) -> str:
    """Lower case, straight apostrophes, plain hyphens and commas; the length never changes."""
    low = text.lower()
    if text.isascii():
        return low
    if len(low) != len(text):
        low = "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
    for curly in "’ʼ＇‘":
        low = low.replace(curly, "'")
    return low.replace("‑", "-").replace("‐", "-").replace("，", ",")


def simplify(text: str) -> str:
    """Common traditional Chinese characters as simplified ones; the length never changes.

    Cues and text are compared in this form, so that a lexicon writes each Chinese phrase once. The
    table holds the characters that cues are made of; it is no converter of texts.
    """
    if text.isascii() or _ANY_TRADITIONAL.search(text) is None:
        return text
    return text.translate(_TO_SIMPLIFIED)


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script without spaces between words."""
    return _IS_UNSPACED.match(character) is not None


def expand(phrase: str) -> list[str]:
    """The phrases that ``{a|b|}`` stands for, folded, with single spaces.

    Raises ``UsageError`` for unbalanced braces and for more than ``MAX_EXPANSIONS``.
    """
    todo, done = [phrase], []
    while todo:
        current = todo.pop()
        found = _INNER_BRACES.search(current)
        if found is None:
            if "{" in current or "}" in current:
                raise UsageError(f"The braces of {phrase!r} do not balance.")
            done.append(" ".join(fold(current).split()))
            continue
        before, after = current[: found.start()], current[found.end() :]
        todo += [before + part + after for part in found[1].split("|")]
        if len(todo) + len(done) > MAX_EXPANSIONS:
            raise UsageError(f"{phrase!r} stands for more than {MAX_EXPANSIONS} phrases.")
    return sorted({text for text in done if text})


def parse_lexicon(name: str, source: str) -> LexiconData:
    """Parse and check the TOML text of a lexicon.

    Raises ``UsageError``, which names the lexicon, the cue and what is wrong with it.
    """
    try:
        content = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Lexicon {name!r} is not TOML: {error}.") from error
    unknown = set(content) - {"version", "fillers", "cue"}
    if unknown:
        raise UsageError(f"Lexicon {name!r} has an unknown key {min(unknown)!r}.")
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    cues: list[Cue] = []
    seen: set[str] = set()
    for number, entry in enumerate(_list_of(name, content, "cue", dict), start=1):
        where = f"Lexicon {name!r}, cue {entry.get('id', number)!r}"
        cue = _cue(where, entry)
        if cue.id in seen:
            raise UsageError(f"{where}: the id is used twice.")
        seen.add(cue.id)
        cues.append(cue)
    if not cues:
        raise UsageError(f"Lexicon {name!r} has no [[cue]].")
    fillers = [
        text for filler in _list_of(name, content, "fillers", str) for text in expand(filler)
    ]
    return LexiconData(
        name=name,
        version=str(content.get("version", "")),
        hash=hashlib.sha256(canonical.encode()).hexdigest(),
        fillers=tuple(fillers),
        cues=tuple(cues),
    )


@cache
def lexicon_data(name: str) -> LexiconData:
    """The content of ``analysis/lexicons/NAME.toml``; read once.

    Raises ``UsageError`` where there is none of that name, or where it is malformed.
    """
    folder = resources.files("analysis") / "lexicons"
    known = sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )
    if name not in known:
        raise UsageError(f"There is no lexicon {name!r}.", remedy=f"There are: {', '.join(known)}.")
    return parse_lexicon(name, (folder / f"{name}.toml").read_text(encoding="utf-8"))


def _list_of(name: str, content: dict[str, Any], key: str, kind: type) -> list[Any]:
    values = content.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        raise UsageError(f"Lexicon {name!r}: {key!r} must be a list of {kind.__name__}.")
    return values


def _cue(where: str, entry: dict[str, Any]) -> Cue:
    """One checked cue."""
    for key, value in entry.items():
        if key not in _KEYS:
            raise UsageError(f"{where}: unknown key {key!r}.", remedy=f"Known: {', '.join(_KEYS)}.")
        if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            raise UsageError(f"{where}: {key!r} has a value of the wrong type.")
    for key in ("id", "label", "language"):
        if not entry.get(key):
            raise UsageError(f"{where}: {key!r} is missing.")
    weight = float(entry.get("weight", 1.0))
    position = entry.get("position", "any")
    if not 0.0 <= weight <= 1.0:
        raise UsageError(f"{where}: the weight {weight} is not in 0..1.")
    if position not in _POSITIONS:
        raise UsageError(f"{where}: the position {position!r} is none of {', '.join(_POSITIONS)}.")
    phrases = _phrases(where, entry, "phrases")
    regex = entry.get("regex")
    anchors = _phrases(where, entry, "anchors")
    if bool(phrases) == bool(regex):
        raise UsageError(f"{where}: give either 'phrases' or 'regex'.")
    if regex:
        _check_regex(where, regex, anchors, position)
    for phrase in phrases + anchors:
        if not phrase[0].isalnum() and not is_unspaced(phrase[0]):
            raise UsageError(f"{where}: {phrase!r} must begin with a letter or a digit.")
    return Cue(
        id=entry["id"],
        label=entry["label"],
        language=entry["language"],
        weight=weight,
        position=position,
        phrases=phrases,
        regex=regex,
        anchors=anchors,
        not_followed_by=_phrases(where, entry, "not_followed_by"),
        not_preceded_by=_phrases(where, entry, "not_preceded_by"),
    )


def _phrases(where: str, entry: dict[str, Any], key: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise UsageError(f"{where}: {key!r} must be a list of non-empty strings.")
    try:
        return tuple(dict.fromkeys(text for value in values for text in expand(value)))
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}") from error


def _check_regex(where: str, regex: str, anchors: tuple[str, ...], position: str) -> None:
    try:
        pattern = re.compile(regex)
    except re.error as error:
        raise UsageError(f"{where}: the regex is wrong: {error}.") from error
    if pattern.match(""):
        raise UsageError(f"{where}: the regex matches the empty text.")
    if not anchors and position != "start":
        raise UsageError(
            f"{where}: a regex that may stand anywhere needs 'anchors'.",
            remedy="List the words that its matches can begin with.",
        )
    if any(" " in anchor for anchor in anchors):
        raise UsageError(f"{where}: an anchor is one word.")
