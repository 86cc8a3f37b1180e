import type { SeededRandom } from './seeded-random.ts';

/** Bends PEM text in one of the ways people and tools bend it. */
export type PemOddity = (pem: string, random: SeededRandom) => string;

const replaceLine = (pem: string, pattern: RegExp, by: string): string => pem.replace(pattern, by);

/** Each changes one block, or the text around it. */
export const PEM_ODDITIES: readonly PemOddity[] = [
  (pem) => `# a comment\n${pem}\ntrailing text\n`,
  (pem) => `\ufeff${pem}`,
  (pem) => `  ${pem}`,
  (pem) => pem.replaceAll('\n', '\r\n'),
  (pem) => pem.replaceAll('\n', '\r'),
  (pem) => pem.replaceAll('\n', ' \t\n'),
  (pem) => pem.trimEnd(),
  (pem) => replaceLine(pem, /-----\n/, '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n'),
  (pem) => replaceLine(pem, /-----\n/, '-----\na:b\n'),
  (pem) => pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'),
  (pem) => pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
  (pem) => pem.replaceAll('CERTIFICATE', 'certificate'),
  (pem) => pem.replaceAll('CERTIFICATE', 'CERT:IFICATE'),
  (pem) => replaceLine(pem, /-----END CERTIFICATE-----/, '-----END CERTIFICATE----- '),
  (pem) => replaceLine(pem, /-----END CERTIFICATE-----/, '-----END CERTIFICATE-----x'),
  (pem) => replaceLine(pem, /-----END CERTIFICATE-----/, '-----END PRIVATE KEY-----'),
  (pem) => replaceLine(pem, /-----END CERTIFICATE-----\n/, ''),
  (pem) => replaceLine(pem, /-----BEGIN CERTIFICATE-----\n/, ''),
  (pem) => replaceLine(pem, /-----BEGIN CERTIFICATE-----/, '-----BEGIN CERTIFICATE----'),
  (pem) => replaceLine(pem, /-----BEGIN CERTIFICATE-----/, '-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----'),
  (pem) => replaceLine(pem, /-----BEGIN CERTIFICATE-----/, 'x-----BEGIN CERTIFICATE-----'),
  (pem) => replaceLine(pem, /-----END/, ' -----END'),
  (pem) => pem.replace(/\n(?=[^-])/g, ''),
  (pem) => pem.replaceAll('\n', ''),
  (pem) => pem.replace(/=+\n/, '\n'),
  (pem) => pem.replace(/=*\n-----END/, '==\n-----END'),
  (pem) => pem.replace(/\n([A-Za-z0-9+/]{4})/, '\n$1$1'),
  (pem) => pem.replace(/\n([A-Za-z0-9+/])/, '\n$1-'),
  (pem) => pem.replace(/\n([A-Za-z0-9+/]{8})/, '\n$1  \t'),
  (pem) => pem.replaceAll('/', '_').replaceAll('+', '-'),
  (pem) => Buffer.from(pem).toString('base64'),
  (pem, random) => pem.slice(random.below(pem.length)),
  (pem, random) => pem.slice(0, random.below(pem.length)),
  (pem, random) => {
    const at = random.below(pem.length);
    return (
      pem.slice(0, at) +
      random.pick(['\n', ' ', '-', 'A', ':', '=', '\r', '\t', '\n-----BEGIN ', '\n-----END ', '-----']) +
      pem.slice(at)
    );
  },
  (pem, random) => {
    const at = random.below(pem.length);
    return pem.slice(0, at) + pem.slice(at + 1 + random.below(12));
  },
  (pem) => pem + pem,
  (pem) => `-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n${pem}`,
  (pem) => `-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n${pem}`,
  (pem) => `${pem}-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n`,
  (pem) => `-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n`.repeat(1 + (pem.length % 3)),
  () => '',
  () => ' \n\t\n',
  () => 'not PEM at all\n',
  () => '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n',
  () => '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n\n',
];
