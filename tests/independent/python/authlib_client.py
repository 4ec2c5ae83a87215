"""Authlib: https://pypi.org/project/Authlib/"""
import pathlib

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.jose import JsonWebKey, jwt
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT

from checks import ISSUER, check, done

KEYS = pathlib.Path(__file__).parent.parent.parent / "keycloak" / "realms" / "keys"
metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()
TOKEN = metadata["token_endpoint"]


def session(client_id, secret=None, method=None, **named):
    method = method or ("client_secret_basic" if secret else "none")
    return OAuth2Session(client_id, secret, token_endpoint_auth_method=method, token_endpoint=TOKEN, **named)


def claims(token):
    keys = JsonWebKey.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    options = {"iss": {"essential": True, "value": ISSUER}, "exp": {"essential": True}}
    read = jwt.decode(token, keys, claims_options=options)
    read.validate()
    return read


def refusal(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except OAuthError as error:
        return error.error
    raise AssertionError("was not refused")


@check
def discovery():
    assert metadata["issuer"] == ISSUER


@check
def client_credentials_by_each_method():
    for method in ("client_secret_basic", "client_secret_post"):
        token = session("worker", "worker-secret", method).fetch_token(TOKEN, grant_type="client_credentials")
        assert claims(token["access_token"])["client_id"] == "worker"


@check
def client_secret_jwt():
    client = session("jwt-secret", "a-shared-secret-of-at-least-32-bytes!", "client_secret_jwt")
    client.register_client_auth_method(ClientSecretJWT(TOKEN))
    assert client.fetch_token(TOKEN, grant_type="client_credentials")["access_token"]


@check
def private_key_jwt():
    key = (KEYS / "jwt-key-rsa.pem").read_text()
    client = session("jwt-key", key, "private_key_jwt")
    client.register_client_auth_method(PrivateKeyJWT(TOKEN, headers={"kid": "acme-rsa-1"}))
    assert client.fetch_token(TOKEN, grant_type="client_credentials")["access_token"]


@check
def password_and_refresh():
    client = session("cli", scope="openid")
    token = client.fetch_token(TOKEN, username="alice", password="wonderland-1")
    identity = claims(token["id_token"])
    assert identity["preferred_username"] == "alice" and identity["aud"] == "cli"
    renewed = client.refresh_token(TOKEN, refresh_token=token["refresh_token"])
    assert claims(renewed["id_token"])["sub"] == identity["sub"]


@check
def introspection_and_revocation():
    client = session("backend", "backend-secret")
    token = client.fetch_token(TOKEN, username="alice", password="wonderland-1")
    look = lambda: client.introspect_token(
        metadata["introspection_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token"
    ).json()
    assert look()["active"] is True
    client.revoke_token(metadata["revocation_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token")
    assert look()["active"] is False


@check
def documented_errors():
    assert refusal(session("worker", "wrong").fetch_token, TOKEN, grant_type="client_credentials") == "unauthorized_client"
    assert refusal(session("cli").fetch_token, TOKEN, username="alice", password="wrong") == "invalid_grant"
    assert refusal(session("worker", "worker-secret").fetch_token, TOKEN, grant_type="no-such") == "unsupported_grant_type"


done()
