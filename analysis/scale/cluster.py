"""The Ray cluster: one that is there, or a local one of this machine."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import CotscopeError

EXTRA = 'Install the extra on every machine: pip install "cotscope[ray]".'
STARTS = 5
"""Ray waits a fixed time for its own parts, which a busy machine may miss."""
_WAIT_SECONDS = 3.0


class ScaleError(CotscopeError):
    """Ray is not here, does not start, or its work failed; what was finished is kept."""

    code = "R001"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the work goes."""

    address: str | None = None
    """Of a cluster that runs: ``auto``, ``HOST:PORT``. None is ``$RAY_ADDRESS``, else a local one."""
    workers: int | None = None
    """How many work at a time; None is one per core of the cluster."""
    gpus: float = 0.0
    """Of each worker."""
    shared: Path | None = None
    """A folder that every machine sees under this path; None is beside the database, which is
    enough for a local cluster only."""

    @property
    def local(self) -> bool:
        """Whether a cluster of this machine is started."""
        return self._address == "local"

    @property
    def _address(self) -> str:
        return self.address or os.environ.get("RAY_ADDRESS") or "local"

    def folder(self, database: Path, name: str) -> Path:
        """The folder for one piece of work, made.

        Raises ``ScaleError`` for another cluster without a shared folder, or one that cannot be written.
        """
        if self.shared is None and not self.local:
            raise ScaleError(
                "Machines of a cluster need a folder that all of them see.",
                remedy="Name one with --shared, on a network file system.",
            )
        base = self.shared or database.with_name(database.name + ".ray")
        found = base.absolute() / name
        try:
            found.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ScaleError(
                f"The folder {found} cannot be made ({error.strerror}).", remedy="Check --shared."
            ) from error
        return found

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """The module ``ray``, connected; disconnected at the end, a local cluster ended."""
        # Before the import, which reads them.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        if self.local and "RAY_AUTH_MODE" not in os.environ:
            # Ray listens on the network, and whoever reaches it runs what he likes.
            os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise ScaleError("Ray is not here.", remedy=EXTRA) from error
        if ray.is_initialized():  # the caller's own connection stays
            yield ray
            return
        self._connect(ray)
        try:
            logging.getLogger("ray.data").setLevel(logging.WARNING)
            context = ray.data.DataContext.get_current()
            context.enable_progress_bars = False
            yield ray
        finally:
            ray.shutdown()

    def _connect(self, ray: Any) -> None:
        given: dict[str, Any] = {"address": self._address, "log_to_driver": False}
        given["logging_level"] = "error"
        if self.local:
            given["include_dashboard"] = False
            if self.workers is not None:
                given["num_cpus"] = self.workers
        for attempt in range(STARTS):
            try:
                ray.init(**given)
                return
            except Exception as error:  # Ray raises what it likes
                ray.shutdown()
                if not self.local or attempt == STARTS - 1:
                    what = (
                        "does not start" if self.local else f"cannot be reached at {self._address}"
                    )
                    reason = " ".join(str(error).split())[:300]
                    raise ScaleError(f"Ray {what}: {reason}", remedy="Try again.") from error
                time.sleep(_WAIT_SECONDS)

    def failed(self, error: Exception) -> ScaleError:
        """A fault of Ray or of the code that it ran, in our words."""
        cause = getattr(error, "cause", None) or error
        lines = [line.strip() for line in str(cause).strip().split("\n") if line.strip()]
        said = lines[-1][:400] if lines else type(error).__name__
        return ScaleError(
            f"The work on Ray failed: {said}", remedy="What was finished is kept; run it again."
        )
