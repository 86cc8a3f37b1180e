import { certificatePem } from '../../model/certificate-pem.ts';
import { printable } from './printable.ts';

/** Received text of several lines: line ends stay, all else that steers a terminal is shown. */
export const printableLines = (text: string): string =>
  `${text.replace(/\r\n/g, '\n').split('\n').map(printable).join('\n').trimEnd()}\n`;

/** Certificates as PEM, under a line that says whose they are. */
export const pemText = (title: string, chain: readonly Uint8Array[]): string =>
  chain.map((der, index) => `# ${printable(title)}, certificate ${index + 1}\n${certificatePem(der)}`).join('');
