import type {
  CertificateItem,
  CertificateReport,
  CertificateReportItem,
  ServedEndpointItem,
} from '../../model/report.ts';
import { humanDuration } from './age.ts';
import { printable } from './printable.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

const colons = (hex: string): string => hex.toUpperCase().match(/../g)?.join(':') ?? hex;

/** `2027-01-01T00:00:00Z (40d left)` */
const expiry = (notAfter: string | null, at: string): string => {
  if (notAfter === null) return 'unknown';
  const left = (Date.parse(notAfter) - Date.parse(at)) / 1000;
  return `${notAfter} (${left >= 0 ? `${humanDuration(left)} left` : `ended ${humanDuration(-left)} ago`})`;
};

const certificateLines = (
  certificate: CertificateItem,
  label: string,
  indent: string,
  at: string,
  { width }: TerminalStyle,
): readonly string[] => {
  const field = (name: string, value: string): string =>
    wrap(`${name} ${printable(value)}`, width, `${indent}    `, `${indent}  `);
  const head = wrap(
    `${label} ${printable(certificate.subject === '' ? '(no subject)' : (certificate.subject ?? '(cannot be parsed)'))}`,
    width,
    `${indent}  `,
    indent,
  );
  if (certificate.error !== null)
    return [head, field('error', certificate.error), field('SHA-256', colons(certificate.sha256))];
  const names = [...(certificate.dnsNames ?? []), ...(certificate.ipAddresses ?? [])];
  return [
    head,
    field('issued by', certificate.issuer === '' ? '(no name)' : (certificate.issuer ?? '')),
    field('valid', `from ${certificate.notBefore ?? ''} until ${expiry(certificate.notAfter, at)}`),
    ...(names.length > 0 ? [field('names', names.join(', '))] : []),
    field(
      'key',
      `${certificate.keyAlgorithm ?? 'unknown'}, signed with ${certificate.signatureAlgorithm ?? 'an unknown algorithm'}${certificate.isCA ? ', authority' : ''}`,
    ),
    ...(certificate.subjectKeyId === null ? [] : [field('key id', certificate.subjectKeyId)]),
    ...(certificate.authorityKeyId === null ? [] : [field('issuer key id', certificate.authorityKeyId)]),
    field('SHA-256', colons(certificate.sha256)),
  ];
};

const endpointLines = (
  endpoint: ServedEndpointItem,
  { style, at }: { readonly style: TerminalStyle; readonly at: string },
): readonly string[] => {
  const { accepted, error, code, goVersion, why } = endpoint.verdict;
  const mark = accepted ? (style.unicode ? '✓' : '+') : style.unicode ? '✗' : 'x';
  const where = [endpoint.address, endpoint.pod === null ? null : `Pod ${endpoint.pod}`]
    .filter((part) => part !== null)
    .join(', ');
  return [
    paint(
      style,
      accepted ? 'green' : 'red',
      wrap(
        `${mark} ${where === '' ? 'served chain' : printable(where)} (${endpoint.source}): Go ${goVersion} ${accepted ? 'accepts it' : `refuses it${code === null ? '' : `, ${code}`}`}`,
        style.width,
        '    ',
        '  ',
      ),
    ),
    ...(accepted
      ? []
      : [wrap(printable(error), style.width, '      ', '    '), wrap(printable(why), style.width, '      ', '    ')]),
    ...endpoint.chain.flatMap((certificate, index) =>
      certificateLines(
        certificate,
        index === 0 ? 'leaf' : `presented ${index + 1}`,
        `    ${'  '.repeat(Math.min(index, 4))}`,
        at,
        style,
      ),
    ),
  ];
};

const itemLines = (item: CertificateReportItem, at: string, style: TerminalStyle): readonly string[] => [
  paint(
    style,
    'bold',
    `${item.apiService === null ? 'Serving chain' : `APIService ${printable(item.apiService)}`}${item.serverName === '' ? ', judged without a server name' : `, server name ${printable(item.serverName)}`}`,
  ),
  ...(item.unseen === null
    ? []
    : [wrap(`? no served chain was seen: ${printable(item.unseen)}`, style.width, '    ', '  ')]),
  ...item.endpoints.flatMap((endpoint) => endpointLines(endpoint, { style, at })),
  `  CA bundle: ${item.caBundle.certificates.length === 0 ? 'no certificate' : `${item.caBundle.certificates.length} certificate${item.caBundle.certificates.length === 1 ? '' : 's'}`}`,
  ...item.caBundle.problems.map(({ code, detail }) =>
    wrap(`${code} ${printable(detail)}`, style.width, '      ', '    '),
  ),
  ...item.caBundle.certificates.flatMap((certificate, index) =>
    certificateLines(certificate, `anchor ${index + 1}`, '    ', at, style),
  ),
];

/** For each APIService the served chains with Go's verdict, why, and the bundle. */
export const certificateText = ({ items, capturedAt }: CertificateReport, style: TerminalStyle): string =>
  `${items.map((item) => itemLines(item, capturedAt, style).join('\n')).join('\n\n')}\n`;
