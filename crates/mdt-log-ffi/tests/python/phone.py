"""A phone in Python, over the binding that UniFFI generates: the same commands and files as tests/c/phone.c."""

import os
import secrets
import sys

import mdt_log as m

FOLDER = sys.argv[1]
CELL = m.RadioCell(plmn=bytes.fromhex("32f451"), cell=0x1234501)
NOW_MS = 1000


def path(name):
    return os.path.join(FOLDER, name)


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


class Storage(m.PhoneStorage):
    def objects(self):
        return [int(name[7:]) for name in os.listdir(FOLDER) if name.startswith("object-")]

    def size(self, object):
        try:
            return os.path.getsize(path(f"object-{object}"))
        except FileNotFoundError:
            raise m.PortError.Missing()

    def read(self, object, offset, count):
        return read(f"object-{object}")[offset : offset + count]

    def append(self, object, octets):
        with open(path(f"object-{object}"), "ab") as file:
            file.write(octets)

    def flush(self, object):
        pass

    def erase(self, object):
        if os.path.exists(path(f"object-{object}")):
            os.remove(path(f"object-{object}"))


class Vault(m.PhoneVault):
    def load(self):
        return read("vault") if os.path.exists(path("vault")) else None

    def replace(self, record):
        with open(path("vault.new"), "wb") as file:
            file.write(record)
        os.replace(path("vault.new"), path("vault"))


class Clock(m.PhoneClock):
    def since_boot_ms(self):
        return NOW_MS

    def unix_s(self):
        return 1795600800


class Random(m.PhoneRandom):
    def draw(self, count):
        return secrets.token_bytes(count)


class Broken(m.PhoneRandom):
    def draw(self, count):
        raise ValueError("what a callback must not say")


def start(random):
    facts = m.Start(
        profile=m.LogProfile.REDUCED,
        boot=bytes(16),
        roots=[read("root")],
        key_list=read("key-list"),
        key_list_version=3,
    )
    return m.MdtLog.start(Storage(), Vault(), Clock(), random, facts)


def camp(phone):
    phone.radio(
        m.RadioState(
            camping=m.CampingState.NORMALLY,
            technology=m.RadioTechnology.EUTRA,
            rplmn=CELL.plmn,
            cell=CELL,
            tracking_area=None,
            quality_half=None,
        )
    )


def answer(phone):
    entries = 0
    while request := phone.next_request():
        assert request.is_measure(), request
        results = lambda rsrp, rsrq: m.CellResults(rsrp=rsrp, rsrq=rsrq, sinr=None)
        neighbour = m.NeighbourCell(arfcn=1300, pci=10, same_technology=True, results=results(35, 18))
        measured = m.PhoneMeasurement(
            serving=CELL,
            serving_results=results(40, 20),
            serving_arfcn=1300,
            neighbours=[neighbour],
            location=bytes.fromhex("004941457fe8bc"),
            location_ms=NOW_MS,
        )
        entries += phone.measured(measured, False)
    return entries


def log(phone, wanted):
    global NOW_MS
    camp(phone)
    phone.configure(
        m.LoggedConfiguration(
            trace_reference=bytes.fromhex("32f451000001"),
            recording_session=bytes([0, 1]),
            tce_id=1,
            absolute_time=bytes.fromhex("261128120000"),
            technology=m.RadioTechnology.EUTRA,
            content=m.EntryContent.CBOR,
            interval_ms=5120,
            duration_s=7200,
            consent=b"consent-1",
            trigger=m.LogTrigger.PERIODICAL(),
            area=m.LogArea.CELLS([CELL]),
            plmns=[],
        )
    )
    entries = answer(phone)
    while entries < wanted:
        NOW_MS = phone.overview().deadline_ms
        phone.happened(m.PhoneEvent.TICK)
        entries += answer(phone)
    phone.flush()
    assert phone.report(m.ReportKind.RADIO_LINK_FAILURE, m.EntryContent.EUTRA_UPER, b"failure", b"", 1)
    print(entries)


def upload(phone):
    camp(phone)
    phone.upload()
    os.makedirs(path("out"))
    while piece := phone.next_piece(700):
        name = path("out/" + piece.segment.hex())
        with open(name, "ab") as file:
            file.write(piece.octets)
        if piece.offset + len(piece.octets) == piece.of:
            with open(name + ".unlock", "wb") as file:
                file.write(phone.unlock())


def receipt(phone):
    done = phone.received(read("receipt"))
    with open(path("tokens"), "wb") as file:
        file.write(b"".join(submission.token for submission in done.submissions))
    print(len(done.submissions), int(done.cleared_meanwhile), phone.overview().segments)


def refused(refusal, call):
    try:
        call()
    except refusal as error:
        return str(error)
    raise AssertionError(f"{refusal} was expected")


def misuse(phone):
    refused(m.Refusal.NothingToUpload, phone.unlock)
    refused(m.Refusal.KeyListForged, lambda: phone.renew(b"MDTK\1"))
    refused(m.Refusal.ReceiptForged, lambda: phone.received(b""))
    said = refused(m.Refusal.Random, lambda: start(Broken()))
    assert "must not say" not in said, said
    assert not phone.entry(b"\1\2\3", True)
    print("refused")


# The clock goes on from where the last command left it.
if os.path.exists(path("clock")):
    NOW_MS = int(read("clock"))
phone = start(Random())
match sys.argv[2:]:
    case ["log", wanted]:
        log(phone, int(wanted))
    case ["upload"]:
        upload(phone)
    case ["receipt"]:
        receipt(phone)
    case ["clear"]:
        phone.happened(m.PhoneEvent.CLEAR)
        assert phone.consent_reference() == b"consent-1"
        refused(m.Refusal.NothingToUpload, phone.upload)
        print(phone.overview().segments, phone.overview().reports)
    case ["misuse"]:
        misuse(phone)
with open(path("clock"), "w") as file:
    file.write(str(NOW_MS))
