"""What the feed counts of itself; whoever serves metrics registers these."""

from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

FIXES = (1, 5, 20, 100, 500, 2_000, 5_000, 20_000)
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 10)


class Meter:
    """A call costs about a microsecond: it is made for a batch or a tick, never for a fix."""

    def __init__(self) -> None:
        self.acked = Counter("alliance_feed_fixes_acked", "Fixes acknowledged", registry=None)
        self.batch = Histogram(
            "alliance_feed_batch_fixes", "Fixes of one batch", buckets=FIXES, registry=None
        )
        self.commit = Histogram(
            "alliance_feed_commit_seconds",
            "From the start of a batch to its commit",
            buckets=SECONDS,
            registry=None,
        )
        self.frames = Counter(
            "alliance_feed_frames", "Frames of positions written to watchers", registry=None
        )
        self.fan_out = Counter(
            "alliance_feed_fan_out_cpu_seconds", "CPU time of building and writing them", registry=None
        )
        self.tick = Histogram(
            "alliance_feed_tick_seconds",
            "Visits and coverage brought up to date",
            buckets=SECONDS,
            registry=None,
        )

    def __iter__(self) -> Iterator[MetricWrapperBase]:
        return iter((self.acked, self.batch, self.commit, self.frames, self.fan_out, self.tick))
