"""Files: an inbox with folders, an archive, and which file explains which voucher."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.collection import API_URL, Answer, Ask, Collection, no_such_method
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.fields import table
from services.sandbox.fortnox.kept_files import FileConnection, KeptFile, Upload
from services.sandbox.fortnox.ledger_settings import must_know
from services.sandbox.fortnox.listing import paged
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.wire import Fields

FOLDERS = {  # of the inbox, by the name that `path=` takes
    "Inbox_a": "Tillgångar",
    "Inbox_d": "Dagskassor",
    "Inbox_s": "Leverantörsfakturor",
    "Inbox_v": "Verifikationer",
    "Inbox_b": "Bankfiler",
    "Inbox_l": "Löner",
    "Inbox_kf": "Kundfakturor",
    "Inbox_o": "Order",
    "Inbox_of": "Offerter",
}
ROOT, ARCHIVE = "root", "archive"
NAMES = UUID("6f0e7a52-1f0f-4a86-9d5e-0c1c5f6f7b11")
CONNECTION = table(
    """
    FileId              text     rw  null
    VoucherDescription  text     r   null
    VoucherNumber       text     rw  null
    VoucherSeries       text:10  rw  null
    VoucherYear         whole    rw  null
    """,
    required=("FileId", "VoucherNumber", "VoucherSeries"),
)


class Inbox(Collection):
    """`/3/inbox`: what waits to be connected."""

    path, single, plural, scope = "inbox", "File", "Folder", "inbox"

    def answer(self, ask: Ask) -> Answer:
        match (ask.method, *ask.segments):
            case ("GET",):
                return Answer({"Folder": self._folder(ROOT, "Inbox")})
            case ("GET", key):
                return self._answer_one(key)
            case ("POST",):
                file = keep(self.company, _upload(ask), _inbox_folder(ask.query))
                return Answer({"File": shown(file, self.path)}, 201, {"Location": self.path})
            case ("DELETE", key):
                _remove(self.company, self._find(key))
                return Answer(None, 204)
        raise no_such_method()

    def _answer_one(self, key: str) -> Answer:
        for name, text in FOLDERS.items():
            if name.lower() == key.lower():
                return Answer({"Folder": self._folder(name, text)})
        return Answer(self._find(key).content, media_type="application/octet-stream")

    def _folder(self, name: str, text: str) -> Fields:
        inside = [file for file in self._files() if file.folder == name]
        below = FOLDERS.items() if name == ROOT else ()
        return {
            "@url": f"{API_URL}/inbox/{name.lower()}",
            "Email": "",
            "Files": [shown(file, self.path) for file in inside],
            "Folders": [
                {"@url": f"{API_URL}/inbox/{each.lower()}", "Id": each.lower(), "Name": title}
                for each, title in below
            ],
            "Id": name.lower(),
            "Name": text,
        }

    def _files(self) -> list[KeptFile]:
        """Connected files have left, unless the switch says that they stay."""
        kept = [file for file in self.company.files.values() if file.folder != ARCHIVE]
        if self.company.switches.connected_files_are_in == "inbox":
            return kept
        return [file for file in kept if not _is_connected(self.company, file)]

    def _find(self, key: str) -> KeptFile:
        for file in self._files():
            if file.id == key:
                return file
        raise not_found(refusals.NO_SUCH_FILE, "filen")


class Archive(Collection):
    """`/3/archive`: what is kept."""

    path, single, plural, scope = "archive", "File", "Folder", "archive"

    def answer(self, ask: Ask) -> Answer:
        match (ask.method, *ask.segments):
            case ("GET",):
                return Answer({"Folder": self._root()})
            case ("GET", key):
                return Answer(self._find(key).content, media_type="application/octet-stream")
            case ("POST",):
                file = keep(self.company, _upload(ask), ARCHIVE)
                return Answer({"File": shown(file, self.path)}, 201, {"Location": self.path})
            case ("DELETE", key):
                _remove(self.company, self._find(key))
                return Answer(None, 204)
        raise no_such_method()

    def _root(self) -> Fields:
        files = [shown(file, self.path) for file in self._files()]
        url = f"{API_URL}/archive/{ROOT}"
        return {"@url": url, "Email": "", "Files": files, "Folders": [], "Id": ROOT, "Name": "Arkivplats"}

    def _files(self) -> list[KeptFile]:
        moved = self.company.switches.connected_files_are_in == ARCHIVE
        return [
            file
            for file in self.company.files.values()
            if file.folder == ARCHIVE or (moved and _is_connected(self.company, file))
        ]

    def _find(self, key: str) -> KeptFile:
        for file in self._files():
            if key in (file.id, file.archive_id):
                return file
        raise not_found(refusals.NO_SUCH_FILE, "filen")


class VoucherFileConnections(Collection):
    """`/3/voucherfileconnections`: one voucher for each file, any number of files for each voucher."""

    path, single, plural = "voucherfileconnections", "VoucherFileConnection", "VoucherFileConnections"
    scope = "connectfile"

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        must_know(query)
        return paged([self._shown(each) for each in self.company.file_connections.values()], query)

    def get(self, key: str, query: Mapping[str, str]) -> Fields:
        return self._shown(self._find(key))

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = CONNECTION.fresh() | CONNECTION.read(sent, creating=True, rules=self.rules)
        file_id = values["FileId"]
        if file_id not in self.company.files:
            raise Refusal(refusals.NO_SUCH_FILE, "Kan inte hitta filen.")
        if file_id in self.company.file_connections:
            raise Refusal(refusals.FILE_IS_CONNECTED, "Filen är redan kopplad till en verifikation.")
        year = values["VoucherYear"] or self.company.year_of(self.company.today()).id
        connection = FileConnection(file_id, values["VoucherSeries"], values["VoucherNumber"], year)
        self._description(connection)
        self.company.file_connections[file_id] = connection
        return self._shown(connection)

    def delete(self, key: str) -> None:
        del self.company.file_connections[self._find(key).file_id]

    def _find(self, key: str) -> FileConnection:
        if key not in self.company.file_connections:
            raise not_found(refusals.NO_SUCH_FILE, "kopplingen")
        return self.company.file_connections[key]

    def _description(self, connection: FileConnection) -> str:
        named = (connection.series, connection.number, connection.year)
        for voucher in self.company.vouchers:
            if (voucher.series, str(voucher.number), voucher.year) == named:
                return voucher.description
        raise Refusal(2000490, "Kan inte hitta verifikationen.")

    def _shown(self, connection: FileConnection) -> Fields:
        return {
            "@url": f"{API_URL}/voucherfileconnections/{connection.file_id}",
            "FileId": connection.file_id,
            "VoucherDescription": self._description(connection),
            "VoucherNumber": connection.number,
            "VoucherSeries": connection.series,
            "VoucherYear": connection.year,
        }


def keep(company: Company, upload: Upload, folder: str) -> KeptFile:
    """Store a file under ids of its own. The same name twice is two files."""
    company.uploads += 1
    file_id, archive_id = (
        str(uuid5(NAMES, f"{company.tenant_id} {company.uploads} {kind}")) for kind in ("file", "archive")
    )
    company.files[file_id] = KeptFile(file_id, archive_id, upload.name, folder, upload.content)
    return company.files[file_id]


def shown(file: KeptFile, path: str) -> Fields:
    """A file as a row of a folder."""
    return {
        "@url": f"{API_URL}/{path}/{file.id}",
        "ArchiveFileId": file.archive_id,
        "Comments": "",
        "Id": file.id,
        "Name": file.name,
        "Path": file.folder,
        "Size": len(file.content),
    }


def _upload(ask: Ask) -> Upload:
    if not isinstance(ask.body, Upload):
        raise Refusal(2001392, "Filen saknas: en del som heter file.")
    return ask.body


def _inbox_folder(query: Mapping[str, str]) -> str:
    """`path=` or `folderId=`; without either the file lies at the root."""
    must_know(query, "path", "folderId")
    wanted = query.get("path", query.get("folderId", ROOT))
    for name in (ROOT, *FOLDERS):
        if name.lower() == wanted.lower():
            return name
    raise Refusal(refusals.NO_SUCH_FILE, f"Mappen {wanted} finns inte.")


def _is_connected(company: Company, file: KeptFile) -> bool:
    return file.id in company.file_connections


def _remove(company: Company, file: KeptFile) -> None:
    if _is_connected(company, file):
        raise Refusal(refusals.IN_USE, "Filen är kopplad till en verifikation.")
    del company.files[file.id]
