"""python-keycloak: https://pypi.org/project/python-keycloak/"""
import json

from keycloak import KeycloakOpenID
from keycloak.exceptions import KeycloakAuthenticationError, KeycloakPostError

from checks import BASE, ISSUER, check, done

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


def client(client_id, secret=None):
    return KeycloakOpenID(server_url=BASE, realm_name="acme", client_id=client_id, client_secret_key=secret)


def refusal(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except (KeycloakAuthenticationError, KeycloakPostError) as error:
        return error.response_code, json.loads(error.response_body)["error"]
    raise AssertionError("was not refused")


@check
def discovery():
    assert client("cli").well_known()["issuer"] == ISSUER


@check
def the_public_key_verifies_a_token():
    cli = client("cli")
    token = cli.token("alice", "wonderland-1", scope="openid")
    claims = cli.decode_token(token["access_token"])
    assert claims["preferred_username"] == "alice", claims
    assert cli.public_key().startswith("MII")


@check
def password_refresh_userinfo_logout():
    cli = client("cli")
    token = cli.token("alice", "wonderland-1", scope="openid")
    assert cli.userinfo(token["access_token"])["preferred_username"] == "alice"
    token = cli.refresh_token(token["refresh_token"])
    cli.logout(token["refresh_token"])
    assert refusal(cli.refresh_token, token["refresh_token"]) == (400, "invalid_grant")


@check
def client_credentials_and_introspection():
    backend = client("backend", "backend-secret")
    token = backend.token(grant_type="client_credentials")
    assert token["token_type"] == "Bearer"
    login = backend.token("alice", "wonderland-1")
    assert client("introspector", "introspector-secret").introspect("no-token") == {"active": False}
    assert isinstance(backend.introspect(login["access_token"])["active"], bool)


@check
def token_exchange():
    exchanger = client("exchanger", "exchanger-secret")
    token = exchanger.token("alice", "wonderland-1")
    exchanged = exchanger.exchange_token(
        token["access_token"],
        subject_token_type=ACCESS_TOKEN,
        requested_token_type=ACCESS_TOKEN,
    )
    assert exchanged["issued_token_type"] == ACCESS_TOKEN


@check
def permissions_of_a_resource_server():
    photos = client("photos", "photos-secret")
    token = photos.token("alice", "wonderland-1")
    permissions = photos.uma_permissions(token["access_token"])
    assert all("rsid" in permission for permission in permissions), permissions
    assert photos.has_uma_access(token["access_token"], "").is_authorized


@check
def device_authorization():
    started = client("tv").device()
    assert started["verification_uri"].startswith(ISSUER), started


@check
def documented_errors():
    cli = client("cli")
    assert refusal(cli.token, "alice", "wrong") == (400, "invalid_grant")
    assert refusal(cli.token, "nobody", "wrong") == (400, "invalid_grant")
    assert refusal(client("worker", "wrong").token, grant_type="client_credentials") == (401, "unauthorized_client")
    assert refusal(cli.refresh_token, "garbage") == (400, "invalid_grant")


done()
