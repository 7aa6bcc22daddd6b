"""Makes blocks of persons in parallel, each in one thread with a database of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from threading import Event

import duckdb

from openchronic.runtime.interrupts import held_back
from openchronic.synth import writing
from openchronic.synth.deliveries import made_columns, of_tables
from openchronic.synth.engine import generate_block, open_engine
from openchronic.synth.settings import Settings
from openchronic.synth.traps import count_block

SPILL = "spill"

Engines = SimpleQueue[duckdb.DuckDBPyConnection]


def made_blocks(
    root: Path, settings: Settings, *, size: int, threads: int
) -> Generator[tuple[int, Counter[str]]]:
    """Yields each block of ``size`` persons, in order, once its rows are written below ``root``.

    Each value is the number of the first person after the block, and the counts of planted things. Blocks share
    no state, so that the rows are the same for any number of threads.
    """
    queries: dict[str, str] = {}
    lows = range(0, settings.patients, size)
    threads = min(threads, len(lows))
    spare: Engines = SimpleQueue()
    stop = Event()

    def make(low: int) -> Counter[str]:
        engine = spare.get()
        try:
            generate_block(engine, low=low, high=min(low + size, settings.patients))
            for files in of_tables(settings):
                if stop.is_set():
                    break
                if low == 0 or files[0].every_block:
                    # The text is the same for each block, and slow to make.
                    table = files[0].table
                    query = queries.get(table.name) or files[0].query(made_columns(engine, table))
                    queries[table.name] = query
                    writing.write(engine, files, query, root=root, block=low // size)
            return count_block(engine)
        finally:
            spare.put(engine)

    with ExitStack() as stack:
        opened = [
            stack.enter_context(open_engine(settings, spill=root / SPILL / f"{number}"))
            for number in range(threads)
        ]
        for engine in opened:
            spare.put(engine)
        # These are left in reverse order: running work is stopped, then waited for, then its engine
        # closes.
        pool = ThreadPoolExecutor(threads)
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        for engine in opened:
            stack.callback(engine.interrupt)
        stack.callback(stop.set)
        with held_back():
            made = [pool.submit(make, low) for low in lows]
        for low, block in zip(lows, made, strict=True):
            yield min(low + size, settings.patients), block.result()
