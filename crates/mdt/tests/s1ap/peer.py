"""Another codec of S1AP: pycrate. Reads one JSON object a line and answers each with one.

{"make": N}      a random TraceActivation with MDT: its octets
{"read": HEX}    the octets that it encodes to again, and what it says in ASN.1 value notation
"""

import json
import random
import sys

from pycrate_asn1dir import S1AP

ACTIVATION = S1AP.S1AP_IEs.TraceActivation
AMOUNTS = ["r1", "r2", "r4", "r8", "r16", "r32", "r64"]
LINKS = ["uplink", "downlink", "both-uplink-and-downlink"]


def some(rnd, values):
    return rnd.choice(values)


def plmn(rnd):
    digits = [rnd.randrange(10) for _ in range(6)]
    long = rnd.random() < 0.5
    a, b, c, d, e, f = digits
    return bytes([b << 4 | a, (d if long else 15) << 4 | c, (f << 4 | e) if long else (e << 4 | d)])


def extension(number, name, value):
    return {"id": number, "criticality": "ignore", "extensionValue": (name, value)}


def extended(made, extensions):
    if extensions:
        made["iE-Extensions"] = extensions
    return made


def area(rnd):
    kind = some(rnd, ["cellBased", "tABased", "pLMNWide", "tAIBased"])
    if kind == "pLMNWide":
        return (kind, 0)
    if kind == "cellBased":
        cells = [{"pLMNidentity": plmn(rnd), "cell-ID": (rnd.getrandbits(28), 28)} for _ in range(rnd.randint(1, 32))]
        return (kind, {"cellIdListforMDT": cells})
    codes = [rnd.randbytes(2) for _ in range(rnd.randint(1, 8))]
    if kind == "tABased":
        return (kind, {"tAListforMDT": codes})
    return (kind, {"tAIListforMDT": [{"pLMNidentity": plmn(rnd), "tAC": code} for code in codes]})


def logged(rnd):
    made = {
        "loggingInterval": some(rnd, "ms1280 ms2560 ms5120 ms10240 ms20480 ms30720 ms40960 ms61440".split()),
        "loggingDuration": some(rnd, "m10 m20 m40 m60 m90 m120".split()),
    }
    extensions = []
    if rnd.random() < 0.6:
        threshold = some(rnd, [("threshold-RSRP", rnd.randint(0, 97)), ("threshold-RSRQ", rnd.randint(0, 34))])
        times = "ms0 ms40 ms64 ms80 ms100 ms128 ms160 ms256 ms320 ms480 ms512 ms640 ms1024 ms1280 ms2560 ms5120".split()
        l1 = {"l1Threshold": threshold, "hysteresis": rnd.randint(0, 30), "timeToTrigger": some(rnd, times)}
        event = some(rnd, [("outOfCoverage", "true"), ("eventL1LoggedMDTConfig", l1)])
        extensions.append(extension(344, "LoggedMDTTrigger", ("eventTrigger", event)))
    if rnd.random() < 0.3:
        names = [{"sensorNameConfig": ("uncompensatedBarometricConfig", "true")}]
        sensors = {"sensorMeasConfig": "setup", "sensorMeasConfigNameList": names}
        extensions.append(extension(345, "SensorMeasurementConfiguration", sensors))
    return extended(made, extensions)


def measured(rnd, number, period_name, periods, links_name):
    made = {period_name: some(rnd, periods), links_name: some(rnd, LINKS)}
    if rnd.random() < 0.5:
        name = f"M{number - 342}ReportAmountMDT"
        made["iE-Extensions"] = [extension(number, name, some(rnd, AMOUNTS + ["infinity"]))]
    return made


def immediate(rnd):
    made = {
        "measurementsToActivate": (rnd.getrandbits(8), 8),
        "m1reportingTrigger": some(rnd, ["periodic", "a2eventtriggered", "a2eventtriggered-periodic"]),
    }
    if rnd.random() < 0.5:
        threshold = some(rnd, [("threshold-RSRP", rnd.randint(0, 97)), ("threshold-RSRQ", rnd.randint(0, 34))])
        made["m1thresholdeventA2"] = {"measurementThreshold": threshold}
    if rnd.random() < 0.5:
        intervals = "ms120 ms240 ms480 ms640 ms1024 ms2048 ms5120 ms10240 min1 min6 min12 min30 min60".split()
        amount = some(rnd, AMOUNTS + ["rinfinity"])
        made["m1periodicReporting"] = {"reportInterval": some(rnd, intervals), "reportAmount": amount}
    extensions = []
    four = ["ms1024", "ms2048", "ms5120", "ms10240"]
    if rnd.random() < 0.5:
        periods = "ms100 ms1000 ms10000 ms1024 ms1280 ms2048 ms2560 ms5120 ms10240 min1".split()
        extensions.append(extension(171, "M3Configuration", {"m3period": some(rnd, periods)}))
    if rnd.random() < 0.5:
        extensions.append(extension(172, "M4Configuration", measured(rnd, 346, "m4period", four + ["min1"], "m4-links-to-log")))
    if rnd.random() < 0.5:
        extensions.append(extension(173, "M5Configuration", measured(rnd, 347, "m5period", four + ["min1"], "m5-links-to-log")))
    if rnd.random() < 0.5:
        extensions.append(extension(174, "MDT-Location-Info", (rnd.randint(1, 255), 8)))
    if rnd.random() < 0.5:
        m6 = measured(rnd, 348, "m6report-Interval", four, "m6-links-to-log")
        if rnd.random() < 0.5:
            m6["m6delay-threshold"] = some(rnd, "ms30 ms40 ms50 ms60 ms70 ms80 ms90 ms100 ms150 ms300 ms500 ms750".split())
        extensions.append(extension(220, "M6Configuration", m6))
    if rnd.random() < 0.5:
        extensions.append(extension(221, "M7Configuration", measured(rnd, 349, "m7period", range(1, 61), "m7-links-to-log")))
    if rnd.random() < 0.3:
        bluetooth = {"bluetoothMeasConfig": "setup", "bt-rssi": "true"}
        extensions.append(extension(284, "BluetoothMeasurementConfiguration", bluetooth))
    if rnd.random() < 0.3:
        wlan = {"wlanMeasConfig": "setup", "wlan-rssi": "true", "wlan-rtt": "true"}
        extensions.append(extension(285, "WLANMeasurementConfiguration", wlan))
    return extended(made, extensions)


def activation(rnd):
    mode = some(rnd, ["immediateMDT", "loggedMDT"])
    kinds = ["logged-MDT-only"] if mode == "loggedMDT" else ["immediate-MDT-only", "immediate-MDT-and-Trace"]
    mdt = {"mdt-Activation": some(rnd, kinds), "areaScopeOfMDT": area(rnd)}
    mdt["mDTMode"] = (mode, logged(rnd) if mode == "loggedMDT" else immediate(rnd))
    if rnd.random() < 0.7:
        plmns = [plmn(rnd) for _ in range(rnd.randint(1, 16))]
        mdt["iE-Extensions"] = [extension(178, "MDTPLMNList", plmns)]
    depths = ["minimum", "medium", "maximum", "minimumWithoutVendorSpecificExtension",
              "mediumWithoutVendorSpecificExtension", "maximumWithoutVendorSpecificExtension"]
    bits = some(rnd, [32, 128, 160])
    extensions = [extension(162, "MDT-Configuration", mdt)]
    if rnd.random() < 0.3:
        extensions.append(extension(325, "URI-Address", "https://tce.example.net/upload"))
    return {
        "e-UTRAN-Trace-ID": plmn(rnd) + rnd.randbytes(5),
        "interfacesToTrace": (rnd.getrandbits(8), 8),
        "traceDepth": some(rnd, depths),
        "traceCollectionEntityIPAddress": (rnd.getrandbits(bits), bits),
        "iE-Extensions": extensions,
    }


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        if "make" in asked:
            ACTIVATION.set_val(activation(random.Random(asked["make"])))
        else:
            ACTIVATION.from_aper(bytes.fromhex(asked["read"]))
        said = ACTIVATION.to_asn1()
        print(json.dumps({"octets": ACTIVATION.to_aper().hex(), "said": said}), flush=True)


if __name__ == "__main__":
    main()
