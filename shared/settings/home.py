"""Where Sluss keeps what it needs on one machine: a folder with the ledger, Redis' file and two keys.

For `sluss up` and for every command that works on the same ledger. In production the environment says it all
(`SLUSS_DATABASE_URL` and the others), and this folder is not used.
"""

import fcntl
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600

RandomBytes = Callable[[int], bytes]


class InUse(RuntimeError):
    """Another process runs on this folder."""


class UnsafeKeys(RuntimeError):
    """The file with the keys cannot be used as it is."""


def new_encryption_key(random_bytes: RandomBytes = secrets.token_bytes) -> str:
    """A key that secrets are encrypted with at rest (Fernet)."""
    return urlsafe_b64encode(random_bytes(KEY_BYTES)).decode()


def new_bootstrap_key(random_bytes: RandomBytes = secrets.token_bytes) -> str:
    """The first key of the operations API."""
    return "sluss_" + urlsafe_b64encode(random_bytes(KEY_BYTES)).decode().rstrip("=")


def default_folder(environ: Mapping[str, str] = os.environ) -> Path:
    data = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "sluss"


@dataclass(frozen=True, slots=True)
class Home:
    """One machine's state folder. Nothing is made before `prepare`."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "ledger.sqlite3"

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.database.absolute()}"

    @property
    def redis_folder(self) -> Path:
        return self.folder / "redis"

    @property
    def keys_file(self) -> Path:
        return self.folder / "keys.env"

    @property
    def prepared(self) -> bool:
        return self.keys_file.exists()

    def prepare(self, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        """Make the folder and its keys, unless they are there; only we may read them."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        try:
            descriptor = os.open(self.keys_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        except FileExistsError:
            return
        with os.fdopen(descriptor, "w") as file:
            file.write(
                "# The encryption key opens the secrets in the ledger: keep a copy of it in a safe place.\n"
                f"SLUSS_ENCRYPTION_KEYS={new_encryption_key(random_bytes)}\n"
                f"SLUSS_BOOTSTRAP_KEY={new_bootstrap_key(random_bytes)}\n"
            )

    def keys(self) -> dict[str, str]:
        """`SLUSS_ENCRYPTION_KEYS` and `SLUSS_BOOTSTRAP_KEY`; raises UnsafeKeys."""
        if not self.prepared:
            raise UnsafeKeys(f"{self.keys_file} is not there: run `sluss up` once, or name another --state")
        if self.keys_file.stat().st_mode & 0o077:
            raise UnsafeKeys(f"others may read {self.keys_file}: run `chmod 600 {self.keys_file}`")
        lines = (line.strip() for line in self.keys_file.read_text().splitlines())
        pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
        return {name: value for name, _, value in pairs}

    def add_encryption_key(self, key: str) -> None:
        """Put a new key before the old ones, which still open what they sealed."""
        kept = self.keys()
        older = kept["SLUSS_ENCRYPTION_KEYS"]
        fresh = self.keys_file.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(descriptor, "w") as file:
            lines = {**kept, "SLUSS_ENCRYPTION_KEYS": f"{key},{older}"}
            file.writelines(f"{name}={value}\n" for name, value in lines.items())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.keys_file)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else runs on this folder meanwhile, or InUse. The lock goes with the process."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self.folder.with_name(f"{self.folder.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as taken:
                raise InUse(f"Sluss runs on {self.folder}: stop it first, or name another folder") from taken
            yield

    def environment(self) -> dict[str, str]:
        """What our services are told so that they work on this folder's ledger."""
        return {"SLUSS_DATABASE_URL": self.database_url, **self.keys()}
