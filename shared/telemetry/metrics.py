"""What workers and the scheduler count, in Prometheus' form; the gateway's are with the gateway.

Labels never carry personal data or ids.
"""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

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
