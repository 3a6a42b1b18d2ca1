"""The lectures' data: fetched from their origin, checked, cached; or the small data that ships.

`data/registry.toml` says what is fetched from where, with its SHA-256. Three environment variables:

- GRADSCHOOL_DATA: a folder that already holds the real files; nothing is fetched then.
- GRADSCHOOL_DATA_ORIGIN: an address in place of the registered ones' folder (a mirror, or a test).
- the cache folder is the user's, by pooch's rules; XDG_CACHE_HOME moves it on Linux.
"""

import hashlib
import os
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.0, 5.0, 60.0


class DataError(Exception):
    """The data that was asked for cannot be had; the message is a sentence for the user."""


@dataclass(frozen=True)
class Entry:
    """One data set of the registry; `bytes` and `sha256` are those of the real file."""

    file: str
    small: str
    address: str
    sha256: str
    bytes: int
    contents: str
    licence: str
    origin: str


@dataclass(frozen=True)
class Dataset:
    """A text, whether it is the lecture's own, and the sentence that says which it is and why."""

    text: str
    real: bool
    sentence: str


def names() -> list[str]:
    """Given names in lower case; one line on stderr says whether the real or the small list."""
    return _told("names").split()


def shakespeare() -> str:
    """The text of plays; one line on stderr says whether the real or the small one."""
    return _told("shakespeare")


def _told(name: str) -> str:
    dataset = load(name)
    print(dataset.sentence, file=sys.stderr)
    return dataset.text


@cache
def load(name: str, source: str = "auto") -> Dataset:
    """The data set "names" or "shakespeare". A process asks the network for it once.

    source: "real" or "small" insist on one; "auto" takes the real data where it can be had.
    Raises DataError where the real data cannot be had, or GRADSCHOOL_DATA holds a wrong file.
    """
    entry = registry()[name]
    if source == "small":
        return small(name, entry, "as asked")
    folder = os.environ.get("GRADSCHOOL_DATA")
    if folder:
        return real(name, entry, given(entry, Path(folder)), "from GRADSCHOOL_DATA")
    try:
        return real(name, entry, fetched(entry), "the lecture's")
    except (OSError, ValueError) as error:
        reason = f"{address(entry)} cannot be had: {first_words(error)}"
        if source == "real":
            raise DataError(f"{name}: {reason}") from error
        return small(name, entry, reason)


def real(name: str, entry: Entry, file: Path, origin: str) -> Dataset:
    text = file.read_bytes().decode("utf-8")
    return Dataset(text, True, f"{name}: the real data, {entry.contents} ({origin})")


def small(name: str, entry: Entry, reason: str) -> Dataset:
    text = (data_folder() / entry.small).read_bytes().decode("utf-8")
    return Dataset(text, False, f"{name}: the small data that comes with the course ({reason})")


def given(entry: Entry, folder: Path) -> Path:
    """The file in the folder that the user named. It is checked; nothing else is tried."""
    file = folder / entry.file
    try:
        content = file.read_bytes()
    except OSError as error:
        words = f"GRADSCHOOL_DATA: {file} cannot be read ({error.strerror})"
        raise DataError(f"{words}; name a folder that holds it, or unset the variable") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        words = f"GRADSCHOOL_DATA: {file} is not the registered file ({len(content):,} bytes"
        raise DataError(f"{words}, another SHA-256); replace it, or unset the variable")
    return file


def fetched(entry: Entry) -> Path:
    """The file in the cache; downloaded where it is missing or not the registered one.

    pooch writes a download beside its target and moves it there once its checksum is right, so a
    second process, or one that is cut off, never leaves a wrong file that is trusted.
    Raises OSError (requests' errors are OSErrors) or ValueError (the checksum).
    """
    import pooch

    pooch.get_logger().setLevel("ERROR")
    store = pooch.create(
        path=cache_folder(),
        base_url="",
        registry={entry.file: f"sha256:{entry.sha256}"},
        urls={entry.file: address(entry)},
    )
    watch = DownloadWatch(entry)
    timeouts = (CONNECT_SECONDS, READ_SECONDS)
    downloader = pooch.HTTPDownloader(progressbar=watch, timeout=timeouts, chunk_size=8192)
    try:
        return Path(store.fetch(entry.file, downloader=downloader))
    finally:
        watch.close()


class DownloadWatch:
    """A progress bar as pooch calls it, drawn only on a terminal; it also ends an endless download."""

    def __init__(self, entry: Entry):
        import time

        self.entry, self.total, self.done = entry, entry.bytes, 0
        self.clock = time.monotonic
        self.latest = self.clock() + WHOLE_SECONDS
        self.progress = None

    def update(self, count: int) -> None:
        self.done = min(self.done + count, self.entry.bytes)
        if self.clock() > self.latest:
            raise TimeoutError(f"it took more than {WHOLE_SECONDS:g} seconds")
        if sys.stderr.isatty():
            self.draw()

    def draw(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        if self.progress is None:
            self.progress = Progress(console=Console(stderr=True), transient=True)
            self.task = self.progress.add_task(self.entry.file, total=self.entry.bytes)
            self.progress.start()
        self.progress.update(self.task, completed=self.done)

    def reset(self) -> None:
        """Part of what pooch calls; the count is kept, as it is never over the whole."""

    def close(self) -> None:
        if self.progress:
            self.progress.stop()


def address(entry: Entry) -> str:
    """Where a file is fetched from."""
    origin = os.environ.get("GRADSCHOOL_DATA_ORIGIN")
    return f"{origin.rstrip('/')}/{entry.file}" if origin else entry.address


def cache_folder() -> Path:
    """Where fetched files stay."""
    import pooch

    return Path(pooch.os_cache("gradschool")) / "data"


def data_folder() -> Path:
    """The data that ships: inside an installed package, or at the top of a clone."""
    package = Path(__file__).parent
    installed = package / "_course" / "data"
    return installed if installed.is_dir() else package.parent / "data"


@cache
def registry() -> dict[str, Entry]:
    """What can be fetched, by name."""
    text = (data_folder() / "registry.toml").read_text(encoding="utf-8")
    return {name: Entry(**fields) for name, fields in tomllib.loads(text).items()}


def first_words(error: Exception) -> str:
    """The reason in a few words: pooch's and requests' messages run over several lines."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout | TimeoutError):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        timed_out = "timed out" in str(error).lower()
        return "no answer in time" if timed_out else "there is no connection"
    if isinstance(error, ValueError):
        return "what came is not the registered file"
    return str(error).splitlines()[0][:200]
