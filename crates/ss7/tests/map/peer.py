"""Another codec of MAP: pycrate. Reads one JSON object a line and answers each with one.

{"notation": "MAP_LCS_DataTypes.…", "octets": "30…"}  ->  {"value": {…}}   what it reads
{"notation": "MAP_LCS_DataTypes.…", "value": {…}}     ->  {"octets": "30…"}  what it writes
"""

import json
import sys

from pycrate_asn1dir import TCAP_MAPv2v3

for line in sys.stdin:
    asked = json.loads(line)
    module, name = asked["notation"].split(".")
    kind = getattr(getattr(TCAP_MAPv2v3, module), name)
    if "octets" in asked:
        kind.from_ber(bytes.fromhex(asked["octets"]))
        answer = {"value": json.loads(kind.to_jer())}
    else:
        kind.from_jer(json.dumps(asked["value"]))
        answer = {"octets": kind.to_ber().hex()}
    print(json.dumps(answer), flush=True)
