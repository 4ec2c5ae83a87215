// What the scripts share: where the server is, and how one check is told from another.
import { readFileSync } from 'node:fs'
import { createPrivateKey } from 'node:crypto'

export const base = process.argv[2]
export const issuer = `${base}/realms/acme`
export const alice = { username: 'alice', password: 'wonderland-1' }

let failed = 0

export function equal(actual, wanted, what) {
  if (actual !== wanted) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`)
}

export function holds(fact, what) {
  if (!fact) throw new Error(`${what} does not hold`)
}

/** Runs one check and prints its name. */
export async function check(name, body) {
  try {
    await body()
    console.log(`ok ${name}`)
  } catch (error) {
    failed += 1
    console.log(`FAILED ${name}: ${error.stack ?? error}${error.cause ? `\n  ${JSON.stringify(error.cause)}` : ''}`)
  }
}

/** The `error` that a promise ends with, as the library words it. */
export async function refusal(promise) {
  try {
    await promise
  } catch (error) {
    return { error: error.error, description: error.error_description, status: error.status, challenge: error.cause }
  }
  throw new Error('was not refused')
}

/** A private key of the recordings' clients. */
export function privateKey(name) {
  return createPrivateKey(readFileSync(new URL(`../../keycloak/realms/keys/${name}.pem`, import.meta.url)))
}

export function done() {
  process.exit(failed === 0 ? 0 : 1)
}
