"""Choosing traces to train on: a recipe, its funnel of counts, and files of messages or pairs."""

from analysis.curation.choosing import Plan, Step, plan
from analysis.curation.recipe import Recipe
from analysis.curation.writing import Written, manifest_path, write

__all__ = ["Plan", "Recipe", "Step", "Written", "manifest_path", "plan", "write"]
