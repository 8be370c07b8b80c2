"""Searching texts: how words are compared, the query language, exact places of hits, passages."""
