"""Our services on one machine: which processes there are, on which ports, and what each is told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.local.ports import LOOPBACK, port_is_free
from services.local.processes import Program

WORKERS = 2
NEXT_BASE = 20
TRIES = 40


class PortTaken(RuntimeError):
    """Somebody else listens where we were told to."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The gateway listens on `base`, the metrics of the others on the ports after it."""

    base: int = 8080

    @property
    def gateway(self) -> int:
        return self.base

    def worker(self, number: int) -> int:
        return self.base + number

    @property
    def scheduler(self) -> int:
        return self.base + WORKERS + 1

    @property
    def listener(self) -> int:
        return self.base + WORKERS + 2

    @property
    def stand_ins(self) -> int:
        return self.base + 10

    @property
    def of_services(self) -> tuple[int, ...]:
        return tuple(range(self.base, self.base + WORKERS + 3))

    @property
    def gateway_url(self) -> str:
        return f"http://{LOOPBACK}:{self.gateway}"

    @property
    def stand_ins_url(self) -> str:
        return f"http://{LOOPBACK}:{self.stand_ins}"

    def taken(self, *, stand_ins: bool) -> list[int]:
        needed = (*self.of_services, self.stand_ins) if stand_ins else self.of_services
        return [port for port in needed if not port_is_free(port)]


def find_ports(wanted: int | None, *, stand_ins: bool, otherwise: int = 8080) -> Ports:
    """Exactly the wanted ones, or PortTaken; without a wish the first that are all free."""
    if wanted is not None:
        ports = Ports(wanted)
        if taken := ports.taken(stand_ins=stand_ins):
            raise PortTaken(f"port {', '.join(map(str, taken))} is in use: name another with --port-base")
        return ports
    for ports in _candidates(otherwise):
        if not ports.taken(stand_ins=stand_ins):
            return ports
    raise PortTaken(f"no free ports from {otherwise} on: name some with --port-base")


def _candidates(first: int) -> Iterator[Ports]:
    return (Ports(first + step * NEXT_BASE) for step in range(TRIES))


def service_programs(ports: Ports, env: Mapping[str, str]) -> list[Program]:
    """Gateway, workers, scheduler and listener. `env` has the ledger, Redis and the keys."""
    gateway = {
        "SLUSS_HOST": LOOPBACK,
        "SLUSS_PORT": str(ports.gateway),
        "SLUSS_PUBLIC_URL": env.get("SLUSS_PUBLIC_URL", ports.gateway_url),
    }
    return [
        Program(
            "gateway",
            "services.webhook_gateway",
            env={**env, **gateway},
            ready_url=f"{ports.gateway_url}/health/ready",
        ),
        *(
            _measured(f"worker-{n}", "services.sync_worker", env, ports.worker(n))
            for n in range(1, WORKERS + 1)
        ),
        _measured("scheduler", "services.scheduler", env, ports.scheduler),
        _measured("listener", "services.event_listener", env, ports.listener),
    ]


def _measured(name: str, module: str, env: Mapping[str, str], port: int) -> Program:
    return Program(
        name,
        module,
        env={**env, "SLUSS_METRICS_PORT": str(port)},
        ready_url=f"http://{LOOPBACK}:{port}/metrics",
    )
