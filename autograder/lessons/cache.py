"""Where answer keys are kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """GRADSCHOOL_CACHE, or the user's cache folder; nobody but the grader reads it."""
    named = os.environ.get("GRADSCHOOL_CACHE")
    return Path(named or platformdirs.user_cache_dir("gradschool")) / "answer_keys"
