import type { CaBundle } from '../model/facts.ts';
import { timestamp } from '../model/wording.ts';
import { type CaBundleProblem, parseCaBundle } from '../x509/ca-bundle.ts';

const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/]*={0,2}$/.test(text.replace(/\s+/g, ''));

const problemTexts: Readonly<Record<CaBundleProblem['kind'], (detail: string) => string>> = {
  'no-pem-block': () => 'it holds no PEM block',
  'broken-block': (detail) => `a PEM block that cannot be decoded (${detail})`,
  'other-type': (detail) => `a block of type ${detail}, which is passed over`,
  'private-key': () => 'a private key, which is passed over',
  headers: () => 'a CERTIFICATE block with headers, which is passed over',
  'unparseable-certificate': (detail) => `a certificate that cannot be parsed: ${detail}`,
  duplicate: () => 'a certificate that stands there already',
  'text-outside-blocks': () => 'text outside the blocks, which is passed over',
};

const problemText = ({ kind, line, detail }: CaBundleProblem): string =>
  kind === 'no-pem-block' ? problemTexts[kind](detail) : `line ${line}: ${problemTexts[kind](detail)}`;

/** The field's text, and what is in it: read only where somebody asks. */
export const caBundle = (encoded: string): CaBundle => {
  if (!isBase64(encoded)) return { text: '', certificates: [], problems: ['the field is not base64'] };
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  let parsed: ReturnType<typeof parsedBundle> | null = null;
  const read = (): ReturnType<typeof parsedBundle> => (parsed ??= parsedBundle(text));
  // Only where somebody asks: for 60 APIServices it takes longer than the table of status.
  return {
    text,
    get certificates() {
      return read().certificates;
    },
    get problems() {
      return read().problems;
    },
  };
};

const parsedBundle = (text: string): Omit<CaBundle, 'text'> => {
  const { certificates, problems } = parseCaBundle(text);
  const twice =
    certificates.length === 0 &&
    isBase64(text) &&
    Buffer.from(text, 'base64').toString('latin1').includes('-----BEGIN');
  return {
    certificates: certificates.map(({ subject, notBefore, notAfter, isCA }) => ({
      subject,
      notBefore: timestamp(notBefore),
      notAfter: timestamp(notAfter),
      isCA,
    })),
    problems: twice ? ['the PEM text was encoded in base64 twice'] : problems.map(problemText),
  };
};
