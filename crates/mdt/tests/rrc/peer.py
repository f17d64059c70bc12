"""Another codec of RRC: pycrate. Reads one JSON object a line and answers each with one.

{"make": TYPE, "seed": N}        a random message: its octets, and the columns that its log should become
{"read": TYPE, "octets": HEX}    the octets that the message encodes to again, and its columns

`peer.py samples` writes the messages of `samples.jsonl`.
"""

import json
import random
import sys

from pycrate_asn1dir import LPP, RRCLTE, RRCNR

LTE = RRCLTE.EUTRA_RRC_Definitions
NR = RRCNR.NR_RRC_Definitions
POSITIONS = LPP.LPP_PDU_Definitions

TYPES = {
    "lte response": LTE.UEInformationResponse_r9,
    "lte request": LTE.UEInformationRequest_r9,
    "lte configuration": LTE.LoggedMeasurementConfiguration_r10,
    "nr response": NR.UEInformationResponse_r16,
    "nr request": NR.UEInformationRequest_r16,
    "nr configuration": NR.LoggedMeasurementConfiguration_r16,
}

# Octet strings with a type of LPP inside.
INSIDE = {
    "ellipsoid-Point-r10": POSITIONS.Ellipsoid_Point,
    "ellipsoidPointWithAltitude-r10": POSITIONS.EllipsoidPointWithAltitude,
    "ellipsoidPointWithUncertaintyCircle-r11": POSITIONS.Ellipsoid_PointWithUncertaintyCircle,
    "ellipsoidPointWithUncertaintyEllipse-r11": POSITIONS.EllipsoidPointWithUncertaintyEllipse,
    "ellipsoidPointWithAltitudeAndUncertaintyEllipsoid-r11": POSITIONS.EllipsoidPointWithAltitudeAndUncertaintyEllipsoid,
    "ellipsoidArc-r11": POSITIONS.EllipsoidArc,
    "polygon-r11": POSITIONS.Polygon,
    "horizontalVelocity-r10": POSITIONS.HorizontalVelocity,
    "locationCoordinate-r16": POSITIONS.LocationCoordinates,
    "velocityEstimate-r16": POSITIONS.Velocity,
}
TIMES = ("gnss-TOD-msec-r10", "gnss-TOD-msec-r16")

# What is not typed on the other side: parts of a message that lie behind everything that belongs to MDT, critical extensions that
# nobody has defined, spares, and positions relative to a local origin.
LEFT_OUT = {
    "lateNonCriticalExtension", "lateNonCriticalExtension-r10", "criticalExtensionsFuture",
    "local2dPointWithUncertaintyEllipse-v1800", "local3dPointWithUncertaintyEllipsoid-v1800",
}
TAIL = {"UEInformationResponse-v1250-IEs", "UEInformationResponse-r16-IEs"}


def value(o, rnd, name, of=None):
    """A random value of a type."""
    kind = o.TYPE
    if kind == "INTEGER":
        low, high = o._const_val.lb, o._const_val.ub
        return rnd.choice((low, high)) if rnd.random() < 0.1 else rnd.randint(low, high)
    if kind == "BOOLEAN":
        return rnd.random() < 0.5
    if kind == "NULL":
        return 0
    if kind == "ENUMERATED":
        return rnd.choice([n for n in (o._root or list(o._cont)) if not n.startswith("spare")])
    if kind == "BIT STRING":
        size = o._const_sz.lb
        return (rnd.getrandbits(size), size)
    if kind == "OCTET STRING":
        return octets(o, rnd, name)
    if kind == "SEQUENCE OF":
        low, high = o._const_sz.lb, o._const_sz.ub
        count = rnd.randint(low, min(high, low + rnd.choice((0, 1, 2, 5))))
        return [value(o._cont, rnd, name) for _ in range(count)]
    if kind == "CHOICE":
        names = [n for n in list(o._root) + list(o._ext or []) if n not in LEFT_OUT and not n.startswith("spare")]
        chosen = rnd.choice(names)
        return (chosen, value(o._cont[chosen], rnd, chosen))
    assert kind == "SEQUENCE", kind
    return sequence(o, rnd)


def sequence(o, rnd):
    made = {}
    type_name = o._typeref.called[1] if o._typeref else o._name
    for name in o._root:
        inner = o._cont[name]
        if name in LEFT_OUT or (name == "nonCriticalExtension" and type_name in TAIL):
            continue
        # An empty sequence at the end of a chain says nothing.
        if name == "nonCriticalExtension" and not inner._cont:
            continue
        if name in o._root_opt and rnd.random() < 0.45 and name != "nonCriticalExtension":
            continue
        made[name] = value(inner, rnd, name)
    if o._ext and rnd.random() < 0.5:
        for group in (o._ext_nest if o._ext_nest else [[n] for n in o._ext]):
            if rnd.random() < 0.5:
                continue
            names = group if isinstance(group, list) else [group]
            for name in names:
                if not o._cont[name]._opt or rnd.random() < 0.6:
                    made[name] = value(o._cont[name], rnd, name)
    return prune(made)


def prune(made):
    """Chains of releases that end in nothing end earlier."""
    inner = made.get("nonCriticalExtension")
    if inner is not None and not inner:
        del made["nonCriticalExtension"]
    return made


def octets(o, rnd, name):
    if name in INSIDE:
        inside = INSIDE[name]
        inside.set_val(value(inside, rnd, name))
        return inside.to_uper()
    if name in TIMES:
        return (rnd.randint(0, 3599999) << 2).to_bytes(3, "big")
    size = o._const_sz
    low, high = (size.lb, size.ub) if size else (0, 30)
    count = rnd.choice((low, high, rnd.randint(low, high))) if high <= 32 else rnd.randint(low, 40)
    return bytes(rnd.getrandbits(8) for _ in range(count))


# Columns.

NONE, NO_NUMBER, NO_COORDINATE = -128, 2**32 - 1, -(2**31)


def plmn(v):
    digits = v["mnc"]
    packed = (1 << 30 if len(digits) == 3 else 0) | int("".join(map(str, digits)), 16)
    if "mcc" in v:
        packed |= 1 << 31 | int("".join(map(str, v["mcc"])), 16) << 12
    return packed


def inside(o, data):
    o.from_uper(data)
    return o.get_val()


def place(kind, v):
    """Latitude, longitude, K; null where the other side has to compute."""
    if not isinstance(v, dict) or "degreesLatitude" not in v or kind.startswith("ellipsoidArc"):
        return [None, None, None]
    lat = v["degreesLatitude"] * (-1 if v["latitudeSign"] == "south" else 1)
    # A shape that is not plain goes through degrees and may lose a step.
    if "Circle" in kind:
        return [lat, v["degreesLongitude"], v["uncertainty"]]
    if kind in ("ellipsoid-Point-r10", "ellipsoidPoint"):
        return [lat, v["degreesLongitude"], 255]
    return [lat, v["degreesLongitude"], None]


def velocity(v):
    up = v.get("verticalSpeed")
    if up is not None and v["verticalDirection"] == "downward":
        up = -up
    unc = v.get("uncertaintySpeed", v.get("horizontalUncertaintySpeed"))
    return [v["bearing"], v["horizontalSpeed"], up, unc, v.get("verticalUncertaintySpeed")]


def columns(name, message):
    if name == "lte response":
        c1 = message["criticalExtensions"][1][1]
        log = c1.get("nonCriticalExtension", {}).get("nonCriticalExtension", {}).get("logMeasReport-r10")
        return log and lte_columns(log)
    if name == "nr response":
        log = message["criticalExtensions"][1].get("logMeasReport-r16")
        return log and nr_columns(log)
    return None


def tables():
    return {"entries": [], "neighbours": [], "velocities": [], "times": [], "beams": []}


def lte_columns(log):
    out = tables()
    for row, e in enumerate(log["logMeasInfoList-r10"]):
        where, flags = [NO_COORDINATE, NO_COORDINATE, 255], 0
        if "locationInfo-r10" in e:
            info = e["locationInfo-r10"]
            kind, data = info["locationCoordinates-r10"]
            where = place(kind, inside(INSIDE[kind], data))
            if "horizontalVelocity-r10" in info:
                v = inside(POSITIONS.HorizontalVelocity, info["horizontalVelocity-r10"])
                out["velocities"].append([row, velocity(v)])
            if "gnss-TOD-msec-r10" in info:
                out["times"].append([row, int.from_bytes(info["gnss-TOD-msec-r10"], "big") >> 2])
        serving, cell = e["measResultServCell-r10"], e["servCellIdentity-r10"]
        rsrp = e.get("measResultServCell-v1360", serving["rsrpResult-r10"])
        rsrq = e.get("measResultServCell-v1250", serving["rsrqResult-r10"])
        for name, bit in (
            ("anyCellSelectionDetected-r15", 1), ("inDeviceCoexDetected-r13", 2), ("logMeasResultListBT-r15", 8),
            ("logMeasResultListWLAN-r15", 16), ("uncomBarPreMeasResult-r17", 32), ("servCellRSRQ-Type-r12", 64),
        ):
            flags |= bit if name in e else 0
        out["entries"].append(
            [e["relativeTimeStamp-r10"], *where, plmn(cell["plmn-Identity"]), cell["cellIdentity"][0], NO_NUMBER,
             rsrp, rsrq, NONE, flags])
        lte_neighbours(out["neighbours"], row, e)
    return out


def lte_neighbours(out, row, e):
    lists = e.get("measResultNeighCells-r10", {})
    wide = e.get("measResultListEUTRA-v1090", [])
    for at, carrier in enumerate(lists.get("measResultListEUTRA-r10", [])):
        earfcn = carrier["carrierFreq-r9"]
        if at < len(wide):
            earfcn = wide[at].get("carrierFreq-v9e0", earfcn)
        for c in carrier["measResultList-r9"]:
            r = c["measResult"]
            out.append([row, "Lte", earfcn, c["physCellId"],
                        r.get("measResult-v1360", r.get("rsrpResult", NONE)),
                        r.get("measResult-v1250", r.get("rsrqResult", NONE)), r.get("rs-sinr-Result-r13", NONE)])
    for carrier in lists.get("measResultListUTRA-r10", []):
        for c in carrier["measResultList-r9"]:
            kind, pci = c["physCellId"]
            r = c["measResult"]
            out.append([row, {"fdd": "UtraFdd", "tdd": "UtraTdd"}[kind], carrier["carrierFreq-r9"], pci,
                        r.get("utra-RSCP", NONE), r.get("utra-EcN0", NONE), NONE])
    for cells in lists.get("measResultListGERAN-r10", []):
        for c in cells:
            pci = c["physCellId"]["networkColourCode"][0] << 3 | c["physCellId"]["baseStationColourCode"][0]
            band = {"dcs1800": "Geran1800", "pcs1900": "Geran1900"}[c["carrierFreq"]["bandIndicator"]]
            out.append([row, band, c["carrierFreq"]["arfcn"], pci, c["measResult"]["rssi"], NONE, NONE])
    for carrier in lists.get("measResultListCDMA2000-r10", []):
        f = carrier["carrierFreq-r9"]
        band = f["bandClass"].split("-")[0]
        for c in carrier["measResultList-r9"]["measResultListCDMA2000"]:
            out.append([row, "Cdma2000", int(band[2:]) << 11 | f["arfcn"], c["physCellId"],
                        c["measResult"]["pilotStrength"], NONE, NONE])
    nr = [(e.get("measResultListNR-v1640", {}).get("carrierFreqNR-r16", NO_NUMBER), e.get("measResultListNR-r16", []))]
    for carrier in e.get("measResultListExtNR-r16", []):
        nr.append((carrier["carrierFreq-r15"], carrier.get("measResultCellList-r15", [])))
    for arfcn, cells in nr:
        for c in cells:
            r = c["measResultCell-r15"]
            out.append([row, "Nr", arfcn, c["pci-r15"], r.get("rsrpResult-r15", NONE), r.get("rsrqResult-r15", NONE),
                        r.get("rs-sinr-Result-r15", NONE)])


def three(r):
    return [r.get("rsrp", NONE), r.get("rsrq", NONE), r.get("sinr", NONE)]


def nr_columns(log):
    out = tables()
    for row, e in enumerate(log["logMeasInfoList-r16"]):
        where, flags = [NO_COORDINATE, NO_COORDINATE, 255], 0
        info = e.get("locationInfo-r16", {})
        common = info.get("commonLocationInfo-r16", {})
        if "locationCoordinate-r16" in common:
            where = place(*inside(POSITIONS.LocationCoordinates, common["locationCoordinate-r16"]))
        if "velocityEstimate-r16" in common:
            v = inside(POSITIONS.Velocity, common["velocityEstimate-r16"])[1]
            out["velocities"].append([row, velocity(v)])
        if "gnss-TOD-msec-r16" in common:
            out["times"].append([row, int.from_bytes(common["gnss-TOD-msec-r16"], "big") >> 2])
        flags |= 8 if "bt-LocationInfo-r16" in info else 0
        flags |= 16 if "wlan-LocationInfo-r16" in info else 0
        flags |= 32 if "sensor-LocationInfo-r16" in info else 0
        flags |= 1 if "anyCellSelectionDetected-r16" in e else 0
        flags |= 2 if "inDeviceCoexDetected-r17" in e else 0
        cell = e.get("servCellIdentity-r16")
        identity = [NO_NUMBER, 2**64 - 1, NO_NUMBER]
        if cell:
            tac = cell.get("trackingAreaCode-r16", (NO_NUMBER,))[0]
            identity = [plmn(cell["plmn-Identity-r16"]), cell["cellIdentity-r16"][0], tac]
        serving = e.get("measResultServingCell-r16", {})
        out["entries"].append(
            [e["relativeTimeStamp-r16"], *where, *identity, *three(serving.get("resultsSSB-Cell", {})), flags])
        if "resultsSSB" in serving:
            b = serving["resultsSSB"]
            out["beams"].append([row, b["best-ssb-Index"], *three(b["best-ssb-Results"]), b["numberOfGoodSSB"]])
        lists = e["measResultNeighCells-r16"]
        for carrier in lists.get("measResultNeighCellListNR", []):
            for c in carrier["measResultListLoggingNR-r16"]:
                out["neighbours"].append(
                    [row, "Nr", carrier["carrierFreq-r16"], c["physCellId-r16"], *three(c["resultsSSB-Cell-r16"])])
        for carrier in lists.get("measResultNeighCellListEUTRA", []):
            for c in carrier["measResultList-r16"]:
                out["neighbours"].append(
                    [row, "Lte", carrier["carrierFreq-r16"], c["eutra-PhysCellId"], *three(c["measResult"])])
    return out


def make(name, seed):
    rnd, o = random.Random(f"{name} {seed}"), TYPES[name]
    made = value(o, rnd, name)
    o.set_val(made)
    return {"type": name, "octets": o.to_uper().hex(), "columns": columns(name, made)}


def read(name, hexes):
    o = TYPES[name]
    o.from_uper(bytes.fromhex(hexes))
    return {"type": name, "octets": o.to_uper().hex(), "columns": columns(name, o.get_val())}


def main():
    if sys.argv[1:] == ["samples"]:
        for name in TYPES:
            made = [make(name, seed) for seed in range(400)]
            logs = [m for m in made if m["columns"] and len(m["octets"]) < 900][:16]
            others = [m for m in made if not m["columns"] and len(m["octets"]) < 600][:8]
            for message in logs + others:
                print(json.dumps(message, separators=(",", ":")))
        return
    for line in sys.stdin:
        asked = json.loads(line)
        if "make" in asked:
            answer = make(asked["make"], asked["seed"])
        else:
            answer = read(asked["read"], asked["octets"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
