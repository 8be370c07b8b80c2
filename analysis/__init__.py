"""CoTScope: read, measure and compare the long chains of thought of reasoning models."""

__version__ = "0.1.0"
