"""What the gateway counts. Labels have few values: never a connection's token, an id or a path."""

from prometheus_client import Counter, Histogram

INTAKE = Counter(
    "sluss_intake_total", "Callbacks by source and what became of them.", labelnames=("source", "outcome")
)
INTAKE_SECONDS = Histogram(
    "sluss_intake_seconds",
    "From the first byte of a callback to its answer.",
    labelnames=("source",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
REJECTED = Counter(
    "sluss_intake_rejected_total",
    "Callbacks refused, by the rule that failed.",
    labelnames=("source", "rule"),
)
RINGS = Counter(
    "sluss_doorbell_total", "Subjects rung at once, or left to the sweep.", labelnames=("outcome",)
)
