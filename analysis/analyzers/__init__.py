"""Analyzers: one file each, with the protocol and the registry."""
