"""The words of a search as a query of the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.errors import UsageError
from analysis.search.literals import required_words
from analysis.search.pieces import required_pieces
from analysis.search.query import Node, Not, Or, Regex, Term
from analysis.search.shapes import required_shapes
from analysis.store.search_faults import guard
from analysis.store.search_index import FIELDS, INNER, OVERLONG, SHAPE, SearchIndex

MAX_EXPANSIONS = 16_384
"""Words that a prefix inside a phrase may stand for."""


def words_query(index: SearchIndex, node: Node) -> Any:
    """A tantivy query for a tree of words. Its hits are exactly those that ``search.hits`` shows."""
    import tantivy

    must, should, must_not = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
    query = tantivy.Query
    if isinstance(node, Term):
        fields = (node.field,) if node.field else FIELDS
        parts = [_term(index, node, name) for name in fields]
        return parts[0] if len(parts) == 1 else query.boolean_query([(should, p) for p in parts])
    if isinstance(node, Or):
        return query.boolean_query([(should, words_query(index, part)) for part in node.parts])
    if isinstance(node, Not):
        return query.boolean_query(
            [(must, query.all_query()), (must_not, words_query(index, node.part))]
        )
    found = [
        (must_not, words_query(index, part.part))
        if isinstance(part, Not)
        else (must, words_query(index, part))
        for part in node.parts
    ]
    if all(occur == must_not for occur, _ in found):
        found.append((must, query.all_query()))
    return query.boolean_query(found)


def _term(index: SearchIndex, term: Term, field: str) -> Any:
    import tantivy

    query, schema = tantivy.Query, index.schema
    words: list[str | tuple[int, str]] = list(term.words)
    if not term.prefix:
        if len(words) == 1:
            return query.term_query(schema, field, term.words[0])
        return query.phrase_query(schema, field, words)
    # Words hold only ASCII letters and digits and non-ASCII characters: nothing to escape.
    if len(words) == 1:
        return query.regex_query(schema, field, f"{term.words[0]}.*")
    ends = index.searcher().terms_with_prefix(field, term.words[-1], limit=MAX_EXPANSIONS + 1)
    if len(ends) > MAX_EXPANSIONS:
        raise UsageError(
            f"Too many words begin with {term.words[-1]!r}.",
            remedy="Write more letters before the *.",
        )
    return query.regex_phrase_query(schema, field, [*words[:-1], f"{term.words[-1]}.*"])


def candidates_query(index: SearchIndex, regexes: Sequence[Regex]) -> Any | None:
    """A query for every trace that these patterns can match; None where that may be any."""
    import tantivy

    must, should = tantivy.Occur.Must, tantivy.Occur.Should
    query = tantivy.Query
    parts, other = [], []
    for regex in regexes:
        own = [regex.field] if regex.field else list(FIELDS)
        for term in required_words(regex):
            parts.append([_term(index, term, name) for name in (*own, INNER)])
        for clause in required_pieces(regex):
            if made := _pieces(index, clause, own):
                parts.append(made)
        for clause in required_shapes(regex):
            terms = [query.term_query(index.schema, SHAPE, word) for word in sorted(clause)]
            other.append(query.boolean_query([(should, one) for one in terms]))
    if not parts and not other:
        return None
    long = query.term_query(index.schema, INNER, OVERLONG)
    other += [query.boolean_query([(should, one) for one in (*part, long)]) for part in parts]
    return query.boolean_query([(must, part) for part in other])


def _pieces(index: SearchIndex, clause: frozenset[str], fields: Sequence[str]) -> list[Any]:
    """Texts with a word that is one of these; [] where tantivy finds that too much to look for."""
    import tantivy

    words = f"({'|'.join(sorted(clause))})"
    try:
        return [guard(tantivy.Query.regex_query, index.schema, name, words) for name in fields]
    except ValueError:
        return []
