"""This very installation as a wheel: what another machine is to install to grade alike.

The form is that of the binary distribution format
(https://packaging.python.org/en/latest/specifications/binary-distribution-format/).
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.lessons.about import FILE
from autograder.lessons.places import PACKAGE, docs_folder, installed_root

NAME = "gradschool"
_WHEEL = "Wheel-Version: 1.0\nGenerator: gradschool\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
# Of one file in all zips, so that the same files make the same wheel.
EPOCH = (1980, 1, 1, 0, 0, 0)


def wheel() -> tuple[str, bytes]:
    """A wheel's file name and content; an installation from a clone has the same."""
    own = metadata.distribution(NAME)
    info = f"{NAME}-{own.version}.dist-info"
    files = dict(_files())
    for name in ("METADATA", "entry_points.txt"):
        files[f"{info}/{name}"] = (own.read_text(name) or "").encode()
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    record = "".join(_recorded(name, content) for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{NAME}-{own.version}-py3-none-any.whl", zipped(files)


def constraints() -> str:
    """Everything that this installation needs, in the versions that are here."""
    found: dict[str, str] = {}
    waiting = [NAME]
    while waiting:
        for line in metadata.requires(waiting.pop()) or ():
            wanted = Requirement(line)
            name = canonicalize_name(wanted.name)
            if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
                continue
            try:
                version = metadata.version(name)
            except metadata.PackageNotFoundError:
                continue
            found[name] = version.partition("+")[0]  # which build of it is another machine's matter
            waiting.append(name)
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))


def zipped(files: dict[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    """A zip of files by their names in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = (0o755 if name in executable else 0o644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def folder_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files below a folder by their names from there, without what Python leaves behind."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _files() -> Iterator[tuple[str, bytes]]:
    for name, content in folder_files(PACKAGE):
        if not name.startswith(("_course/", "_docs/")):
            yield f"{PACKAGE.name}/{name}", content
    yield f"{PACKAGE.name}/_course/{FILE}", (installed_root() / FILE).read_bytes()
    for part in ("solutions", "data"):
        for name, content in folder_files(installed_root() / part):
            yield f"{PACKAGE.name}/_course/{part}/{name}", content
    for name, content in folder_files(docs_folder()):
        yield f"{PACKAGE.name}/_docs/{name}", content


def _recorded(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"
