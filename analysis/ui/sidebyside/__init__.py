"""Traces of one question in columns that scroll together by what they say."""

from analysis.ui.sidebyside.component import show
from analysis.ui.sidebyside.payload import payload

__all__ = ["payload", "show"]
