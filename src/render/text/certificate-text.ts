import type {
  CertificateItem,
  CertificateReport,
  CertificateReportItem,
  ServedEndpointItem,
} from '../../model/report.ts';
import { plural } from '../../model/wording.ts';
import { humanDuration } from './age.ts';
import { printable } from './printable.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

interface View {
  readonly style: TerminalStyle;
  readonly at: string;
  /** Serial numbers, key ids and algorithms too. */
  readonly wide: boolean;
}

const colons = (hex: string): string => hex.toUpperCase().match(/../g)?.join(':') ?? hex;

/** `40d left, until 2027-01-01T00:00:00Z` */
const validity = ({ notBefore, notAfter }: CertificateItem, at: string, wide: boolean): string => {
  const now = Date.parse(at);
  const [begins, ends] = [Date.parse(notBefore ?? ''), Date.parse(notAfter ?? '')];
  const left =
    now < begins
      ? `begins in ${humanDuration((begins - now) / 1000)}, at ${notBefore ?? ''}`
      : now > ends
        ? `ended ${humanDuration((now - ends) / 1000)} ago`
        : `${humanDuration((ends - now) / 1000)} left`;
  return `${left}, ${wide && now >= begins ? `from ${notBefore ?? ''} ` : ''}until ${notAfter ?? ''}`;
};

const certificateLines = (
  certificate: CertificateItem,
  label: string,
  indent: string,
  { style: { width }, at, wide }: View,
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
    ...(certificate.issuer === certificate.subject
      ? []
      : [field('issued by', certificate.issuer === '' ? '(no name)' : (certificate.issuer ?? ''))]),
    field('dates', validity(certificate, at, wide)),
    ...(names.length > 0 ? [field('names', names.join(', '))] : []),
    field('key', `${certificate.keyAlgorithm ?? 'unknown'}${certificate.isCA ? ', authority' : ''}`),
    ...(wide
      ? [
          field('signed with', certificate.signatureAlgorithm ?? 'an unknown algorithm'),
          field('serial', certificate.serialNumber ?? ''),
          ...(certificate.subjectKeyId === null ? [] : [field('key id', certificate.subjectKeyId)]),
          ...(certificate.authorityKeyId === null ? [] : [field('issuer key id', certificate.authorityKeyId)]),
        ]
      : []),
    field('SHA-256', colons(certificate.sha256)),
  ];
};

/** The chain as a tree: what is presented, and at its end the anchor of the bundle that it leads to. */
const chainLines = (
  { chain, verdict: { path } }: ServedEndpointItem,
  anchors: readonly CertificateItem[],
  view: View,
): readonly string[] => {
  const branch = (depth: number): string =>
    depth === 0 ? '    ' : `    ${'   '.repeat(Math.min(depth, 6) - 1)}${view.style.unicode ? '└─ ' : '`- '}`;
  const last = path.at(-1);
  const anchor = anchors.findIndex(({ sha256 }) => sha256 === last);
  const onPath = chain.filter(({ sha256 }, index) => index === 0 || path.length === 0 || path.includes(sha256));
  const tree = onPath.flatMap((certificate, depth) => {
    const [head = '', ...fields] = certificateLines(
      certificate,
      depth === 0 ? 'leaf' : certificate.issuer === certificate.subject ? 'root' : 'intermediate',
      `    ${'   '.repeat(Math.min(depth, 6))}`,
      view,
    );
    return [`${branch(depth)}${head.trimStart()}`, ...fields];
  });
  const needless = chain.filter((certificate) => !onPath.includes(certificate));
  return [
    ...tree,
    ...(anchor < 0
      ? []
      : [
          `${branch(onPath.length)}anchor ${anchor + 1} of the CA bundle, ${printable(anchors[anchor]?.subject ?? '')}`,
        ]),
    ...needless.map(({ subject }) => `    sent but not needed: ${printable(subject ?? '(cannot be parsed)')}`),
  ];
};

const placeOf = ({ address, pod, source, secret, tlsVersion }: ServedEndpointItem, wide: boolean): string => {
  if (secret !== null) return `what Secret ${secret} holds (${source})`;
  const where = [address, pod === null ? null : `Pod ${pod}`].filter((part) => part !== null).join(', ');
  return `${where === '' ? 'served chain' : where} (${source}${wide && tlsVersion !== null ? `, TLS ${tlsVersion}` : ''})`;
};

const endpointLines = (
  endpoint: ServedEndpointItem,
  anchors: readonly CertificateItem[],
  view: View,
): readonly string[] => {
  const { style, wide } = view;
  const { accepted, error, code, goVersion, why, remedy } = endpoint.verdict;
  const mark = accepted ? (style.unicode ? '✓' : '+') : style.unicode ? '✗' : 'x';
  const verdict = accepted ? 'accepts it' : `refuses it${code === null ? '' : `, ${code}`}`;
  return [
    paint(
      style,
      accepted ? 'green' : 'red',
      wrap(`${mark} ${printable(placeOf(endpoint, wide))}: Go ${goVersion} ${verdict}`, style.width, '    ', '  '),
    ),
    ...(accepted
      ? []
      : [error, why, remedy === '' ? '' : `Mend: ${remedy}`]
          .filter((line) => line !== '')
          .map((line) => wrap(printable(line), style.width, '      ', '    '))),
    ...chainLines(endpoint, anchors, view),
  ];
};

const itemLines = (item: CertificateReportItem, view: View): readonly string[] => {
  const { style } = view;
  const { certificates, problems } = item.caBundle;
  return [
    paint(
      style,
      'bold',
      `${item.apiService === null ? 'Serving chain' : `APIService ${printable(item.apiService)}`}${item.serverName === '' ? ', judged without a server name' : `, server name ${printable(item.serverName)}`}`,
    ),
    ...(item.unseen === null
      ? []
      : [wrap(`? no served chain was seen: ${printable(item.unseen)}`, style.width, '    ', '  ')]),
    ...item.endpoints.flatMap((endpoint) => endpointLines(endpoint, certificates, view)),
    ...(item.conditionNote === null ? [] : [wrap(item.conditionNote, style.width, '    ', '  ')]),
    `  CA bundle: ${certificates.length === 0 ? 'no certificate' : plural(certificates.length, 'certificate')}`,
    ...problems.map(({ code, detail }) => wrap(`${code} ${printable(detail)}`, style.width, '      ', '    ')),
    ...certificates.flatMap((certificate, index) => certificateLines(certificate, `anchor ${index + 1}`, '    ', view)),
  ];
};

/** For each APIService the served chains with Go's verdict, why, what to do, and the bundle. */
export const certificateText = (
  { items, capturedAt }: CertificateReport,
  style: TerminalStyle,
  wide: boolean,
): string => `${items.map((item) => itemLines(item, { style, at: capturedAt, wide }).join('\n')).join('\n\n')}\n`;
