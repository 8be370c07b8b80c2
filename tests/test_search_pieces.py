"""What a pattern is known to need: the index may leave out no trace that a plain scan would find."""

from __future__ import annotations

import random
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.errors import SearchSyntaxError
from analysis.filters import Filters
from analysis.search.folding import index_form
from analysis.search.pieces import MAX_CHARS, required_pieces
from analysis.search.query import Regex, SearchQuery
from analysis.search.regex import compile_regex
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.store.search import find_traces
from analysis.store.search_index import search_index


@pytest.mark.parametrize(
    ("pattern", "clauses"),
    [
        ("let me (re)?check", ["check", "let"]),
        ("[a-z]+ing[a-z]zzq", ["ing", "zzq"]),
        ("(foo|bar)+baz7", ["baz7", "bar foo"]),
        ("(foo|x)bar", ["bar"]),
        ("Wait|wait", ["wait"]),
        ("foo|ba", []),
        ("foo|(bar)?", []),
        ("[Ww]ait", ["wait"]),
        ("[WwV]ait", ["ait"]),
        ("[^abc]def[]x]ghi", ["def", "ghi"]),
        ("[[:alpha:]]xyz", ["xyz"]),
        ("colou?r", ["colo"]),
        ("abc{0,2}defg", ["defg"]),
        ("abc{2}defg", ["defg", "abc"]),
        ("abc{def", ["abc", "def"]),
        (r"abc\ddef\pLghi\p{Greek}jkl", ["abc", "def", "ghi", "jkl"]),
        (r"abc\x41\x{42}def", ["abc", "def"]),
        (r"abc\.def", ["abc", "def"]),
        (r"\Qabc\E", []),
        (r"abc\101", []),
        ("(?i)ABC(?P<n>def)(?-i:ghi)", ["abc", "def", "ghi"]),
        ("答案(是|为)", ["案", "答", "为 是"]),
        ("a → b", ["→"]),
        ("éabcÉ", ["abc"]),
        ("ⓐ", []),  # the pattern may ignore the case that the index tells apart
        ("a" * 99, ["a" * MAX_CHARS]),
        ("(abc", []),
        (")abc", []),
        ("[abc", []),
        ("(" * 50 + "abc" + ")" * 50, []),
    ],
)
def test_pieces_by_hand(pattern: str, clauses: list[str]) -> None:
    found = [" ".join(sorted(clause)) for clause in required_pieces(Regex(pattern))]
    assert sorted(found) == sorted(clauses)


# Patterns that Python and RE2 read alike, so that hypothesis can make texts that match.
_ATOMS = st.sampled_from(
    ["abc", "kels", "Wait", "x", "7", " ", "-", "_", ".", r"\d", r"\w", r"\.", "[a-c]", "[Ss]",
     "[^a]", "é", "ß", "答", "案", "→", "\u200b", "İ", "Ａ", "ﬁ"]
)  # fmt: skip
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,1}", "{1,3}", "+?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=10,
)
_ODD = "aAkKsSſ\u212aéÉ\u0301\u200d\u200b_ -.7答案→ß'\u00adＡﬁİ\n"


@settings(max_examples=250, deadline=None)
@given(data=st.data(), pattern=_PATTERNS, flags=st.sampled_from(["", "i", "s"]))
def test_every_match_holds_the_pieces(data: st.DataObject, pattern: str, flags: str) -> None:
    import re

    regex = Regex(pattern, flags)
    clauses = required_pieces(regex)
    assume(clauses)
    try:
        compiled = compile_regex(regex)
    except SearchSyntaxError:
        assume(False)
    made = data.draw(st.from_regex(re.compile(f"(?{flags}:{pattern})" if flags else pattern)))
    around = st.text(alphabet=_ODD, max_size=6)
    text = data.draw(around) + made + data.draw(around)
    if flags == "i":
        text = data.draw(st.sampled_from([text, text.swapcase(), text.replace("k", "\u212a")]))
    assume("\ud7ff" not in text and compiled.search(text) is not None)
    words = index_form(text).split()
    for clause in clauses:
        assert any(
            any(piece in word for word in words) if piece.isascii() else piece in words
            for piece in clause
        ), (pattern, text, clause)


@pytest.fixture(scope="module")
def corpus(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Store, dict[str, list[str]]]]:
    """A store with an index, and of each trace its three texts."""
    chance = random.Random(3)
    words = ["wait", "Waiting", "await", "check", "double-check", "recheck42", "答案是", "→", "é", "Kelvin",
             "\u212aelvin", "a_b", "x\u200by", "so", "7", "zzq", "ingzzq", "éwaité"]  # fmt: skip
    folder = tmp_path_factory.mktemp("pieces")
    texts = {
        f"t{i}": [" ".join(chance.choices(words, k=chance.randrange(1, 9))) for _ in range(3)]
        for i in range(300)
    }
    texts["long"] = ["q", "x" * 70_000 + "wait" + "y" * 70_000, "a"]
    rows = [
        {"id": i, "question": q, "reasoning": r, "answer": a, "model": "m", "dataset": "d"}
        for i, (q, r, a) in texts.items()
    ]
    path = folder / "rows.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    with open_store(folder / "p.duckdb") as store:
        import_file(store, path)
        search_index(store).update()
        yield store, texts


@pytest.mark.parametrize("field", [None, "reasoning", "answer"])
@pytest.mark.parametrize(
    "patterns",
    [
        ["wait"], ["(?i)WAIT"], [r"\bwait\b"], ["wait|zzq"], ["(re|double-)check"], ["[Cc]heck\\d+"],
        ["答案"], ["案是 →"], ["ingzzq", "wait"], ["(?i)kelvin"], ["xwaity"], ["nothing like it"],
        [r"(\pL|_){460}"],  # more than Arrow's RE2 takes
        [r"\d+"], ["a.?b"], [r"\d+", "(?i)[^a-z]É|\u212a"], ["7? ?so?"], ["(?s)^.{30,}7$"], ["x\u200by"], ["wait$"], ["^wait"], ["é wait|wait é"], ["\u212aelvin"],
    ],
)  # fmt: skip
def test_a_search_finds_what_a_plain_scan_finds(
    corpus: tuple[Store, dict[str, list[str]]], patterns: list[str], field: str | None
) -> None:
    store, texts = corpus
    regexes = tuple(Regex(pattern, field=field) for pattern in patterns)
    places = {None: (0, 1, 2), "reasoning": (1,), "answer": (2,)}[field]
    expected = {
        name
        for name, fields in texts.items()
        if all(any(compile_regex(r).search(fields[at]) for at in places) for r in regexes)
    }
    found = find_traces(store, SearchQuery(regexes=regexes), Filters())
    names = dict(store.rows("SELECT trace_id, external_id FROM trace_row"))
    assert {names[i] for i in found.trace_ids} == expected
    assert found.exact
