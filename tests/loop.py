"""Watching the event loop: no callback may keep its thread busy."""

import asyncio
import gc
import time
from contextlib import contextmanager

SLOW_S = 0.1  # Of the loop thread's own CPU time, so a busy machine does not matter.


@contextmanager
def brisk():
    """Raises: AssertionError: a callback took longer than `SLOW_S`."""
    run, slow = asyncio.Handle._run, []

    def timed(handle):
        before = time.thread_time()
        run(handle)
        if (took := time.thread_time() - before) > SLOW_S:
            slow.append(f"{took:.3f} s: {handle!r}")

    # As the bot does when it starts (`bot.app.serve`): what earlier tests left is not to be gone through meanwhile.
    gc.collect()
    gc.freeze()
    asyncio.Handle._run = timed
    try:
        yield
    finally:
        asyncio.Handle._run = run
        gc.unfreeze()
    if slow:
        raise AssertionError("; ".join(slow))
