"""Reasoning behaviours: what the labels mean, and how sentences are scored for them."""
