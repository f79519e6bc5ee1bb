"""What only the ledger can find out."""

from shared.domain.errors import NeedsAttention, Retryable, Unavailable


class SchemaBehind(Exception):
    """The database has another schema than this program; the message says what to run."""


class LedgerUnavailable(Unavailable, ConnectionError):
    """The database cannot be reached or written just now. For a caller this is also an OSError."""

    code = "ledger_unavailable"


class VersionMoved(Retryable):
    """Somebody else replaced the credential since it was read; read it again."""

    code = "version_moved"


class AlreadyLinked(NeedsAttention):
    """This document in the other system already belongs to another reference of ours."""

    code = "already_linked"
    cure = "Two sales point at one document. Correct its reference in the other system, then retry."


class NothingStored(ValueError):
    """``{"stored": true}`` was sent for a secret that has never been stored."""

    def __init__(self, path: tuple[str | int, ...]) -> None:
        super().__init__(f"{'.'.join(map(str, path))}: there is no stored secret to keep")
        self.path = path
