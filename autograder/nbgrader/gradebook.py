"""One gradebook for several processes: what is written waits for its turn, and little is repeated.

nbgrader opens the gradebook anew a dozen times for each submission, each time with an engine of its
own that compiles all statements again and looks for all tables. In a process that grades and does
nothing else, these are done once.
"""

from __future__ import annotations

import functools
from typing import Any

# Seconds for which another process's transaction is waited for.
PATIENCE = 120


def share() -> None:
    """Let all gradebooks of this process use one engine, and every transaction wait for its turn.

    For a process that ends with its grading: it does not notice when the file is replaced.
    """
    import nbgrader.api

    engines: dict[str, Any] = {}
    create, create_all = nbgrader.api.create_engine, nbgrader.api.Base.metadata.create_all

    def engine_of(url: str, **options: Any) -> Any:
        if url not in engines:
            engines[url] = _in_turn(create(url, **options))
        return engines[url]

    @functools.cache
    def created_once(bind: Any) -> None:
        create_all(bind=bind)

    nbgrader.api.create_engine = engine_of
    nbgrader.api.Base.metadata.create_all = created_once


def _in_turn(engine: Any) -> Any:
    """Of SQLite's deferred transactions two that read and then write would both have to give up."""
    from sqlalchemy import event

    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _: Any) -> None:
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
