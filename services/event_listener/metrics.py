"""What the listener counts. Labels have few values: never a tenant, a number or a token."""

from prometheus_client import Counter, Gauge

EVENTS = Counter(
    "sluss_stream_events_total", "Events of Fortnox' stream, by topic and what became of them.",
    labelnames=("topic", "outcome"),
)  # fmt: skip
CONNECTS = Counter(
    "sluss_stream_connects_total", "Tries to connect to the stream, by how they ended.", ["outcome"]
)
GAPS = Counter("sluss_stream_gaps_total", "Times that a tenant's missed events could not be replayed.")
LEADS = Gauge("sluss_stream_leads", "1 while this process listens, 0 while another does.")
TENANTS = Gauge("sluss_stream_tenants", "Tenants whose events are heard.")
BACKLOG = Gauge("sluss_stream_backlog", "Events received and not yet in the inbox.")
