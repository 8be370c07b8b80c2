"""Answers: where a text states one, what it is in a normal form, and when two are the same."""
