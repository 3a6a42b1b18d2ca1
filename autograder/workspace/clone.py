"""A workspace that is a clone of the course: getting the new version without losing any work."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.lessons.disk import write_atomically
from autograder.lessons.errors import WrongUse
from autograder.workspace.reset import back_up
from autograder.workspace.stubs import remember
from autograder.workspace.workspace import Workspace

# Where these change, the program needs other packages than are installed.
_NEEDS = ("pyproject.toml", "constraints.txt")


@dataclass(frozen=True)
class Clone:
    """A folder that git keeps, with the course's own files in it."""

    workspace: Workspace

    @classmethod
    def of(cls, workspace: Workspace) -> Clone | None:
        """The clone that a workspace is; None where git does not keep the course's files in it."""
        is_course = workspace.folder.resolve() == workspace.course.folder.resolve()
        is_kept = is_course and (workspace.folder / ".git").exists()
        return cls(workspace) if is_kept and shutil.which("git") else None

    def fetch(self, folder: Path | None) -> str:
        """Fetch the new version, from another clone where `folder` is one; returns its commit.

        Nothing in the workspace changes. Raises WrongUse with what git says.
        """
        if folder is None:
            self._git("fetch", "--quiet")
            return self._git("rev-parse", "@{upstream}")
        if not (folder / ".git").exists():
            raise WrongUse(
                f"{folder} is no clone, and your workspace is one; name a clone, or say git pull"
            )
        self._git("fetch", "--quiet", str(folder.resolve()), "HEAD")
        return self._git("rev-parse", "FETCH_HEAD")

    def has(self, commit: str) -> bool:
        return not self._git("rev-list", "--max-count=1", f"HEAD..{commit}")

    def take(self, commit: str) -> bool:
        """Bring all files to a commit, but leave the learner's lessons as they are.

        Returns whether the program needs other packages now. Where git cannot do it, everything is
        as it was, and WrongUse says what stands in its way.
        """
        before = self._git("rev-parse", "HEAD")
        with self._exercises_aside():
            self._git("checkout", "--quiet", "HEAD", "--", "exercises")
            try:
                self._git("merge", "--quiet", "--no-edit", "-X", "theirs", commit)
            except WrongUse:
                with contextlib.suppress(WrongUse):
                    self._git("merge", "--abort")
                raise
        return bool(self._git("diff", "--name-only", before, "HEAD", "--", *_NEEDS))

    @contextlib.contextmanager
    def _exercises_aside(self) -> Iterator[None]:
        """Back up the lessons that were worked on, and write them again whatever happens."""
        own: dict[Path, bytes] = {}
        for name in self.workspace.course.names:
            remember(self.workspace, name, anew=False)
            path = self.workspace.exercises / f"{name}.py"
            stub = self.workspace.course.lesson(name).stub().encode()
            if path.is_file() and (content := path.read_bytes()) != stub:
                own[path] = content
                back_up(self.workspace, path)
        try:
            yield
        finally:
            for path, content in own.items():
                write_atomically(path, content)

    def _git(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["git", *arguments],
            cwd=self.workspace.folder,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
        )
        if ran.returncode:
            said = " ".join((ran.stderr or ran.stdout).split())[:500]
            raise WrongUse(f"git {arguments[0]} says: {said or 'it failed'}")
        return ran.stdout.strip()
