"""What a pattern is known to need: the index may leave out no trace that a plain scan would find."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.errors import SearchSyntaxError
from analysis.filters import Filters
from analysis.search.folding import index_form
from analysis.search.pieces import required_pieces
from analysis.search.query import Regex, SearchQuery
from analysis.search.regex import compile_regex
from analysis.search.shapes import required_shapes, shapes
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.store.search import find_traces
from analysis.store.search_index import search_index

DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("pattern", "clauses"),
    [
        ("let me (re)?check", [".*check.*", ".*let"]),
        ("[a-z]+ing[a-c]zzq", [".*ing[abc]zzq.*"]),
        ("(foo|bar)+baz7", [".*(foo|bar)(foo|bar)*baz7.*"]),
        ("(foo|x)bar", [".*(foo|x)bar.*"]),
        ("(foo |bar-)x", [".*bar .*foo"]),
        ("(ab|cd)ef|(gh|ij)kl", [".*(ab|cd)ef.* .*(gh|ij)kl.*"]),
        ("Wait|wait", [".*wait.*"]),
        ("foo|ba", []),
        ("foo|(bar)?", []),
        ("[WwV]ait", [".*[vw]ait.*"]),
        ("[^abc]def[]x]ghi", [".*def.*", ".*ghi.*"]),
        ("[[:alpha:]]xyz", [".*xyz.*"]),
        ("[[:^alpha:]x]xyz", [".*xyz.*"]),
        ("colou?r", [".*colou*r.*"]),
        ("colo(|u|ur)y", [".*colo(u|ur)?y.*"]),
        ("abc{2}defg", [".*abccdefg.*"]),
        ("ab{2}{3}c", [".*a(bb)(bb)(bb)c.*"]),
        ("(?:abc){2,}", [".*(abc)(abc)(abc)*.*"]),
        ("abc{def", [".*abc", "def.*"]),
        (r"abc\ddef\pLghi\p{Greek}jkl", [f".*abc[{DIGITS}]def.*", ".*ghi.*", ".*jkl.*"]),
        (r"abc\x41\x{42}def", [".*abcabdef.*"]),
        (r"[0-9]{7}", [f".*{7 * f'[{DIGITS}]'}.*"]),
        (r"[0-9]{5}", []),
        (r"x\d{4}\.", [f".*x{4 * f'[{DIGITS}]'}"]),
        (r"\.ing\b", ["ing.*"]),
        (r"abc\b.def", [".*abc.*", ".*def.*"]),
        (r"\Qabc\E", []),
        (r"abc\101", []),
        ("(?i)ABC(?P<n>def)(?-i:ghi)", [".*abcdefghi.*"]),
        ("(?i)kelvin", [".*kelvin.*"]),
        ("[K\u212a]elvin", [".*kelvin.*"]),
        ("答案(是|为)", ["案", "答", "为 是"]),
        ("(?i)[是为]的", ["的", "为 是"]),
        ("a → b", ["→"]),
        ("éabcÉ", [".*abc.*"]),
        ("ⓐ", []),  # the pattern may ignore the case that the index tells apart
        ("a" * 99, [f".*{'a' * 25}.*"]),
        ("(abc", []),
        (")abc", []),
        ("[abc", []),
        ("[z-a]bcd", []),
        ("(" * 50 + "abc" + ")" * 50, []),
    ],
)
def test_pieces_by_hand(pattern: str, clauses: list[str]) -> None:
    found = [" ".join(sorted(clause)) for clause in required_pieces(Regex(pattern))]
    assert sorted(found) == sorted(clauses)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([""], ""),
        (["a1"], "0100 r43.2"),
        (["a", "1"], ""),  # not beside each other
        (["((((", "()"], "1313 1314 r13.2 r13.3 r13.4"),
        (["a\n\n \t"], "0104 0404 0403 0305 r4.2 r44.2 r44.3 r44.4"),
        (["aB3"], "0102 0200 r43.2 r43.3"),
        (["$123.45", "x678"], "0900 0000 0019 1900 0100 r0.2 r0.3 r43.2 r43.3 r43.4 p09 n19 p01"),
        (["é中😀"], "3840 4042 r45.2 r45.3"),
        (["中文，"], "4040 4041 r40.2 r45.2 r45.3"),
        (["\x00\x7f"], "0505 r5.2 r44.2"),
        (["." * 70], "1919 " + " ".join(f"r19.{n}" for n in (*range(2, 11), 12, 14, 16, 20, 24, 32, 48, 64))),
    ],
)  # fmt: skip
def test_shapes_by_hand(texts: list[str], found: str) -> None:
    assert sorted(shapes(texts)) == sorted(found.split())


@pytest.mark.parametrize(
    ("pattern", "clauses"),
    [
        (r"\(\s+\)", ["0314 0414 0514", "1303 1304 1305"]),
        ("[^\\x00-\\x7f]{6}", ["r45.6"]),
        (r"\d{3,}\.\d+", ["0000", "0019", "1900", "n19", "r0.3"]),
        ("[A-Z]{11}", ["0202", "r2.10"]),
        (r"\.?\.!", ["1906"]),
        (r"!(a|bc|)\?", ["0126 0626"]),
        (r"!(\?|;)", ["0622 0626"]),
        (r"(!\?|;:)", ["0626 2221"]),
        (r"(!\?){2}", ["0626", "2606"]),
        (r"[^\p{Han}]{5}", []),
        (r"\p{Han}{5}", ["r45.5"]),
        ("(?i)a!", ["0106 0206"]),
        ("(?i)k!", ["0106 0206 3906"]),
        ("[\\x{1F600}-\\x{1F64F}]{2}", ["4242", "r42.2"]),
        ("a*b*", []),
        (r"\$?\d\d*\d{2},?;", ["0000", "0022 1722", "r0.2"]),
        (r"\$[1-5]\d{2}[0-9a]", ["0000", "0000 0001", "0900", "p09", "r0.2"]),
        (r"-\d{3,4}", ["0000", "1800", "p18", "r0.3"]),
    ],
)
def test_required_shapes_by_hand(pattern: str, clauses: list[str]) -> None:
    found = [" ".join(sorted(clause)) for clause in required_shapes(Regex(pattern))]
    assert sorted(one for one in found if len(one) < 50) == sorted(clauses)


# Patterns that Python and RE2 read alike, so that hypothesis can make texts that match.
_ATOMS = st.sampled_from(
    ["abc", "kels", "Wait", "x", "7", " ", "-", "_", ".", r"\d", r"\w", r"\.", "[a-c]", "[Ss]",
     "[0-9]", "[0-9]{4}", "[ks]{5}", r"\d{3}\.", r"\b", r"\s", r"\S", r"\W", "[^-a-z]", "[是为]", "^", "$",
     "[^a]", "é", "ß", "答", "案", "→", "\u200b", "İ", "Ａ", "ﬁ"]
)  # fmt: skip
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(
            inner, st.sampled_from(["?", "*", "+", "{2}", "{0,1}", "{1,3}", "{5,}", "+?"])
        ).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=10,
)
_ODD = "aAkKsSſ\u212aéÉ\u0301\u200d\u200b_ -.7答案→ß'\u00adＡﬁİ\n"


@settings(max_examples=400, deadline=None)
@given(data=st.data(), pattern=_PATTERNS, flags=st.sampled_from(["", "i", "s", "m"]))
def test_every_match_holds_pieces_and_shapes(data: st.DataObject, pattern: str, flags: str) -> None:
    regex = Regex(pattern, flags)
    pieces, needed = required_pieces(regex), required_shapes(regex)
    assume(pieces or needed)
    try:
        compiled = compile_regex(regex)
    except SearchSyntaxError:
        assume(False)
    made = data.draw(
        st.from_regex(re.compile(f"(?{flags}:{pattern})" if flags else pattern, re.ASCII))
    )
    around = st.text(alphabet=_ODD, max_size=6)
    text = data.draw(around) + made + data.draw(around)
    if flags == "i":
        text = data.draw(st.sampled_from([text, text.swapcase(), text.replace("k", "\u212a")]))
    assume(not re.search("[\ud800-\udfff]", text) and compiled.search(text) is not None)
    words = index_form(text).split()
    for clause in pieces:
        wanted = re.compile("|".join(clause))
        assert any(wanted.fullmatch(word) for word in words), (pattern, text, clause)
    held = set(shapes(["x", text]))
    for clause in needed:
        assert held & clause, (pattern, text, clause)


@pytest.fixture(scope="module")
def corpus(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Store, dict[str, list[str]]]]:
    """A store with an index, and of each trace its three texts."""
    chance = random.Random(3)
    words = ["wait", "Waiting", "await", "check", "double-check", "recheck42", "答案是", "→", "é", "Kelvin",
             "\u212aelvin", "a_b", "x\u200by", "so", "7", "zzq", "ingzzq", "éwaité",
             "123456789", "12345.6", "x1234567", "(", ")", "( )", "ſix", "WAITING", "中文，字", "a\n\n\n\nb"]  # fmt: skip
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
        ["[0-9]{9}"], [r"[0-9]{9}\b"], [r"\d{3,}\.\d+"], [r"\(\s+\)"], [r"\s\d{7}"], [r"[^\x00-\x7f]{4}"], ["[A-Z]{6,}"],
        ["(?i)[A-Z]{7}"], ["(?i)[s]ix"], [r"\p{Han}{2}\W"], ["[1-9]{8}|WAITIN"], ["[a-z]{9}.*[0-9]{8}"], [r"\n{4}"],
        [r"\D\d{7}\D"], ["[x-z]{69}w"], ["x{900}"],
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
