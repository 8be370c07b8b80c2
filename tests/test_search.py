"""Search: the language of the box, exact places, the index beside the database, hostile input."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import CotscopeError, SearchSyntaxError, StoreError, UsageError
from analysis.filters import Filters
from analysis.progress import CancelToken
from analysis.search.folding import form_of, index_form, words_of
from analysis.search.hits import find_terms, passages
from analysis.search.literals import required_words
from analysis.search.parse import parse_search, regex_search
from analysis.search.query import Regex, SearchQuery, Term, positive_terms
from analysis.search.regex import compile_regex, regex_spans
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.store.removal import plan_removal, remove
from analysis.store.saved_searches import (
    delete_search,
    list_searches,
    load_search,
    rename_search,
    save_search,
)
from analysis.store.search_index import index_path, search_index
from analysis.views.search import PASSAGES_SCHEMA, passage_rows, search_page

TEXTS = {
    "a": "Wait, hold on. The answer is 42.\nLet me check again: hold, on.",
    "b": "等等，答案是42。让我再检查一遍。 naïve Straße 😀 done",
    "c": "Nothing to see; withhold on purpose. e\u0301toile ＡＢＣ \U0001f9ee x²",
    "d": "wait wait wait hmm " * 30 + "the end",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.duckdb") as opened:
        load(opened, tmp_path / "one.jsonl", TEXTS)
        yield opened


def load(store: Store, path: Path, texts: dict[str, str]) -> None:
    rows = [
        {
            "id": key, "question": f"Question {key}", "reasoning": text, "answer": "42",
            "model": f"model-{key}", "dataset": "d", "gold": "42",
        }
        for key, text in texts.items()
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    import_file(store, path)


def ids(store: Store, text: str, **more: object) -> list[str]:
    search_index(store).update()
    return sorted(str(h.external_id) for h in search_page(store, parse_search(text), **more).hits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('wait "hold on" -foo ba*', 'wait "hold on" -foo ba*'),
        ("a OR b c", "(a OR (b c))"),
        ("question:(x OR y) NOT (z w)", "(question:x OR question:y) -(z w)"),
        ("Don't", '"don t"'),
        ("答案", '"答 案"'),
        ("naïve STRASSE", "naive strasse"),
        ("NOT NOT a", "a"),
        (r"/a\/b[/]/im", r"/a\/b[\/]/im"),
        (
            "label:verification@after_correct,score>=.8,n>3",
            "label:verification@after-correct,score>=0.8,n>=4",
        ),
        ("label:x@last10%", "label:x@90-100%"),
        ("-label:loop metric:f=..3", "-label:loop metric:f<=3"),
        ("metric:f=0.5..1 metric:l=zh", "metric:f=0.5..1 metric:l=zh"),
        ('model:"a b" verdict:not-judged', 'model:"a b" verdict:"not judged"'),
        ("Note:this", '"note this"'),
    ],
)
def test_what_is_typed_is_read_and_written_back(text: str, shown: str) -> None:
    query = parse_search(text)
    assert query.to_text() == shown
    assert parse_search(shown) == query
    assert SearchQuery.from_query(query.to_query()) == query
    assert SearchQuery.from_json(json.loads(json.dumps(query.to_json()))) == query


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ('a "open', 2, "not closed"),
        ("x (a", 2, "not closed"),
        ("a)", 1, "closes nothing"),
        ("OR a", 0, "both sides"),
        ("a AND", 5, "after it"),
        ("-", 0, "NOT needs"),
        ("a lable:x", 2, "Did you mean label"),
        ("a OR label:x", 5, "beside OR"),
        ("-(/a/ b)", 2, "after NOT"),
        ("/usr/bin", 0, "no flag"),
        ("x /abc", 2, "ends with a /"),
        ("label:x@foo", 0, "no place"),
        ("metric:x", 0, "no condition"),
        ("metric:x>y", 0, "no number"),
        ("verdict:nope", 0, "Use: correct"),
        ("++", 0, "regular expression"),
        ("(" * 50 + "a" + ")" * 50, None, "too deep"),
        (" ".join(f"w{i}" for i in range(80)), None, "at most"),
    ],
)
def test_errors_say_where(text: str, position: int | None, says: str) -> None:
    with pytest.raises(SearchSyntaxError, match=re.escape(says)) as caught:
        parse_search(text)
    if position is not None:
        assert caught.value.position == position


HOSTILE = [
    '"', "'", "a' OR '1'='1", "\x00", "a\x00b", "x" * 10_000, "NEAR(a b)", "{col}: a", "a^2", "*", "a**",
    "()", "((", "😀" * 300, "\u202e\u200b", "label:", "label:\"", "metric:;DROP TABLE trace--",
    "label:'--", "model:%", "id:\\", "/[/", "/(((((((((((((((((((((((((/", "/\\C/", "/a{1000}{1000}/",
    "-" * 500 + "a", '"a*', "question:", "question:(", "\ud800", "a:b:c", "AND OR NOT", "/(?i/", "a-b*c",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_searches_give_results_or_a_clean_error(store: Store, text: str) -> None:
    search_index(store).update()
    try:
        search_page(store, parse_search(text))
    except CotscopeError as error:
        assert str(error)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab "()-*:/@%>=.,ORNT答é\n\\', max_size=40))
def test_any_text_parses_or_errs_cleanly(text: str) -> None:
    try:
        query = parse_search(text)
    except SearchSyntaxError:
        return
    assert parse_search(query.to_text()) == query


_TEXT = st.text(alphabet="abAé e\u0301ß答案😀\u200b，. -\nİK1", max_size=60)


def naive(words: tuple[str, ...], text: str) -> list[tuple[int, int]]:
    """Every place of the words, by folding each piece of the text by itself: slow and simple."""
    found = []
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            inside = words_of(text[start:end]) == words
            tight = (inside and index_form(text[start])[:1] not in ("", " ")) or (
                inside and index_form(text[start]).strip() != ""
            )
            last = inside and index_form(text[end - 1]).strip() != ""
            split_word = inside and (
                len(words_of(text[:start])) + len(words) + len(words_of(text[end:]))
                != len(words_of(text))
            )
            if tight and last and not split_word:
                found.append((start, end))
    return found


@settings(max_examples=120, deadline=None)
@given(_TEXT, st.data())
def test_places_are_exact(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    if not words:
        return
    at = data.draw(st.integers(0, len(words) - 1))
    chosen = words[at : at + data.draw(st.integers(1, 2))]
    got = find_terms([Term(chosen)], text)
    assert got, (text, chosen)
    want = naive(chosen, text)
    for start, end in got:
        shown = end
        while shown > start and unicodedata.category(text[shown - 1])[0] == "M":
            shown -= 1
        assert (start, shown) in want
    if len(chosen) == 1:
        assert {s for s, _ in got} == {s for s, _ in want}


@settings(max_examples=100, deadline=None)
@given(_TEXT)
def test_a_form_leads_back(text: str) -> None:
    form = form_of(text)
    assert tuple(index_form(form.text).split()) == words_of(text)
    assert form.places is None or len(form.places) == len(form.text)


def test_passages_hold_their_hits_and_never_overlap() -> None:
    text = "word " * 400
    spans = [(s, s + 4) for s in range(0, 2000, 5)]
    found = passages(text, spans, most=3)
    assert len(found) == 3
    for one in found:
        assert all(one.start <= s and e <= one.end + 1 for s, e in one.hits)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wait", ["a", "d"]),
        ("WAIT -hmm", ["a"]),
        ('"hold on"', ["a", "c"][:1]),
        ("hold", ["a"]),
        ("withh*", ["c"]),
        ("答案", ["b"]),
        ("案是", ["b"]),
        ("检查", ["b"]),
        ("strasse naive", ["b"]),
        ("😀", ["b"]),
        ("abc etoile", ["c"]),
        ("reasoning:42", ["a", "b"]),
        ("answer:42 -wait -答案", ["c"]),
        ("-wait", ["b", "c"]),
        ("(naive OR hmm)", ["b", "d"]),
        ("question:c", ["c"]),
        ('"let me ch"*', ["a"]),
        ("/hold o/", ["a", "c"]),
        (r"/\bhold on\b/", ["a"]),
        ("/WAIT/i", ["a", "d"]),
        ("/再.{2}/", ["b"]),
        ("wait /end$/", ["d"]),
        ("model:MODEL-b", ["b"]),
        ("id:d", ["d"]),
    ],
)
def test_what_is_found(store: Store, text: str, found: list[str]) -> None:
    assert ids(store, text) == found
    assert ids(store, text, sort="longest") == found


def test_marks_are_exact_and_the_rest_is_counted(store: Store) -> None:
    search_index(store).update()
    [hit] = search_page(store, parse_search("hmm")).hits
    assert hit.n_hits == 30
    assert hit.n_more == 30 - sum(len(p.hits) for p in hit.passages) > 0
    for passage in hit.passages:
        assert {passage.text[s:e] for s, e in passage.hits} == {"hmm"}
        assert TEXTS["d"][passage.start :].startswith(passage.text)


def test_conditions_on_findings_and_metrics(store: Store) -> None:
    trace = dict(store.rows("SELECT external_id, trace_id FROM trace_row"))
    with store.transaction() as cursor:
        for key, start, score in (("a", 0, 0.9), ("a", 60, 0.4), ("d", 5, 1.0), ("d", 560, 1.0)):
            cursor.execute(
                "INSERT INTO finding VALUES (?, 'x', '1', ?, 'back', NULL, ?, ?, ?, '{}')",
                [trace[key], start, start, start + 2, score],
            )
        for key, value in (("a", 0.5), ("d", 0.99)):
            cursor.execute(
                "INSERT INTO metric VALUES (?, 'x', '1', 'first_correct_frac', ?, NULL)",
                [trace[key], value],
            )
        cursor.execute(
            "INSERT INTO metric VALUES (?, 'x', '1', 'matrix_language', NULL, 'zh')", [trace["b"]]
        )
    assert ids(store, "label:back") == ["a", "d"]
    assert ids(store, "label:back@90-100%") == ["a", "d"]
    assert ids(store, "label:back@95-100%") == ["a", "d"][0:0] + ids(store, "label:back@last5%")
    assert ids(store, "label:back@after-correct") == ["a"]
    assert ids(store, "label:back@before-correct,n>=2") == ["d"]
    assert ids(store, "label:back,score>=0.5,n>=2") == ["d"]
    assert ids(store, "-label:back") == ["b", "c"]
    assert ids(store, "wait label:back@0-10%,score>=0.95") == ["d"]
    assert ids(store, "metric:first_correct_frac>0.6") == ["d"]
    assert ids(store, "-metric:first_correct_frac=0..1") == ["b", "c"]
    assert ids(store, "language:ZH") == ["b"]
    (hit,) = search_page(store, parse_search("label:back@after-correct")).hits
    assert hit.passages[0].labels == ("back",)
    with pytest.raises(UsageError, match="Did you mean: back"):
        search_page(store, parse_search("label:bakc"))
    assert ids(store, "wait", filters=Filters(model=("model-a",))) == ["a"]
    assert ids(store, "", filters=Filters(text="hmm")) == ["d"]


def test_the_index_follows_imports_and_removals(store: Store, tmp_path: Path) -> None:
    index = search_index(store)
    assert index.state().n_missing == 4
    assert search_page(store, parse_search("wait")).n_unindexed == 4
    assert index.update().current
    load(store, tmp_path / "two.jsonl", {"e": "wait once more", "f": "zebra"})
    assert index.state().n_missing == 2
    assert ids(store, "zebra") == ["f"]
    remove(store, plan_removal(store, files=["two.jsonl"]))
    assert index.state().n_stale == 2
    # A stale index never shows what is gone, even before it is updated.
    assert search_page(store, parse_search("zebra")).total == 0
    assert ids(store, "wait") == ["a", "d"]
    # The same file again has other keys: its texts may be read by another mapping now.
    load(store, tmp_path / "two.jsonl", {"e": "wait once more", "f": "zebra"})
    assert index.state().n_missing == 2


def test_a_deleted_damaged_or_foreign_index(store: Store, tmp_path: Path) -> None:
    import shutil

    assert ids(store, "hmm") == ["d"]
    folder = index_path(store)
    assert folder is not None
    shutil.rmtree(folder)
    assert ids(store, "hmm") == ["d"]
    store.close()
    (folder / "meta.json").write_text("{broken")
    with open_store(tmp_path / "t.duckdb") as again:
        assert ids(again, "hmm") == ["d"]
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with (
        open_store(tmp_path / "t.duckdb") as again,
        pytest.raises(StoreError, match="no search index"),
    ):
        search_index(again)
    assert (folder / "thesis.txt").read_text() == "mine"


def test_a_stopped_update_goes_on(store: Store) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CotscopeError, match="Stopped"):
        search_index(store).update(cancel=token)
    assert search_index(store).update().current


def test_a_second_writer_is_told(store: Store) -> None:
    index = search_index(store)
    writer = index._index.writer(20_000_000, 1)
    with pytest.raises(StoreError, match="being updated"):
        index.update()
    writer.wait_merging_threads()
    assert index.update().current


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\bwait\b", ["wait"]),
        (r"hold on", ["on*"]),
        (r"\bhold on\b.{3}foo", ["hold", "on"]),
        (r"waits?\b", []),
        (r"a|b", []),
        (r"\bwait+", ["wait*"]),
        (r"(\bx\b|y) then z", ["then", "z*"]),
        (r"\bx*y", []),
        (r"[^a\]] foo ", ["foo"]),
        (r"\Qa b\E c ", []),
    ],
)
def test_required_words(pattern: str, words: list[str]) -> None:
    assert [t.to_text() for t in required_words(Regex(pattern))] == words


def test_words_inside_other_words_are_not_missed(tmp_path: Path) -> None:
    """RE2's \\b is ASCII's, so it sees words where the index has longer ones."""
    texts = {"a": "éwaité", "b": "wait\u200bing", "c": "x²wait", "d": "await", "e": "wait。"}
    with open_store(tmp_path / "m.duckdb") as store:
        load(store, tmp_path / "m.jsonl", texts)
        assert ids(store, r"/\bwait\b/") == ["a", "b", "c", "e"]


@pytest.mark.parametrize(
    "pattern", ["(?=a)", r"\1", "a*", r"\b", "a++", "[", ")(", r"\C", "(?<!a)b"]
)
def test_patterns_that_are_refused(pattern: str) -> None:
    with pytest.raises(SearchSyntaxError) as caught:
        compile_regex(Regex(pattern))
    assert caught.value.remedy


def test_offsets_of_patterns_are_code_points() -> None:
    text = "😀é答案 wait"
    assert [text[a:b] for a, b in regex_spans(Regex("案.w"), text, 9)] == ["案 w"]
    assert list(regex_spans(Regex("答"), text, 9)) == [(2, 3)]


def test_export_of_passages(store: Store) -> None:
    rows = [r for b in passage_rows(store, regex_search(r"42")) for r in b.to_pylist()]
    assert {r["external_id"] for r in rows} == {"a", "b", "c", "d"}
    for row in rows:
        assert set(row) == set(PASSAGES_SCHEMA.names)
        if row["field"] == "reasoning":
            text = TEXTS[row["external_id"]]
            assert text[row["start"] : row["end"]] == row["text"] == "42"


def test_paging_is_stable(store: Store) -> None:
    search_index(store).update()
    for sort in ("relevance", "newest", "longest"):
        seen = [
            search_page(store, parse_search("question"), sort=sort, page=n, page_size=1)
            .hits[0]
            .trace_id
            for n in (1, 2, 3, 4)
        ]
        assert len(set(seen)) == 4
    assert search_page(store, parse_search("question"), page=99, page_size=3).page == 2
    with pytest.raises(UsageError):
        search_page(store, parse_search("question"), sort="luck")


def test_saved_searches(store: Store) -> None:
    save_search(store, "  mine  ", {"q": "a & b=c", "model": ["x", "y"]})
    assert load_search(store, "mine").query == {"q": ["a & b=c"], "model": ["x", "y"]}
    with pytest.raises(UsageError, match="already"):
        save_search(store, "mine", {"q": "z"})
    with pytest.raises(UsageError, match="name"):
        save_search(store, " \n", {"q": "z"})
    save_search(store, "two", {"q": "z"})
    with pytest.raises(UsageError, match="already"):
        rename_search(store, "two", "mine")
    rename_search(store, "two", "Three")
    assert [s.name for s in list_searches(store)] == ["mine", "Three"]
    delete_search(store, "mine")
    with pytest.raises(UsageError, match="Three"):
        load_search(store, "mine")


def test_terms_under_not_are_not_shown() -> None:
    query = parse_search("a -b (c OR d)")
    assert [t.words[0] for t in positive_terms(query.words)] == ["a", "c", "d"]
