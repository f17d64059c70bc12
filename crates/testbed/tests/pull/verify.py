"""A token verified by PyJWT, as a service in Python would: the keys from the operator, algorithm and audience fixed beforehand.

usage: verify.py JWKS_URL ISSUER AUDIENCE NONCE < token
"""

import json
import sys

import jwt

jwks_url, issuer, audience, nonce = sys.argv[1:]
token = sys.stdin.read().strip()
key = jwt.PyJWKClient(jwks_url).get_signing_key_from_jwt(token)
try:
    claims = jwt.decode(
        token, key.key, algorithms=["ES256"], issuer=issuer, audience=audience,
        options={"require": ["iss", "sub", "aud", "nonce", "iat", "exp", "jti"], "strict_aud": True},
    )
    if claims["nonce"] != nonce or jwt.get_unverified_header(token)["typ"] != "pseudonym+jwt":
        raise jwt.InvalidTokenError("another nonce, or another kind of token")
    print(json.dumps({"sub": claims["sub"]}))
except jwt.InvalidTokenError as error:
    print(json.dumps({"refused": type(error).__name__}))
