"""What the running product counts; /metrics shows it. No label ever names a person, a chat or a place."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REGISTRY = CollectorRegistry()
CONTENT_TYPE = CONTENT_TYPE_LATEST

updates_received = Counter(
    "wangge_updates_received", "Events taken from a platform into the inbox.", ["platform"], registry=REGISTRY
)
updates_handled = Counter(
    "wangge_updates_handled", "Events answered, refusals among them.", ["platform"], registry=REGISTRY
)
updates_failed = Counter(
    "wangge_updates_failed", "Events that failed for a reason of ours.", ["platform"], registry=REGISTRY
)
messages = Counter(
    "wangge_messages", "Attempts to send: `sent`, or the code of the error.", ["platform", "outcome"],
    registry=REGISTRY,
)  # fmt: skip
inbox_waiting = Gauge("wangge_inbox_waiting", "Events received and not yet handled.", registry=REGISTRY)
outbox_queued = Gauge("wangge_outbox_queued", "Messages waiting to be sent.", registry=REGISTRY)
handling_seconds = Histogram(
    "wangge_handling_seconds", "From an event's receipt to the commit of its effect.", ["platform"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30), registry=REGISTRY,
)  # fmt: skip
web_pages_open = Gauge("wangge_web_pages_open", "Pages of the web chat connected now.", registry=REGISTRY)


# The labels are few, and finding their counter costs more than counting.
_received, _handled, _failed = (
    cache(updates_received.labels),
    cache(updates_handled.labels),
    cache(updates_failed.labels),
)
_took, _outcome = cache(handling_seconds.labels), cache(messages.labels)


def count_received(platforms: Iterable[str]) -> None:
    """One event from each of these platforms, which may repeat."""
    for platform, count in Counts(platforms).items():
        _received(platform).inc(count)


def count_handled(platform: str, took_s: float) -> None:
    """An event is answered, so long after its receipt."""
    _handled(platform).inc()
    _took(platform).observe(took_s)


def count_failed(platform: str) -> None:
    """An event failed for a reason of ours."""
    _failed(platform).inc()


def count_message(platform: str, outcome: str) -> None:
    """An attempt to send has ended."""
    _outcome(platform, outcome).inc()


def show_metrics() -> bytes:
    """Render all metrics in the text format of Prometheus."""
    return generate_latest(REGISTRY)
