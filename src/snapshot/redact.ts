import { rulesOfGo } from '../x509/go-version.ts';
import { nextPemBlock, type PemBlock } from '../x509/pem.ts';
import { parseWith } from './parse-with.ts';
import { type RawAnswer, type RawFact, rawSnapshotSchema, type RawSnapshot } from './raw-snapshot.ts';
import { isCertificate } from './certificate-data.ts';
import { SnapshotFormatError } from './snapshot-format-error.ts';

// Annotations can hold anything, whole manifests with passwords too (last-applied-configuration); kept are those that tell
// who keeps an object or who should fill its caBundle.
const keptAnnotations =
  /^(?:meta\.helm\.sh\/|argocd\.argoproj\.io\/(?:tracking-id|instance)|objectset\.rio\.cattle\.io\/owner-|cert-manager\.io\/inject-|service\.(?:alpha|beta)\.openshift\.io\/|olm\.|operatorframework\.io\/)/;

const REDACTED = '[redacted]';
/** `REDACTED` in base64: what a PEM block or a Secret's value holds instead. */
const REDACTED_BASE64 = 'UkVEQUNURUQ=';

// Each pattern starts where a word starts and takes every character once, so that no text makes the search slow.
const privateKeyBlock = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,60}-----|$)/g;
/** JSON web tokens, and the tokens of EKS, OpenShift and GKE. */
const knownTokens =
  /(?<![\w-])(?:eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*|k8s-aws-v1\.[\w-]{8,}|sha256~[\w-]{16,}|ya29\.[\w-]{16,})/g;
const authorization =
  /\b(Bearer|Basic)\s{1,8}(?!(?:authentication|authorization|credentials?|tokens?)(?![\w.~+/=-]))[\w.~+/=-]{6,}/gi;
const assignment = /(?<![\w-])((?:access_|id_|refresh_|client_)?(?:token|secret|password|passwd)=)[^\s&"'<>;,]+/gi;
const userInfo = /(:\/\/)[^\s/:@"'<>]{1,256}:[^\s/@"'<>]{1,1024}@/g;

/** Characters of the least that these patterns take: `k8s-aws-v1.` and eight more, `Basic ` and six more. */
const SHORTEST_TOKEN = 19;
const SHORTEST_AUTHORIZATION = 12;

/** What must not be stored or printed, wherever it turns up: the caller's own tokens and passwords. */
export type KnownSecrets = readonly string[];

/** A secret and the forms in which a server says it again: in JSON, in a URL, in base64. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
];

/** Removes private keys, tokens and the known secrets from received text. */
export const textRedactor = (secrets: KnownSecrets): ((text: string) => string) => {
  // Whatever is shorter stands in every other word. The longest first: one may hold another.
  const forms = [
    ...new Set(secrets.filter(({ length }) => length >= 4).flatMap((secret) => formsOf(secret.toWellFormed()))),
  ].toSorted((a, b) => b.length - a.length);
  return (text) => {
    let clean = text.toWellFormed();
    for (const form of forms) clean = clean.replaceAll(form, REDACTED);
    // Nearly every string is a name or a word, and there are thousands: what cannot hold a secret is not searched for one.
    if (clean.includes('-----BEGIN '))
      clean = clean.replace(
        privateKeyBlock,
        (_block, type: string) => `-----BEGIN ${type}-----\n${REDACTED_BASE64}\n-----END ${type}-----`,
      );
    if (clean.length >= SHORTEST_TOKEN) clean = clean.replace(knownTokens, REDACTED);
    if (clean.length >= SHORTEST_AUTHORIZATION) clean = clean.replace(authorization, `$1 ${REDACTED}`);
    if (clean.includes('=')) clean = clean.replace(assignment, `$1${REDACTED}`);
    if (clean.includes('@')) clean = clean.replace(userInfo, `$1${REDACTED}@`);
    return clean;
  };
};

const loggedSecret =
  /((?<![\w-])[\w.-]{0,64}?(?:password|passwd|token|secret|api[-_]?key|authorization)"?\s{0,4}[:=]\s{0,4})"(?:[^"\\\n]|\\.)*"/gi;

/** Of a log also the values of fields that are named like secrets: `"password":"…"`, `token="…"`. */
export const redactLog = (text: string): string => text.replace(loggedSecret, `$1"${REDACTED}"`);

export const redactText = (text: string, secrets: KnownSecrets): string => textRedactor(secrets)(text);

const safeType = (type: string): string => (/^[A-Z0-9 .]{0,40}$/.test(type) ? type : 'REDACTED');

/** A block as Go sees it, with nothing in it but what is a certificate; as many lines as before, since findings name lines. */
const redactBlock = (text: string, { type, hasHeaders, bytes }: PemBlock): string => {
  // Decoded as a certificate, it can hold nothing but base64 and blanks.
  if (type === 'CERTIFICATE' && !hasHeaders && isCertificate(bytes)) return text;
  const lines = [...(hasHeaders ? ['Redacted: headers'] : []), ...(bytes.length > 0 ? [REDACTED_BASE64] : [])];
  const missing = Math.max(0, text.trimEnd().split('\n').length - lines.length - 2);
  const name = safeType(type);
  return `-----BEGIN ${name}-----\n${[...lines, ...Array<string>(missing).fill('')].map((line) => `${line}\n`).join('')}-----END ${name}-----${text.endsWith('\n') ? '\n' : ''}`;
};

const marker = /(-----(?:BEGIN|END) [A-Z0-9 .]{0,40}-----|-----(?:BEGIN|END) )/;
const byteOrderMark = /^(?:\u00ef\u00bb\u00bf)?\s*$/;

/** Text between blocks, line by line: the ruins of PEM stay, every other word goes. */
const redactGap = (gap: string): string =>
  gap.replace(/[^\n]+/g, (line) => {
    if (byteOrderMark.test(line)) return line;
    if (line.includes('-----BEGIN ') || line.includes('-----END ')) {
      return line
        .split(marker)
        .map((part) => (marker.test(part) || byteOrderMark.test(part) ? part : REDACTED))
        .join('');
    }
    return line.includes(':') ? 'redacted:' : REDACTED;
  });

const redactPem = (bundle: string): string => {
  const rules = rulesOfGo();
  const parts: string[] = [];
  let at = 0;
  while (at < bundle.length) {
    const block = nextPemBlock(bundle, at, rules);
    if (block === null) break;
    parts.push(redactGap(bundle.slice(at, block.start)), redactBlock(bundle.slice(block.start, block.end), block));
    at = block.end;
  }
  return [...parts, redactGap(bundle.slice(at))].join('');
};

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
  if (bundle.includes('-----BEGIN')) return redactPem(bundle);
  const inner = depth < 2 ? decodedText(bundle) : null;
  if (inner?.includes('-----BEGIN')) return Buffer.from(redactBundle(inner, depth + 1), 'latin1').toString('base64');
  if (bundle.trim() === '' || /^0?\[redacted\] \d+ bytes (?:of DER|that are no PEM)$/.test(bundle)) return bundle;
  return bundle.charCodeAt(0) === 0x30
    ? `0${REDACTED} ${bundle.length} bytes of DER`
    : `${REDACTED} ${bundle.length} bytes that are no PEM`;
};

const redactBase64Bundle = (base64: string): string => {
  const bundle = decodedText(base64);
  return bundle === null
    ? base64 === ''
      ? ''
      : `${REDACTED} not base64`
    : Buffer.from(redactBundle(bundle), 'latin1').toString('base64');
};

const MAX_REMEMBERED = 10_000;

/** Names, kinds and verbs come thousands of times. */
const rememberedForShort = (map: (text: string) => string): ((text: string) => string) => {
  const known = new Map<string, string>();
  return (text) => {
    if (text.length > 24) return map(text);
    const before = known.get(text);
    if (before !== undefined) return before;
    const mapped = map(text);
    if (known.size < MAX_REMEMBERED) known.set(text, mapped);
    return mapped;
  };
};

/** Every string of a JSON value, mapped; keys too, since a server chooses them. */
const mapStrings = (value: unknown, map: (text: string) => string): unknown => {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [map(key), mapStrings(item, map)]));
};

const secretName =
  /^(?:.*[-_.])?(?:password|passwd|token|secret|(?:api|private|secret|access)[-_]?key|authorization)$|(?:Password|Token|Secret|ApiKey|PrivateKey)$/i;

/** What a backend serves instead of its discovery document may be anything, a Secret too. */
const withoutSecretValues = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecretValues);
  if (typeof value !== 'object' || value === null) return value;
  const isSecret = (value as { kind?: unknown }).kind === 'Secret';
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (isSecret && (key === 'data' || key === 'stringData'))
        return [key, typeof item === 'object' ? mapValues(item) : REDACTED];
      return [key, typeof item === 'string' && secretName.test(key) ? REDACTED : withoutSecretValues(item)];
    }),
  );
};

const mapValues = (record: object | null): unknown =>
  record && Object.fromEntries(Object.keys(record).map((key) => [key, REDACTED_BASE64]));

const keepAnnotations = <T extends { metadata: { annotations?: Record<string, string> | null | undefined } }>(
  object: T,
): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    ...(object.metadata.annotations
      ? {
          annotations: Object.fromEntries(
            Object.entries(object.metadata.annotations).filter(([key]) => keptAnnotations.test(key)),
          ),
        }
      : {}),
  },
});

/**
 * Drops every field that the snapshot format does not name, and every secret. Nothing is stored or printed that did not pass here.
 * @throws SnapshotFormatError naming the field where the value is no snapshot
 */
export const redact = (value: unknown, secrets: KnownSecrets): RawSnapshot => {
  const parsed = parseWith(rawSnapshotSchema, value);
  if (!parsed.ok)
    throw new SnapshotFormatError(parsed.field === '' ? parsed.problem : `${parsed.field}: ${parsed.problem}`);
  return redactParsed(parsed.value, secrets);
};

/** As redact, for what holds nothing but fields of the format: what collectors have made passed its schemas one by one. */
export const redactParsed = (parsed: RawSnapshot, secrets: KnownSecrets): RawSnapshot => {
  const received = parsed.facts;
  const snapshot = mapStrings(parsed, rememberedForShort(textRedactor(secrets))) as RawSnapshot;
  const { facts } = snapshot;
  if (facts.apiServices.state === 'known') {
    facts.apiServices.value = facts.apiServices.value.map((apiService, index) => {
      const kept = keepAnnotations(apiService);
      // As received: a secret that happens to stand in the base64 would break the bundle.
      const caBundle = received.apiServices.state === 'known' ? received.apiServices.value[index]?.spec.caBundle : null;
      return caBundle ? { ...kept, spec: { ...kept.spec, caBundle: redactBase64Bundle(caBundle) } } : kept;
    });
  }
  // As received, like the CA bundles: once parsed, they hold nothing but certificates.
  for (const name of ['secrets', 'authorities'] as const) {
    const originals = Object.values(received[name]);
    for (const [index, fact] of Object.values(facts[name]).entries()) {
      const original = originals[index];
      if (fact.state === 'known' && fact.value && original?.state === 'known') fact.value.data = original.value?.data;
    }
  }
  for (const objects of [
    facts.services,
    facts.endpointSlices,
    facts.endpoints,
    facts.pods,
    facts.injectors,
    facts.workloads,
  ]) {
    for (const fact of Object.values(objects)) {
      if (fact.state === 'known')
        fact.value = (fact.value as { metadata: object }[]).map((object) => keepAnnotations(object as never)) as never;
    }
  }
  if (facts.terminatingNamespaces.state === 'known')
    facts.terminatingNamespaces.value = facts.terminatingNamespaces.value.map(keepAnnotations);
  // As received, for the same reason.
  const [configuration, original] = [facts.authenticationConfiguration, received.authenticationConfiguration];
  if (configuration.state === 'known' && configuration.value?.data && original.state === 'known') {
    for (const key of ['client-ca-file', 'requestheader-client-ca-file'] as const) {
      const bundle = original.value?.data?.[key];
      if (bundle) configuration.value.data[key] = redactBundle(bundle);
    }
  }
  for (const fact of Object.values(facts.namespaces))
    if (fact.state === 'known' && fact.value) fact.value = keepAnnotations(fact.value);
  const backends = Object.values(facts.backendDocuments).flatMap((fact) =>
    fact.state === 'known' && fact.value ? [fact.value.groups, ...Object.values(fact.value.lists)] : [],
  );
  const taken = facts.samples.state === 'known' ? facts.samples.value.taken : [];
  const answered = [
    facts.answers,
    facts.discoveryDocuments,
    facts.groupDocuments,
    facts.localLists,
    ...taken.map(({ document, answers }) => ({ ...answers, document })),
  ];
  for (const fact of [...answered.flatMap((byName) => Object.values<RawFact<RawAnswer>>(byName)), ...backends]) {
    if (fact.state === 'known' && fact.value.body.form === 'json')
      fact.value.body = { form: 'json', value: withoutSecretValues(fact.value.body.value) };
  }
  return snapshot;
};
