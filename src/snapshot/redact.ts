import { parseWith, rawSnapshotSchema, type RawSnapshot } from './raw-snapshot.ts';
import { SnapshotFormatError } from './snapshot-format-error.ts';

// Annotations can hold anything, whole manifests with passwords too (last-applied-configuration); kept are those that tell
// who keeps an object or who should fill its caBundle.
const keptAnnotations =
  /^(?:meta\.helm\.sh\/|argocd\.argoproj\.io\/(?:tracking-id|instance)|cert-manager\.io\/inject-|service\.(?:alpha|beta)\.openshift\.io\/|olm\.|operatorframework\.io\/)/;

const privateKeyBlock = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END [A-Z0-9 ]*-----|$)/g;
const jsonWebToken = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const bearer = /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi;

export const REDACTED = '[redacted]';

/** What must not be stored or printed, wherever it turns up: the caller's own tokens and passwords. */
export type KnownSecrets = readonly string[];

/** Removes private keys, tokens and the known secrets from received text. */
export const redactText = (text: string, secrets: KnownSecrets): string => {
  let clean = text.toWellFormed();
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, REDACTED);
  return clean
    .replace(privateKeyBlock, (_block, type: string) => `-----BEGIN ${type}-----\nUkVEQUNURUQ=\n-----END ${type}-----`)
    .replace(jsonWebToken, REDACTED)
    .replace(bearer, `$1 ${REDACTED}`);
};

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

const decodedText = (base64: string): string | null => {
  const compact = base64.replace(/\s+/g, '');
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return null;
  return Buffer.from(compact, 'base64').toString('latin1');
};

/**
 * A CA bundle (decoded) with nothing in it but certificates, and placeholders that Go's PEM loop judges as it would judge
 * what stood there: another block, text without PEM, base64 once too often.
 */
const redactBundle = (bundle: string, depth = 0): string => {
  if (bundle.includes('-----BEGIN')) {
    const certificates: string[] = [];
    const rest = bundle.replace(certificateBlock, (block) => {
      certificates.push(block);
      return '\u0000';
    });
    return redactText(rest, [])
      .replace(/-----BEGIN ([A-Z0-9 ]+)-----[^\u0000]*?-----END \1-----/g, (_, type: string) => `-----BEGIN ${type}-----\nUkVEQUNURUQ=\n-----END ${type}-----`)
      .replace(/\u0000/g, () => certificates.shift() ?? '');
  }
  const inner = depth < 2 ? decodedText(bundle) : null;
  if (inner?.includes('-----BEGIN')) return Buffer.from(redactBundle(inner, depth + 1), 'latin1').toString('base64');
  if (bundle.trim() === '') return bundle;
  return bundle.charCodeAt(0) === 0x30 ? `0${REDACTED} ${bundle.length} bytes of DER` : `${REDACTED} ${bundle.length} bytes that are no PEM`;
};

const redactBase64Bundle = (base64: string): string => {
  const bundle = decodedText(base64);
  return bundle === null ? (base64 === '' ? '' : `${REDACTED} not base64`) : Buffer.from(redactBundle(bundle), 'latin1').toString('base64');
};

/** Every string of a JSON value, mapped; keys too, since a server chooses them. */
const mapStrings = (value: unknown, map: (text: string) => string): unknown => {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [map(key), mapStrings(item, map)]));
};

const keepAnnotations = <T extends { metadata: { annotations?: Record<string, string> | null | undefined } }>(object: T): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    ...(object.metadata.annotations
      ? { annotations: Object.fromEntries(Object.entries(object.metadata.annotations).filter(([key]) => keptAnnotations.test(key))) }
      : {}),
  },
});

/**
 * Drops every field that the snapshot format does not name, and every secret. Nothing is stored or printed that did not pass here.
 * @throws SnapshotFormatError naming the field where the value is no snapshot
 */
export const redact = (value: unknown, secrets: KnownSecrets): RawSnapshot => {
  const parsed = parseWith(rawSnapshotSchema, value);
  if (!parsed.ok) throw new SnapshotFormatError(parsed.field === '' ? parsed.problem : `${parsed.field}: ${parsed.problem}`);
  const snapshot = mapStrings(parsed.value, (text) => redactText(text, secrets)) as RawSnapshot;
  const { facts } = snapshot;
  if (facts.apiServices.state === 'known') {
    facts.apiServices.value = facts.apiServices.value.map((apiService) => {
      const kept = keepAnnotations(apiService);
      const { caBundle } = kept.spec;
      return caBundle ? { ...kept, spec: { ...kept.spec, caBundle: redactBase64Bundle(caBundle) } } : kept;
    });
  }
  for (const objects of [facts.services, facts.endpointSlices, facts.endpoints, facts.pods]) {
    for (const fact of Object.values(objects)) {
      if (fact.state === 'known') fact.value = (fact.value as { metadata: object }[]).map((object) => keepAnnotations(object as never)) as never;
    }
  }
  for (const fact of Object.values(facts.namespaces)) if (fact.state === 'known' && fact.value) fact.value = keepAnnotations(fact.value);
  return snapshot;
};
