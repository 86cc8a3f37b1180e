import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rulesOfGo } from '../../src/x509/go-version.ts';
import { toByteString } from '../../src/x509/go-text.ts';
import { type NamedCertificate, namesOf, verifyHostName } from '../../src/x509/host-name.ts';
import { parseDer } from '../../src/x509/certificate.ts';
import { parseCaBundle, parseCertificate, verifyServingChain } from '../../src/x509/index.ts';
import { parseIp } from '../../src/x509/ip-address.ts';
import { Refusal } from '../../src/x509/refusal.ts';

// The recorded results of real Go releases that come beside the checkout
// (go-x509-semantics.md, section 12). Without them these tests are skipped.
const FOLDER = fileURLToPath(new URL('../../../shared/x509/', import.meta.url));
const VERIFY = `${FOLDER}go-verify-vectors.ndjson.gz`;
const PARSE = `${FOLDER}go-parse-vectors.json.gz`;
const HOST_NAME = `${FOLDER}go-hostname-vectors.json.gz`;

interface VerifyCase {
  readonly id: string;
  readonly caBundle: string;
  readonly presented: readonly string[];
  readonly serverName: string;
  readonly time: string;
  /** Go's ExtKeyUsage numbers, where the case asks for others than server authentication. */
  readonly ekus?: readonly number[];
  readonly go: Readonly<Record<string, { tls: string; verify: string; caCount: number; caError?: string }>>;
}

interface ParseCase {
  readonly id: string;
  readonly der: string;
  readonly err: string;
}

interface SyntheticNames {
  readonly cn: string;
  readonly dns: readonly string[] | null;
  readonly hasSAN: boolean;
  readonly ips: readonly string[] | null;
}

interface HostNameCase {
  readonly id: string;
  readonly host?: string;
  readonly cert: string | SyntheticNames;
  readonly err: string;
}

const unzipped = (path: string): string => gunzipSync(readFileSync(path)).toString('utf8');
const versionOf = (id: string): string => /^go(1\.\d+)\//.exec(id)?.[1] ?? '';

const countByVersion = (versions: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const version of versions) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts].map(([version, count]) => `Go ${version}: ${count}`).join(', ');
};

describe.skipIf(!existsSync(VERIFY))('recorded verifications', () => {
  const cases = existsSync(VERIFY)
    ? unzipped(VERIFY)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as VerifyCase)
    : [];
  const versions = [...new Set(cases.flatMap((recorded) => Object.keys(recorded.go)))].toSorted();

  it.each(versions)('agree with Go %s in verdict, text and bundle', (goVersion) => {
    const differences: string[] = [];
    let compared = 0;
    for (const recorded of cases) {
      const told = recorded.go[goVersion];
      if (told === undefined) continue;
      compared += 1;
      const wanted = recorded.serverName === '' ? told.verify : told.tls;
      const verdict = verifyServingChain({
        presented: recorded.presented.map((der) => Buffer.from(der, 'base64')),
        caBundle: recorded.caBundle,
        serverName: recorded.serverName,
        at: new Date(recorded.time),
        goVersion,
        ...(recorded.ekus === undefined ? {} : { ekus: recorded.ekus }),
      });
      const bundle = parseCaBundle(recorded.caBundle, { goVersion });
      const isSame =
        verdict.error === wanted &&
        verdict.accepted === (wanted === '') &&
        bundle.certificates.length === told.caCount &&
        bundle.error === (told.caError ?? null);
      if (!isSame) differences.push(`${recorded.id}: ${verdict.error} | ${wanted}`);
    }
    console.log(`recorded verifications, Go ${goVersion}: ${compared - differences.length} of ${compared} agree`);
    expect(differences).toEqual([]);
  });
});

describe.skipIf(!existsSync(PARSE))('recorded parses', () => {
  it('agree with Go in text', () => {
    const cases = JSON.parse(unzipped(PARSE)) as readonly ParseCase[];
    const differences = cases.flatMap(({ id, der, err }) => {
      const result = parseCertificate(Buffer.from(der, 'base64'), { goVersion: versionOf(id) });
      const error = result.ok ? '' : result.error;
      return error === err ? [] : [`${id}: ${error} | ${err}`];
    });
    console.log(
      `recorded parses: ${cases.length - differences.length} of ${cases.length} agree (${countByVersion(cases.map(({ id }) => versionOf(id)))})`,
    );
    expect(differences).toEqual([]);
  });
});

describe.skipIf(!existsSync(HOST_NAME))('recorded host names', () => {
  const namesIn = (cert: HostNameCase['cert'], goVersion: string): NamedCertificate => {
    if (typeof cert !== 'string') {
      return {
        dnsNames: cert.dns ?? [],
        ipAddresses: (cert.ips ?? []).map((address) => parseIp(address) ?? new Uint8Array()),
        commonName: cert.cn,
        hasAlternativeNames: cert.hasSAN,
      };
    }
    const parsed = parseDer(Buffer.from(cert, 'base64'), rulesOfGo({ goVersion }));
    if (parsed instanceof Refusal) throw new Error(parsed.text);
    return namesOf(parsed);
  };

  it('agree with Go in text', () => {
    const cases = JSON.parse(unzipped(HOST_NAME)) as readonly HostNameCase[];
    const differences = cases.flatMap(({ id, host = '', cert, err }) => {
      const goVersion = versionOf(id);
      const refusal = verifyHostName(namesIn(cert, goVersion), toByteString(host), rulesOfGo({ goVersion }));
      const error = refusal?.text ?? '';
      return error === err ? [] : [`${id} ${host}: ${error} | ${err}`];
    });
    console.log(
      `recorded host names: ${cases.length - differences.length} of ${cases.length} agree (${countByVersion(cases.map(({ id }) => versionOf(id)))})`,
    );
    expect(differences).toEqual([]);
  });
});
