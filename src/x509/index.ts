export { type CaBundle, type CaBundleProblem, parseCaBundle } from './ca-bundle.ts';
export { type Certificate, type CertificateResult, parseCertificate } from './certificate.ts';
export { type GoVersionChoice } from './go-version.ts';
export {
  type Because,
  type CertificatePlace,
  type ServingCode,
  type ServingVerdict,
  type TriedCandidate,
} from './serving-verdict.ts';
export { type ServingChain, verifyServingChain } from './verify-serving-chain.ts';
export { type IpNetwork, networkContains, parseIp } from './ip-address.ts';
export { fingerprintOf } from './fingerprint.ts';
