// oauth4webapi: https://www.npmjs.com/package/oauth4webapi
import * as oauth from 'oauth4webapi'
import { alice, check, done, equal, holds, issuer, refusal } from './checks.mjs'

const insecure = { [oauth.allowInsecureRequests]: true }
const server = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure))

await check('discovery', () => equal(server.issuer, issuer, 'issuer'))

await check('client_credentials', async () => {
  const client = { client_id: 'worker' }
  const authentication = oauth.ClientSecretPost('worker-secret')
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, { scope: 'profile' }, insecure)
  const tokens = await oauth.processClientCredentialsResponse(server, client, response)
  holds(tokens.access_token.split('.').length === 3, 'a JWT')
  const request = new Request(`${issuer}/resource`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const refused = await refusal(oauth.validateJwtAccessToken(server, request, 'nobody', insecure))
  holds(refused, 'an audience that it is not for is refused')
})

await check('an RFC 9068 access token is valid for its audience', async () => {
  const client = { client_id: 'rfc9068' }
  const response = await oauth.genericTokenEndpointRequest(server, client, oauth.None(), 'password', { ...alice, scope: 'openid' }, insecure)
  const tokens = await oauth.processGenericTokenEndpointResponse(server, client, response)
  const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url'))
  const request = new Request(`${issuer}/resource`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const audience = [claims.aud].flat()[0]
  // RFC 9068 section 2.2 wants `client_id`; Keycloak writes it for service accounts alone, so the library has the last word on it.
  const outcome = await oauth.validateJwtAccessToken(server, request, audience, insecure).then(() => 'valid', (error) => error.message)
  holds(outcome === 'valid' || outcome.includes('client_id'), outcome)
})

await check('password, refresh, signatures of ID tokens', async () => {
  const client = { client_id: 'cli' }
  const response = await oauth.genericTokenEndpointRequest(server, client, oauth.None(), 'password', { ...alice, scope: 'openid' }, insecure)
  const tokens = await oauth.processGenericTokenEndpointResponse(server, client, response)
  equal(oauth.getValidatedIdTokenClaims(tokens).preferred_username, 'alice', 'preferred_username')
  await oauth.validateApplicationLevelSignature(server, response, insecure)
  const again = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token, insecure)
  const next = await oauth.processRefreshTokenResponse(server, client, again)
  equal(oauth.getValidatedIdTokenClaims(next).sub, oauth.getValidatedIdTokenClaims(tokens).sub, 'sub')
})

await check('signed userinfo', async () => {
  const client = { client_id: 'signed-userinfo', userinfo_signed_response_alg: 'RS256' }
  const response = await oauth.genericTokenEndpointRequest(server, client, oauth.None(), 'password', { ...alice, scope: 'openid' }, insecure)
  const tokens = await oauth.processGenericTokenEndpointResponse(server, client, response)
  const { sub } = oauth.getValidatedIdTokenClaims(tokens)
  const told = await oauth.userInfoRequest(server, client, tokens.access_token, insecure)
  const info = await oauth.processUserInfoResponse(server, client, sub, told)
  equal(info.preferred_username, 'alice', 'preferred_username')
  await oauth.validateApplicationLevelSignature(server, told, insecure)
})

await check('introspection and revocation', async () => {
  const client = { client_id: 'backend' }
  const authentication = oauth.ClientSecretBasic('backend-secret')
  const response = await oauth.genericTokenEndpointRequest(server, client, authentication, 'password', { ...alice, scope: 'openid' }, insecure)
  const { refresh_token } = await oauth.processGenericTokenEndpointResponse(server, client, response)
  const look = async () => {
    const parameters = { ...insecure, additionalParameters: { token_type_hint: 'refresh_token' } }
    return oauth.processIntrospectionResponse(
      server, client, await oauth.introspectionRequest(server, client, authentication, refresh_token, parameters))
  }
  equal((await look()).active, true, 'active')
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, authentication, refresh_token, insecure))
  equal((await look()).active, false, 'active after the revocation')
})

await check('DPoP', async () => {
  const client = { client_id: 'dpop' }
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const response = await oauth.genericTokenEndpointRequest(
    server, client, oauth.None(), 'password', { ...alice, scope: 'openid' }, { ...insecure, DPoP })
  const tokens = await oauth.processGenericTokenEndpointResponse(server, client, response)
  equal(tokens.token_type, 'dpop', 'token_type')
  const { sub } = oauth.getValidatedIdTokenClaims(tokens)
  const info = await oauth.processUserInfoResponse(
    server, client, sub, await oauth.userInfoRequest(server, client, tokens.access_token, { ...insecure, DPoP }))
  equal(info.sub, sub, 'sub')
})

await check('documented errors', async () => {
  const client = { client_id: 'worker' }
  const ask = async (secret, parameters) => oauth.processClientCredentialsResponse(
    server, client, await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretPost(secret), parameters, insecure))
  equal((await refusal(ask('wrong', {}))).error, 'unauthorized_client', 'wrong secret')
  equal((await refusal(ask('worker-secret', { scope: 'no-such' }))).error, 'invalid_scope', 'scope')
})

done()
