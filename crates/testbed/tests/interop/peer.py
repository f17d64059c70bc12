"""python-diameter as HSS, MME and gateway, steered by lines on standard input; tells what it saw as lines of JSON.

    peer.py serve HSS_PORT MME_PORT GATEWAY_HOST GATEWAY_REALM
    peer.py ask HSS_HOST HSS_PORT MME_HOST MME_PORT REALM
"""
import json
import logging
import sys

from diameter.message import Avp, constants
from diameter.message.avp import AvpGrouped
from diameter.message.commands import LCSRoutingInfo, LocationReport, ProvideLocation
from diameter.node import Node
from diameter.node.application import SimpleThreadingApplication, ThreadingApplication

SLG, SLH, TGPP = 16777255, 16777291, 10415
REALM = "epc.mnc001.mcc001.3gppnetwork.org"
HSS, MME = "hss." + REALM, "mme1." + REALM
IMSI, MSISDN = "001010000000001", bytes.fromhex("947110325476")
CIRCLE = bytes.fromhex("104ab1f209884e1a")


def say(**what):
    print(json.dumps(what), flush=True)


def tree(avps):
    """AVPs as its own dictionary reads them."""
    read = []
    for avp in avps:
        value = tree(avp.value) if isinstance(avp, AvpGrouped) else avp.value
        if isinstance(value, bytes):
            value = value.hex()
        flags = ("V" if avp.is_vendor else "") + ("M" if avp.is_mandatory else "")
        read.append({"name": avp.name, "code": avp.code, "flags": flags, "value": value})
    return read


def avp(code, value, vendor=TGPP):
    return Avp.new(code, vendor, value=value)


def base(code, value):
    return Avp.new(code, value=value)


def addressed(message, application, session, origin, realm, host, to):
    """Header and the AVPs that every request has."""
    message.header.is_request = message.header.is_proxyable = True
    message.header.application_id = application
    for one in (base(constants.AVP_SESSION_ID, session), base(constants.AVP_AUTH_SESSION_STATE, 1),
                base(constants.AVP_ORIGIN_HOST, origin.encode()), base(constants.AVP_ORIGIN_REALM, realm.encode()),
                base(constants.AVP_DESTINATION_HOST, host.encode()), base(constants.AVP_DESTINATION_REALM, to.encode())):
        message.append_avp(one)
    # It routes by attributes, which such messages of its own have only when they were received.
    message.destination_host, message.destination_realm = host.encode(), to.encode()
    return message


class Answering(ThreadingApplication):
    """Says what it was asked and answers with `found`."""

    def __init__(self, application, host, found):
        super().__init__(application, is_auth_application=True, max_threads=4)
        self.host, self.found = host, found

    def handle_request(self, message):
        say(at=self.host, request=tree(message.avps), flags=message.header.command_flags)
        answer = message.to_answer()
        session = [one for one in message.avps if one.code == constants.AVP_SESSION_ID]
        answer.avps = session + [base(constants.AVP_RESULT_CODE, 2001), base(constants.AVP_AUTH_SESSION_STATE, 1),
                                 base(constants.AVP_ORIGIN_HOST, self.host.encode()),
                                 base(constants.AVP_ORIGIN_REALM, REALM.encode())] + self.found
        return answer


def serve(hss_port, mme_port, gateway, gateway_realm):
    routing = [base(constants.AVP_USER_NAME, IMSI),
               avp(constants.AVP_TGPP_SERVING_NODE, [avp(constants.AVP_TGPP_MME_NAME, MME.encode()),
                                                    avp(constants.AVP_TGPP_MME_REALM, REALM.encode())])]
    position = [avp(constants.AVP_TGPP_LOCATION_ESTIMATE, CIRCLE),
                avp(constants.AVP_TGPP_ACCURACY_FULFILMENT_INDICATOR, 1),
                avp(constants.AVP_TGPP_AGE_OF_LOCATION_ESTIMATE, 3),
                avp(constants.AVP_TGPP_ECGI, bytes.fromhex("00f11000000101"))]
    nodes, applications = [], []
    for host, port, application, found in ((HSS, hss_port, SLH, routing), (MME, mme_port, SLG, position)):
        node = Node(host, REALM, ip_addresses=["127.0.0.1"], tcp_port=int(port), vendor_ids=[TGPP])
        node.wakeup_interval = 1
        peer = node.add_peer(f"aaa://{gateway};transport=tcp", gateway_realm, ip_addresses=["127.0.0.1"])
        serving = Answering(application, host, found)
        node.add_application(serving, [peer], realms=[REALM, gateway_realm])
        node.start()
        nodes.append(node)
        applications.append(serving)
    say(ready=True)
    for line in sys.stdin:
        if line.strip() == "report":
            report = addressed(LocationReport(), SLG, MME + ";1;2", MME, REALM, gateway, gateway_realm)
            for one in (avp(constants.AVP_TGPP_LOCATION_EVENT, 0), base(constants.AVP_USER_NAME, IMSI),
                        avp(constants.AVP_TGPP_MSISDN, MSISDN), avp(constants.AVP_TGPP_LOCATION_ESTIMATE, CIRCLE)):
                report.append_avp(one)
            say(answer=tree(applications[1].send_request(report, timeout=20).avps))
        if line.strip() == "stop":
            break
    for node in nodes:
        node.stop(wait_timeout=10)
    say(stopped=True)


def ask(hss, hss_port, mme, mme_port, realm):
    host, home = "gmlc.test", "test"
    node = Node(host, home, ip_addresses=["127.0.0.1"], tcp_port=0, vendor_ids=[TGPP])
    node.ip_addresses = []
    node.wakeup_interval = 1
    asking = []
    for name, port, application in ((hss, hss_port, SLH), (mme, mme_port, SLG)):
        uri = f"aaa://{name}:{port};transport=tcp"
        peer = node.add_peer(uri, realm, ip_addresses=["127.0.0.1"], is_persistent=True)
        one = SimpleThreadingApplication(application, is_auth_application=True)
        node.add_application(one, [peer])
        asking.append(one)
    node.start()
    for one in asking:
        one.wait_for_ready(timeout=20)
    rir = addressed(LCSRoutingInfo(), SLH, host + ";1;1", host, home, hss, realm)
    rir.append_avp(avp(constants.AVP_TGPP_MSISDN, bytes.fromhex("9909000000f1")))
    say(answer=tree(asking[0].send_request(rir, timeout=20).avps))
    for setting in (0, 4):
        plr = addressed(ProvideLocation(), SLG, f"{host};1;{2 + setting}", host, home, mme, realm)
        for one in (avp(constants.AVP_TGPP_SLG_LOCATION_TYPE, 0), base(constants.AVP_USER_NAME, "001010000000001"),
                    avp(constants.AVP_TGPP_LCS_EPS_CLIENT_NAME, [avp(constants.AVP_TGPP_LCS_NAME_STRING, "Example"),
                                                                avp(constants.AVP_TGPP_LCS_FORMAT_INDICATOR, 0)]),
                    avp(constants.AVP_TGPP_LCS_CLIENT_TYPE, 1),
                    avp(constants.AVP_TGPP_LCS_PRIVACY_CHECK_NON_SESSION,
                        [avp(constants.AVP_TGPP_LCS_PRIVACY_CHECK, setting)])):
            plr.append_avp(one)
        say(answer=tree(asking[1].send_request(plr, timeout=20).avps))
    node.stop(wait_timeout=10)
    say(stopped=True)


logging.disable(logging.CRITICAL)
{"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:])
