"""Another implementation of the format of docs/mdt-log.md: HPKE by pyhpke, X-Wing from the ML-KEM and X25519 of cryptography, keyed BLAKE3
by blake3. Reads lines "name hex" and ends with "open" or "seal"; writes what it opened, or what it sealed, as such lines."""

import hashlib
import os
import struct
import sys
from types import SimpleNamespace

from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pyhpke import AEADId, CipherSuite, KDFId, KEMId
from pyhpke.kem_key import KEMKeyPair


class XWing:
    """draft-connolly-cfrg-xwing-kem: ML-KEM-768 and X25519, joined by SHA3-256."""

    id = SimpleNamespace(value=0x647A)

    @staticmethod
    def expand(seed):
        octets = hashlib.shake_256(seed).digest(96)
        return MLKEM768PrivateKey.from_seed_bytes(octets[:64]), X25519PrivateKey.from_private_bytes(octets[64:])

    @staticmethod
    def combine(shared_m, shared_x, sent_x, public_x):
        return hashlib.sha3_256(shared_m + shared_x + sent_x + public_x + b"\\.//^\\").digest()

    def decap(self, enc, seed, _=None):
        private_m, private_x = self.expand(seed)
        shared_m = private_m.decapsulate(enc[:1088])
        shared_x = private_x.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
        return self.combine(shared_m, shared_x, enc[1088:], private_x.public_key().public_bytes_raw())

    def encap(self, public, sks=None, eks=None):
        shared_m, sent_m = MLKEM768PublicKey.from_public_bytes(public[:1184]).encapsulate()
        ephemeral = X25519PrivateKey.generate()
        sent_x = ephemeral.public_key().public_bytes_raw()
        shared_x = ephemeral.exchange(X25519PublicKey.from_public_bytes(public[1184:]))
        return self.combine(shared_m, shared_x, sent_x, public[1184:]), sent_m + sent_x


SMALL = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES128_GCM)
_chacha = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.CHACHA20_POLY1305)
HYBRID = CipherSuite(XWing(), _chacha.kdf, _chacha.aead)
SUITES = {1: (SMALL, 32), 2: (HYBRID, 1120)}
BUCKETS = [16, 32, 64, 128, 256, 512, 1024, 2048]


def private(suite, octets):
    return octets if suite == 2 else SMALL.kem.deserialize_private_key(octets)


def public(suite, octets):
    return octets if suite == 2 else SMALL.kem.deserialize_public_key(octets)


def unpad(plaintext):
    content = plaintext.rstrip(b"\0")
    assert content[-1] == 0x80 and len(plaintext) in BUCKETS
    return content[0], content[1:-1]


def pad(kind, content):
    octets = bytes([kind]) + content + b"\x80"
    return octets.ljust(next(bucket for bucket in BUCKETS if bucket >= len(octets)), b"\0")


def step(chain):
    octets = blake3(b"mdt-log step", key=chain).digest(length=64)
    return octets[:32], octets[32:]


def head(magic, octets):
    """What comes before the encapsulated key, and the rest."""
    assert octets[:5] == magic
    end = 7 + struct.unpack(">H", octets[5:7])[0]
    return octets[:end], octets[end:]


def open_unlock(message, keys):
    assert message[:5] == b"MDTU\x01"
    suite, length = SUITES[message[5]]
    info, enc, sealed = message[:30], message[30 : 30 + length], message[30 + length :]
    context = suite.create_recipient_context(enc, private(message[5], keys[message[5]]), info)
    return message[14:30], context.open(sealed)


def open_segment(octets, number, keys, epoch, key):
    suite, length = SUITES[number]
    info, rest = head(b"MDTS\x01", octets)
    enc, confirmation, frames = rest[:length], rest[length : length + 16], rest[length + 16 :]
    context = suite.create_recipient_context(enc, private(number, keys[number]), info, psk=key, psk_id=epoch)
    assert context.export(b"mdt-log confirm", 16) == confirmation
    chain = context.export(b"mdt-log chain", 32)
    bound = hashlib.sha256(info + enc + confirmation).digest()
    count = 0
    while frames:
        end = 2 + struct.unpack(">H", frames[:2])[0]
        record, chain = step(chain)
        data = bound + struct.pack(">I", count)
        kind, content = unpad(ChaCha20Poly1305(record).decrypt(bytes(12), frames[2:end], data))
        print("record", f"{kind:02x}{content.hex()}")
        frames, count = frames[end:], count + 1


def seal_segment(info, number, publics, epoch, key, contents):
    suite, _ = SUITES[number]
    enc, context = suite.create_sender_context(public(number, publics[number]), info, psk=key, psk_id=epoch)
    octets = info + enc + context.export(b"mdt-log confirm", 16)
    chain, bound = context.export(b"mdt-log chain", 32), hashlib.sha256(octets).digest()
    records = [(0, content) for content in contents]
    records.append((4, struct.pack(">IB", len(contents), 2)))
    for count, (kind, content) in enumerate(records):
        record, chain = step(chain)
        data = bound + struct.pack(">I", count)
        sealed = ChaCha20Poly1305(record).encrypt(bytes(12), pad(kind, content), data)
        octets += struct.pack(">H", len(sealed)) + sealed
    return octets


def main():
    given = {}
    for line in sys.stdin:
        name, _, value = line.strip().partition(" ")
        if name in ("open", "seal"):
            break
        given.setdefault(name, []).append(bytes.fromhex(value))
    keys = {1: given["private1"][0], 2: given["private2"][0]}
    publics = {1: given["public1"][0], 2: given["public2"][0]}
    if name == "open":
        for message in given["unlock"]:
            epoch, key = open_unlock(message, keys)
        for number in (1, 2):
            open_segment(given[f"segment{number}"][0], number, keys, epoch, key)
        info, rest = head(b"MDTR\x01", given["report"][0])
        context = SMALL.create_recipient_context(rest[:32], private(1, keys[1]), info, psk=key, psk_id=epoch)
        kind, content = unpad(context.open(rest[32:]))
        print("report", f"{kind:02x}{content.hex()}")
        return
    # Seals anew, under a key of its own, with the heads that it was given.
    epoch, key = given["unlock"][0][14:30], os.urandom(32)
    for number, message in zip((1, 2), given["unlock"]):
        suite, _ = SUITES[number]
        enc, context = suite.create_sender_context(public(number, publics[number]), message[:30])
        print("unlock", (message[:30] + enc + context.seal(key)).hex())
        info, _ = head(b"MDTS\x01", given[f"segment{number}"][0])
        print("segment", seal_segment(info, number, publics, epoch, key, given["content"]).hex())
    info, _ = head(b"MDTR\x01", given["report"][0])
    enc, context = SMALL.create_sender_context(public(1, publics[1]), info, psk=key, psk_id=epoch)
    print("report", (info + enc + context.seal(pad(1, given["content"][0]))).hex())


main()
