"""One file from the network: checked, cached, with a bar on a terminal, and never waiting long.

The cache is the user's cache folder (on Linux XDG_CACHE_HOME moves it). The environment variable
GRADSCHOOL_DATA_ORIGIN, such as http://127.0.0.1:8000, replaces the folder of every address: for a
mirror of one's own, or a test.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.0, 5.0, 60.0


def cached(file: str, address: str, sha256: str, size: int) -> Path:
    """The path of a file in the cache; downloaded where it is missing or not the right one.

    pooch writes a download beside its target and moves it there once its checksum is right, so a
    second process, or one that is cut off, never leaves a wrong file that is trusted.
    Raises OSError (requests' errors are OSErrors) or ValueError (a wrong checksum).
    """
    import pooch

    pooch.get_logger().setLevel("ERROR")
    store = pooch.create(
        path=cache_folder(),
        base_url="",
        registry={file: f"sha256:{sha256}"},
        urls={file: address},
    )
    bar = DownloadBar(file, size)
    timeouts = (CONNECT_SECONDS, READ_SECONDS)
    downloader = pooch.HTTPDownloader(progressbar=bar, timeout=timeouts, chunk_size=8192)
    try:
        return Path(store.fetch(file, downloader=downloader))
    finally:
        bar.close()


def cache_folder() -> Path:
    """Where fetched files stay."""
    import pooch

    return Path(pooch.os_cache("gradschool")) / "data"


def from_origin(address: str, file: str) -> str:
    """The address to ask: the registered one, or the same file at GRADSCHOOL_DATA_ORIGIN."""
    origin = os.environ.get("GRADSCHOOL_DATA_ORIGIN")
    return f"{origin.rstrip('/')}/{file}" if origin else address


class DownloadBar:
    """A progress bar as pooch calls it, on a terminal only; it also ends a crawling download."""

    def __init__(self, file: str, size: int):
        self.file, self.total, self.done = file, size, 0
        self.latest = time.monotonic() + WHOLE_SECONDS
        self.progress: Progress | None = None

    def update(self, count: int) -> None:
        self.done += count
        if time.monotonic() > self.latest:
            raise TimeoutError
        if sys.stderr.isatty():
            self.draw()

    def draw(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        if self.progress is None:
            self.progress = Progress(console=Console(stderr=True), transient=True)
            self.progress.add_task(self.file, total=self.total)
            self.progress.start()
        (task,) = self.progress.task_ids
        self.progress.update(task, completed=min(self.done, self.total))

    def reset(self) -> None:
        """Called by pooch before it fills its bar at the end; this bar is taken away instead."""

    def close(self) -> None:
        if self.progress:
            self.progress.stop()


def why(error: OSError | ValueError) -> str:
    """The reason in a few words: pooch's and requests' own messages run over several lines."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout | TimeoutError) or "timed out" in str(error):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer was cut off"
    if isinstance(error, ValueError):
        return "what came is not the registered file"
    return str(error).partition("\n")[0]
