import { InputFileError } from './input-file-error.ts';
import { type NamedFile, readNamedFile } from './named-file.ts';

/**
 * The bytes of a PEM or DER file as Latin-1 text, a byte for each character.
 * @throws InputFileError
 */
export const readCertificateText = async (file: NamedFile, signal: AbortSignal): Promise<string> =>
  (await readNamedFile(file, signal)).toString('latin1');

const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** One DER value after the other, cut by their outer length; the rest of a broken one stays whole. */
const derValues = (bytes: Buffer): readonly Uint8Array[] => {
  const values: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const length =
      first < 0x80
        ? first
        : lengthBytes <= 4 && at + 2 + lengthBytes <= bytes.length
          ? bytes.readUIntBE(at + 2, lengthBytes || 1)
          : bytes.length;
    const end = Math.min(bytes.length, at + 2 + lengthBytes + length);
    values.push(bytes.subarray(at, end));
    at = Math.max(end, at + 2);
  }
  return values;
};

/**
 * The certificates of a serving chain, DER, in the order of the file, which is the order in which Go sends them
 * (crypto/tls X509KeyPair).
 * @throws InputFileError
 */
export const readServingChain = async (file: NamedFile, signal: AbortSignal): Promise<readonly Uint8Array[]> => {
  const text = await readCertificateText(file, signal);
  const blocks = [...text.matchAll(block)].map(([, body]) => Buffer.from(body ?? '', 'base64'));
  // DER begins with the tag of a SEQUENCE.
  const certificates = text.startsWith('0') ? derValues(Buffer.from(text, 'latin1')) : blocks;
  if (certificates.length === 0)
    throw new InputFileError(`${file.path} holds no certificate, neither as PEM nor as DER`);
  return certificates;
};
