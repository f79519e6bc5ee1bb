"""What every process counts, in Prometheus' form. Labels never carry personal data or ids."""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

INTAKE = Counter("sluss_intake_total", "Events by source and what became of them", ["source", "outcome"])
INTAKE_SECONDS = Histogram(
    "sluss_intake_seconds",
    "From the first byte of a webhook to its acknowledgement",
    ["source"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
WAKE_FAILURES = Counter(
    "sluss_wake_failures_total", "Wake-up calls that Redis did not take; the sweep rings again"
)
RUNS = Counter("sluss_runs_total", "Runs by kind, how they ended and problem code", ["kind", "state", "code"])
RUN_SECONDS = Histogram("sluss_run_seconds", "Duration of a run", ["kind"])
CALLS = Counter("sluss_calls_total", "Calls to other systems", ["system", "endpoint", "method", "status"])
CALL_SECONDS = Histogram("sluss_call_seconds", "Duration of a call to another system", ["system", "endpoint"])
DOCUMENTS = Counter("sluss_documents_total", "Documents written, by system and kind", ["system", "kind"])
SUBJECTS = Gauge("sluss_subjects", "Subjects by state", ["state"])
OLDEST_DUE = Gauge("sluss_oldest_due_seconds", "Age of the oldest subject that is due")
RATE_WINDOW = Gauge(
    "sluss_rate_window_used_ratio", "Share of the rate window in use", ["system", "connection"]
)
RATE_REFUSALS = Counter("sluss_rate_refusals_total", "Answers 429", ["system"])
SWEEPS = Counter("sluss_sweeps_total", "Ticks of the scheduler by job and result", ["job", "result"])


def serve_metrics(port: int) -> None:
    """Answer Prometheus on ``port``; 0 is off. The gateway shows its metrics on its own port instead."""
    if port:
        start_http_server(port)
