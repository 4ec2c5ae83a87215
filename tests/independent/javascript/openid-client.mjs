// openid-client: https://www.npmjs.com/package/openid-client
import * as client from 'openid-client'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { alice, check, done, equal, holds, issuer, privateKey, refusal } from './checks.mjs'

const insecure = { execute: [client.allowInsecureRequests] }
const discover = (id, authentication, metadata) => client.discovery(new URL(issuer), id, metadata, authentication, insecure)
const cli = await discover('cli', client.None())
const worker = await discover('worker', client.ClientSecretBasic('worker-secret'))
const logIn = (config, parameters, options) =>
  client.genericGrantRequest(config, 'password', { ...alice, scope: 'openid', ...parameters }, options)
const keys = createRemoteJWKSet(new URL(cli.serverMetadata().jwks_uri))

await check('discovery', () => {
  equal(cli.serverMetadata().issuer, issuer, 'issuer')
  holds(cli.serverMetadata().supportsPKCE(), 'PKCE')
})

for (const [name, authentication] of [
  ['client_secret_basic', client.ClientSecretBasic('worker-secret')],
  ['client_secret_post', client.ClientSecretPost('worker-secret')],
]) {
  await check(`client_credentials with ${name}`, async () => {
    const tokens = await client.clientCredentialsGrant(await discover('worker', authentication), { scope: 'email' })
    equal(tokens.token_type, 'bearer', 'token_type')
    holds(tokens.refresh_token === undefined, 'no refresh token')
    const { payload } = await jwtVerify(tokens.access_token, keys, { issuer })
    equal(payload.client_id, 'worker', 'client_id')
  })
}

await check('client_secret_jwt', async () => {
  const config = await discover('jwt-secret', client.ClientSecretJwt('a-shared-secret-of-at-least-32-bytes!'))
  holds((await client.clientCredentialsGrant(config)).access_token, 'an access token')
})

await check('private_key_jwt', async () => {
  const key = await crypto.subtle.importKey(
    'pkcs8', privateKey('jwt-key-rsa').export({ type: 'pkcs8', format: 'der' }), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign'])
  const config = await discover('jwt-key', client.PrivateKeyJwt({ key, kid: 'acme-rsa-1' }))
  holds((await client.clientCredentialsGrant(config)).access_token, 'an access token')
  const stranger = await crypto.subtle.importKey(
    'pkcs8', privateKey('stranger-rsa').export({ type: 'pkcs8', format: 'der' }), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign'])
  const { error } = await refusal(client.clientCredentialsGrant(await discover('jwt-key', client.PrivateKeyJwt({ key: stranger, kid: 'acme-rsa-1' }))))
  equal(error, 'invalid_client', 'error of a stranger')
})

await check('password, ID token, refresh', async () => {
  const tokens = await logIn(cli)
  equal(tokens.claims().preferred_username, 'alice', 'preferred_username')
  equal(tokens.claims().aud, 'cli', 'aud')
  const next = await client.refreshTokenGrant(cli, tokens.refresh_token)
  equal(next.claims().sub, tokens.claims().sub, 'sub')
  equal(next.claims().sid, tokens.claims().sid, 'sid')
})

await check('userinfo', async () => {
  const tokens = await logIn(cli)
  const info = await client.fetchUserInfo(cli, tokens.access_token, tokens.claims().sub)
  equal(info.preferred_username, 'alice', 'preferred_username')
  const refused = await refusal(client.fetchUserInfo(cli, tokens.access_token + 'x', tokens.claims().sub))
  equal(refused.challenge[0].parameters.error, 'invalid_token', 'challenge')
})

await check('introspection and revocation', async () => {
  const backend = await discover('backend', client.ClientSecretPost('backend-secret'))
  const tokens = await logIn(backend)
  const shown = await client.tokenIntrospection(backend, tokens.refresh_token, { token_type_hint: 'refresh_token' })
  equal(shown.active, true, 'active')
  equal(shown.username, 'alice', 'username')
  await client.tokenRevocation(backend, tokens.refresh_token)
  equal((await client.tokenIntrospection(backend, tokens.refresh_token, { token_type_hint: 'refresh_token' })).active, false, 'active')
  equal((await refusal(client.refreshTokenGrant(backend, tokens.refresh_token))).error, 'invalid_grant', 'error')
})

await check('DPoP', async () => {
  const config = await discover('dpop', client.None())
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  equal((await refusal(logIn(config))).error, 'invalid_request', 'error without a proof')
  const tokens = await logIn(config, {}, { DPoP })
  equal(tokens.token_type, 'dpop', 'token_type')
  const { payload } = await jwtVerify(tokens.access_token, keys, { issuer })
  equal(payload.cnf.jkt, await DPoP.calculateThumbprint(), 'jkt')
  const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP })
  equal(info.preferred_username, 'alice', 'preferred_username')
  const next = await client.refreshTokenGrant(config, tokens.refresh_token, {}, { DPoP })
  equal(next.token_type, 'dpop', 'token_type after a refresh')
  const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  equal((await refusal(client.refreshTokenGrant(config, next.refresh_token, {}, { DPoP: other }))).error, 'invalid_grant', 'error with another key')
})

await check('token exchange', async () => {
  const exchanger = await discover('exchanger', client.ClientSecretBasic('exchanger-secret'))
  const own = await client.genericGrantRequest(exchanger, 'password', alice)
  const exchanged = await client.genericGrantRequest(exchanger, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: own.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  })
  equal(exchanged.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token', 'issued_token_type')
  const refused = await refusal(client.genericGrantRequest(exchanger, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: own.access_token + 'x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  }))
  equal(refused.error, 'invalid_request', 'error')
})

await check('device authorization', async () => {
  const tv = await discover('tv', client.None())
  const started = await client.initiateDeviceAuthorization(tv, { scope: 'openid' })
  holds(started.verification_uri.startsWith(issuer), 'verification_uri')
  const pending = await refusal(client.genericGrantRequest(tv, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: started.device_code }))
  equal(pending.error, 'authorization_pending', 'error')
  const unknown = await refusal(client.genericGrantRequest(tv, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: 'x' }))
  equal(unknown.error, 'invalid_grant', 'error')
})

await check('pushed authorization request', async () => {
  const par = await discover('par', client.ClientSecretBasic('par-secret'))
  const redirect_uri = 'http://localhost:8000/callback'
  const url = await client.buildAuthorizationUrlWithPAR(par, { redirect_uri, scope: 'openid', response_type: 'code' })
  holds(url.searchParams.get('request_uri').startsWith('urn:ietf:params:oauth:request_uri:'), 'request_uri')
  const refused = await refusal(client.buildAuthorizationUrlWithPAR(par, { redirect_uri: 'https://elsewhere.example/', scope: 'openid' }))
  equal(refused.error, 'invalid_request', 'error')
})

await check('documented errors', async () => {
  equal((await refusal(logIn(cli, { password: 'wrong' }))).error, 'invalid_grant', 'wrong password')
  const imposter = await discover('worker', client.ClientSecretBasic('wrong'))
  equal((await refusal(client.clientCredentialsGrant(imposter))).error, 'unauthorized_client', 'wrong secret')
  equal((await refusal(client.clientCredentialsGrant(worker, { scope: 'no-such' }))).error, 'invalid_scope', 'scope')
  equal((await refusal(client.genericGrantRequest(worker, 'no-such', {}))).error, 'unsupported_grant_type', 'grant_type')
})

done()
