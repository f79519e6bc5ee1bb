"""What an overlay becomes, as a cluster would be told it, and the questions that the rules ask of it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import REPOSITORY

KUBERNETES = REPOSITORY / "deploy" / "kubernetes"
OVERLAYS = ("production", "staging")
OLDEST_KUSTOMIZE = (5, 0)

Json = dict[str, Any]
Labels = Mapping[str, str]


def kustomize() -> list[str] | None:
    """The command that renders a folder; None where there is none that is new enough."""
    if shutil.which("kustomize"):
        version = _output("kustomize", "version")
        return ["kustomize", "build"] if _new_enough(version) else None
    if shutil.which("kubectl"):
        version = json.loads(_output("kubectl", "version", "--client", "--output=json") or "{}")
        return ["kubectl", "kustomize"] if _new_enough(version.get("kustomizeVersion", "")) else None
    return None


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _new_enough(version: str) -> bool:
    found = re.search(r"v(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_KUSTOMIZE


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment or a Job, and the one container of its pods."""

    whole: Json

    @property
    def name(self) -> str:
        return str(self.whole["metadata"]["name"])

    @property
    def component(self) -> str:
        return self.labels["app.kubernetes.io/component"]

    @property
    def labels(self) -> dict[str, str]:
        labels: dict[str, str] = self.whole["spec"]["template"]["metadata"]["labels"]
        return labels

    @property
    def pod(self) -> Json:
        pod: Json = self.whole["spec"]["template"]["spec"]
        return pod

    @property
    def container(self) -> Json:
        (only,) = self.pod["containers"]
        assert only["name"] == "sluss"
        return dict(only)

    @property
    def module(self) -> str | None:
        """The module of `python -m`; None for a command of another kind."""
        command = self.container["command"]
        return str(command[2]) if command[:2] == ["python", "-m"] else None

    @property
    def ports(self) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for port in self.container.get("ports", ())}

    @property
    def probes(self) -> dict[str, Json]:
        return {name: probe for name, probe in self.container.items() if name.endswith("Probe")}

    @property
    def secrets(self) -> set[tuple[str, str]]:
        """Name and key of every Secret that it is given."""
        given = [one["valueFrom"]["secretKeyRef"] for one in self._env if "valueFrom" in one]
        return {(one["name"], one["key"]) for one in given}

    @property
    def config_maps(self) -> list[str]:
        return [one["configMapRef"]["name"] for one in self.container.get("envFrom", ())]

    @property
    def _env(self) -> list[Json]:
        env: list[Json] = self.container.get("env", [])
        return env

    def environment(self, config: Mapping[str, Mapping[str, str]], secrets: Labels) -> dict[str, str]:
        """As the process sees it; `secrets` are values by the name of the variable."""
        env = {key: value for name in self.config_maps for key, value in config[name].items()}
        for one in self._env:
            env[one["name"]] = one["value"] if "value" in one else secrets[one["name"]]
        return env


@dataclass(frozen=True, slots=True)
class Rendered:
    """All objects of one overlay."""

    overlay: str
    objects: tuple[Json, ...]

    def of(self, kind: str) -> list[Json]:
        return [one for one in self.objects if one["kind"] == kind]

    def named(self, kind: str, name: str) -> Json:
        (found,) = (one for one in self.of(kind) if one["metadata"]["name"] == name)
        return found

    def names(self, kind: str) -> set[str]:
        return {one["metadata"]["name"] for one in self.of(kind)}

    @property
    def deployments(self) -> list[Workload]:
        return [Workload(one) for one in self.of("Deployment")]

    @property
    def workloads(self) -> list[Workload]:
        return [*self.deployments, *(Workload(one) for one in self.of("Job"))]

    @property
    def services(self) -> list[Workload]:
        """The processes that read `ServiceSettings`: all but the stand-ins."""
        return [one for one in self.workloads if one.component != "sandbox"]

    def workload(self, component: str) -> Workload:
        (found,) = (one for one in self.workloads if one.component == component)
        return found

    def selected(self, selector: Json) -> list[Workload]:
        return [one for one in self.workloads if selects(selector, one.labels)]

    @property
    def config(self) -> dict[str, dict[str, str]]:
        return {one["metadata"]["name"]: one["data"] for one in self.of("ConfigMap")}

    def scaler(self, workload: Workload) -> Json | None:
        targets = {one["spec"]["scaleTargetRef"]["name"]: one for one in self.of("HorizontalPodAutoscaler")}
        return targets.get(workload.name)

    def most_pods(self, workload: Workload) -> int:
        """How many there may be at once, the one that a roll-out adds among them."""
        scaler = self.scaler(workload)
        most = scaler["spec"]["maxReplicas"] if scaler else workload.whole["spec"].get("replicas", 1)
        return int(most) + (1 if workload.whole["kind"] == "Deployment" else 0)


def render(command: list[str], overlay: str, folder: Path | None = None) -> Rendered:
    """An overlay of ours by its name, or the one in that folder."""
    folder = folder or KUBERNETES / "overlays" / overlay
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr, done.stderr
    return Rendered(overlay, tuple(yaml.safe_load_all(done.stdout)))


def selects(selector: Json, labels: Labels) -> bool:
    """Kubernetes' label selector; an empty one selects everything."""
    plain = selector.get("matchLabels", {})
    rules = selector.get("matchExpressions", ())
    assert all(rule["operator"] == "In" for rule in rules), "only `In` is known here"
    return all(labels.get(key) == value for key, value in plain.items()) and all(
        labels.get(rule["key"]) in rule["values"] for rule in rules
    )


_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
}


def quantity(text: str) -> Decimal:
    """`250m`, `"1"`, `64Mi` as a number."""
    number, unit = re.fullmatch(r"([\d.]+)(\D*)", str(text)).groups()  # type: ignore[union-attr]
    return Decimal(number) * _UNITS[unit]


def routes(paths: Iterator[str]) -> set[str]:
    """Addresses of the gateway with every placeholder filled in."""
    return {re.sub(r"\{[^}]+\}", "x", path) for path in paths}
