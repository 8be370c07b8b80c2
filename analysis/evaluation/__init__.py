"""Measuring detectors: findings against labelled traces.

``gold`` reads labelled traces, ``predictions`` says what was found in them, ``scoring`` counts,
``tables`` makes figures with intervals, ``errors`` lists what was wrong, ``accuracy`` holds the table
that ships with the product and ``publish`` writes it. ``docs/evaluation.md`` is the guide.
"""
