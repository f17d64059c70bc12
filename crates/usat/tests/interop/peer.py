"""Another implementation of secured packets: structure by pycrate (TS 31.115), AES by cryptography. Reads lines "what kic kid tar counter
octets", all in hexadecimal, and writes what it made or opened of each."""

import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from pycrate_mobile.TS31115 import PacketCmdSMSPP, PacketRespSMSPP


def cipher(key):
    return Cipher(algorithms.AES(key), modes.CBC(bytes(16)))


def checksum(key, octets):
    mac = CMAC(algorithms.AES(key))
    mac.update(octets)
    return mac.finalize()[:8]


def encipher(key, octets):
    encryptor = cipher(key).encryptor()
    return encryptor.update(octets) + encryptor.finalize()


def decipher(key, octets):
    decryptor = cipher(key).decryptor()
    return decryptor.update(octets) + decryptor.finalize()


def seal_command(kic, kid, tar, counter, data):
    fill = -(6 + 8 + len(data)) % 16
    packet = PacketCmdSMSPP()
    packet["SPI"].set_val([0, 2, 1, 2, 0, 1, 1, 2, 1])
    packet["KIc"].set_val([3, 0, 2])
    packet["KID"].get_alt().set_val([3, 0, 2]) if hasattr(packet["KID"], "get_alt") else None
    packet["TAR"].set_val(int.from_bytes(tar, "big"))
    packet["CNTR"].set_val(counter)
    packet["PCNTR"].set_val(fill)
    packet["IntegrityCheck"].set_val(bytes(8))
    packet["Data"].set_val(data + bytes(fill))
    octets = packet.to_bytes()
    head, counted, secured = octets[:10], octets[10:16], octets[24:]
    proof = checksum(kid, head + counted + secured)
    return head + encipher(kic, counted + proof + secured)


def open_command(kic, kid, tar, counter, octets):
    packet = PacketCmdSMSPP()
    packet.from_bytes(octets[:10] + decipher(kic, octets[10:]))
    assert packet["TAR"].get_val() == int.from_bytes(tar, "big")
    assert packet["SPI"].get_val() == [0, 2, 1, 2, 0, 1, 1, 2, 1]
    assert packet["CNTR"].get_val() == counter
    plain = packet.to_bytes()
    assert packet["IntegrityCheck"].get_val() == checksum(kid, plain[:16] + plain[24:])
    data = packet["Data"].get_val()
    return data[: len(data) - packet["PCNTR"].get_val()]


def seal_response(kic, kid, tar, counter, data):
    """The first octet of the data is the status."""
    fill = -(7 + 8 + len(data) - 1) % 16
    packet = PacketRespSMSPP()
    packet["TAR"].set_val(int.from_bytes(tar, "big"))
    packet["CNTR"].set_val(counter)
    packet["PCNTR"].set_val(fill)
    packet["Status"].set_val(data[0])
    packet["IntegrityCheck"].set_val(bytes(8))
    packet["Data"].set_val(data[1:] + bytes(fill))
    octets = packet.to_bytes()
    proof = checksum(kid, b"\x02\x71\x00" + octets[:13] + octets[21:])
    return octets[:6] + encipher(kic, octets[6:13] + proof + octets[21:])


def open_response(kic, kid, tar, counter, octets):
    packet = PacketRespSMSPP()
    packet.from_bytes(octets[:6] + decipher(kic, octets[6:]))
    assert packet["TAR"].get_val() == int.from_bytes(tar, "big")
    assert packet["CNTR"].get_val() == counter
    plain = packet.to_bytes()
    assert packet["IntegrityCheck"].get_val() == checksum(kid, b"\x02\x71\x00" + plain[:13] + plain[21:])
    data = packet["Data"].get_val()
    return bytes([packet["Status"].get_val()]) + data[: len(data) - packet["PCNTR"].get_val()]


WHAT = {f.__name__: f for f in (seal_command, open_command, seal_response, open_response)}

for line in sys.stdin:
    what, kic, kid, tar, counter, octets = (line.rstrip("\n").split(" ") + [""])[:6]
    made = WHAT[what](bytes.fromhex(kic), bytes.fromhex(kid), bytes.fromhex(tar), int(counter, 16), bytes.fromhex(octets))
    print(made.hex())
