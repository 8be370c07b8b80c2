"""Rewrite what in docs/ comes from code: metrics.md, the card of the detectors, and (--images) the pictures.

The pictures show every page on the sample traces, light and dark; docs/tour.md walks through them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from analysis.evaluation.cards import write_documents

ROOT = Path(__file__).resolve().parent.parent


def metrics() -> None:
    """docs/metrics.md from the registry of metrics."""
    done = subprocess.run(
        [sys.executable, "-m", "analysis.views.metrics_doc"], check=True, capture_output=True
    )
    (ROOT / "docs" / "metrics.md").write_bytes(done.stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", action="store_true")
    metrics()
    write_documents(root=ROOT)
    if parser.parse_args().images:
        from scripts.pictures import take_all

        take_all()
