"""smpplib (PyPI) as a client: binds, says what comes, answers it, ends.

Arguments: port, system_id, password, own number.
"""

import json
import sys

import smpplib.client
import smpplib.consts

port, system_id, password, service = sys.argv[1:]


def say(**what):
    print(json.dumps(what), flush=True)


def text(octets):
    return octets.decode("latin-1") if isinstance(octets, bytes) else octets


client = smpplib.client.Client("127.0.0.1", int(port), allow_unknown_opt_params=True)
answered = []


def received(pdu):
    say(delivered=text(pdu.short_message), source=text(pdu.source_addr), ton=pdu.source_addr_ton)
    client.send_message(
        source_addr_ton=smpplib.consts.SMPP_TON_NWSPEC,
        source_addr=service,
        dest_addr_ton=pdu.source_addr_ton,
        dest_addr_npi=pdu.source_addr_npi,
        destination_addr=text(pdu.source_addr),
        short_message=b"Ho",
    )


def sent(pdu):
    answered.append(pdu)
    say(submitted=text(pdu.message_id))


client.set_message_received_handler(received)
client.set_message_sent_handler(sent)
client.connect()
client.bind_transceiver(system_id=system_id, password=password)
say(bound=True)
while not answered:
    client.read_once()
client.unbind()
client.disconnect()
