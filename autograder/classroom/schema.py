"""The tables of `class.db`, version by version; an older file gets what it lacks."""

from __future__ import annotations

import sqlite3

# The statements of each version, of which an older store lacks the last ones.
_VERSIONS = (
    """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, asked TEXT NOT NULL, started REAL NOT NULL, ended REAL);
CREATE TABLE submissions (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE results (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, student TEXT NOT NULL, lesson TEXT NOT NULL,
    file TEXT NOT NULL, digest TEXT NOT NULL, outcome TEXT NOT NULL, why TEXT NOT NULL,
    seconds REAL NOT NULL, seed TEXT NOT NULL, course TEXT NOT NULL, engine TEXT NOT NULL,
    at REAL NOT NULL, report BLOB,
    UNIQUE (run, student, lesson, digest, seed, course, engine));
CREATE INDEX by_submission ON results (lesson, student, id);
""",
    "CREATE TABLE dropped (student TEXT PRIMARY KEY, at REAL NOT NULL)",
)


def upgraded(connection: sqlite3.Connection) -> bool:
    """Bring a store to this version, within a transaction; False where it is of a newer one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(_VERSIONS):
        return False
    for statements in _VERSIONS[version:]:
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(statement)
    if version < len(_VERSIONS):
        connection.execute(f"PRAGMA user_version = {len(_VERSIONS)}")
    return True
