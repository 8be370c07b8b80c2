"""Bytes in, traces out: recognise a record and read it, whatever wrote it."""
