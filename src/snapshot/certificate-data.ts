import { certificatePem } from '../model/certificate-pem.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { rulesOfGo } from '../x509/go-version.ts';
import { nextPemBlock } from '../x509/pem.ts';

/** Whether the DER is shaped as a certificate is: a sequence of two sequences and a bit string. A private key never is. */
const isCertificateShaped = (der: Uint8Array): boolean => {
  const lengthAt = (at: number): { readonly start: number; readonly end: number } | null => {
    const first = der[at + 1];
    if (first === undefined) return null;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    if (octets > 4) return null;
    let length = first < 0x80 ? first : 0;
    for (let index = 0; index < octets; index += 1) length = length * 256 + (der[at + 2 + index] ?? 0);
    const start = at + 2 + octets;
    return { start, end: start + length };
  };
  const outer = lengthAt(0);
  if (der[0] !== 0x30 || outer === null || outer.end !== der.length || der[outer.start] !== 0x30) return false;
  const algorithm = lengthAt(outer.start)?.end ?? der.length;
  const signature = der[algorithm] === 0x30 ? (lengthAt(algorithm)?.end ?? der.length) : der.length;
  return der[signature] === 0x03 && lengthAt(signature)?.end === der.length;
};

/** Whether the bytes are a certificate, be it one that Go cannot parse, and can be nothing else. */
export const isCertificate = (der: Uint8Array): boolean => isCertificateShaped(der) || parseCertificate(der).ok;

/** The DER of every certificate in PEM text; keys and all else are passed over. */
export const certificatesIn = (pem: string): readonly Uint8Array[] => {
  const rules = rulesOfGo();
  const found: Uint8Array[] = [];
  for (let block = nextPemBlock(pem, 0, rules); block; block = nextPemBlock(pem, block.end, rules))
    if (block.type === 'CERTIFICATE' && isCertificate(block.bytes)) found.push(block.bytes);
  return found;
};

type Data = Readonly<Record<string, string>>;

const onlyCertificates = (data: Data, convert: (value: string, to: (pem: string) => string) => string) =>
  Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => {
      const kept = convert(value, (pem) => certificatesIn(pem).map(certificatePem).join(''));
      return kept === '' ? [] : [[key, kept]];
    }),
  );

/** Of a Secret's `data` the certificates, encoded anew: no byte of anything else is left. */
export const secretCertificates = (data: Data): Record<string, string> =>
  onlyCertificates(data, (value, to) =>
    Buffer.from(to(Buffer.from(value, 'base64').toString('latin1'))).toString('base64'),
  );

/** The same of a ConfigMap's `data`, which is not encoded. */
export const configMapCertificates = (data: Data): Record<string, string> =>
  onlyCertificates(data, (value, to) => to(value));
