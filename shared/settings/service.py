"""What one process is told by its environment; every name is prefixed with ``SLUSS_``."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _seconds(value: Any) -> Any:
    """A bare number in the environment means seconds."""
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        return float(value)
    return value


Duration = Annotated[timedelta, BeforeValidator(_seconds)]


class ServiceSettings(BaseSettings):
    """Read once at start. A connection's own settings are in ``connections.py``."""

    model_config = SettingsConfigDict(env_prefix="SLUSS_", extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite+aiosqlite:///sluss.db", description="Where the ledger is: SQLite (embedded) or PostgreSQL."
    )
    redis_url: str = Field("redis://127.0.0.1:6379/0", description="The Redis that rings the workers.")
    redis_sentinels: str = Field(
        "", description="host:port, comma separated; if given, Redis is found through Sentinel."
    )
    redis_sentinel_master: str = Field("mymaster", description="Name of the master that Sentinel watches.")
    encryption_keys: SecretStr = Field(
        SecretStr(""), description="Fernet keys, comma separated, newest first; older ones still decrypt."
    )
    bootstrap_key: SecretStr = Field(
        SecretStr(""), description="The first key of the operations API; it has every scope."
    )
    environment: str = Field("production", description="Shown in logs.")
    log_level: str = Field("INFO", description="Least severe log event that is written.")
    host: str = Field("127.0.0.1", description="Address the gateway listens on.")
    port: int = Field(8080, description="Port the gateway listens on.")
    metrics_port: int = Field(0, description="Port of a worker's or scheduler's metrics; 0 is off.")
    public_url: str = Field(
        "http://127.0.0.1:8080", description="The gateway's address as Svea and Fortnox see it."
    )
    max_body_bytes: int = Field(256 * 1024, description="Largest webhook body that is taken.")
    trusted_proxies: str = Field(
        "", description="Networks whose X-Forwarded-For is believed, comma separated."
    )
    lanes: str = Field("sale,settle,bulk", description="Lanes this worker serves, comma separated.")
    concurrency: int = Field(10, description="Subjects one worker runs at once in each lane.")
    queue_poll: Duration = Field(
        timedelta(milliseconds=50), description="How often a worker asks Redis for work."
    )
    lease: Duration = Field(timedelta(seconds=10), description="How long a silent worker keeps its subject.")
    lease_heartbeat: Duration = Field(
        timedelta(seconds=3), description="How often a running subject is renewed."
    )
    job_timeout: Duration = Field(
        timedelta(minutes=10),
        description="How long one run may last; it is then released, and goes on later.",
    )
    shutdown_grace: Duration = Field(
        timedelta(seconds=20), description="How long running subjects may finish at shut-down."
    )
    wake_sweep: Duration = Field(timedelta(seconds=1), description="How often due subjects are woken again.")
    attention_recheck: Duration = Field(
        timedelta(hours=1), description="How often a subject that needs a person is tried by itself."
    )
    pending_recheck: Duration = Field(
        timedelta(hours=1), description="How often a pending order is read again without being told."
    )
    retry_base: Duration = Field(timedelta(seconds=2), description="First delay after a passing failure.")
    retry_cap: Duration = Field(timedelta(minutes=30), description="Longest delay after a passing failure.")
    retry_for: Duration = Field(
        timedelta(hours=72), description="How long a passing failure is tried before a person is asked."
    )
    keep_payloads: Duration = Field(
        timedelta(days=90),
        description="How long webhook bodies and exchanges are kept before they are masked.",
    )
    fortnox_rate: int = Field(25, description="Fortnox' requests per window, per client id and tenant.")
    fortnox_window: Duration = Field(timedelta(seconds=5), description="Fortnox' sliding window.")
    fortnox_margin: Duration = Field(
        timedelta(milliseconds=80), description="Added to the window, since Fortnox counts arrivals."
    )
    svea_rate: int = Field(5, description="Svea requests per second and merchant.")
    magento_rate: int = Field(20, description="Magento requests per second and shop.")
    magento_at_once: int = Field(4, description="Calls that one process has under way at a Magento shop.")
    magento_timeout: Duration = Field(
        timedelta(seconds=60), description="How long Magento's answer may take; long lists are slow."
    )
    adobe_key_host: str = Field(
        "https://static.adobeioevents.com", description="Where Adobe publishes the keys that sign its events."
    )
    adobe_validation_hosts: str = Field(
        "*.adobe.io,*.adobeioevents.com",
        description="Hosts of the validation addresses that Adobe may ask us to open, comma separated.",
    )
    http_timeout: Duration = Field(timedelta(seconds=15), description="How long an answer may take.")

    @field_validator("lanes")
    @classmethod
    def _known_lanes(cls, value: str) -> str:
        unknown = set(value.split(",")) - {"sale", "settle", "bulk"}
        if unknown:
            raise ValueError(f"unknown lanes: {', '.join(sorted(unknown))}")
        return value

    @property
    def encryption_key_list(self) -> list[str]:
        return [key.strip() for key in self.encryption_keys.get_secret_value().split(",") if key.strip()]
