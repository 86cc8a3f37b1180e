import { printable } from './printable.ts';

/** Received text of several lines: line ends stay, all else that steers a terminal is shown. */
export const printableLines = (text: string): string =>
  `${text.replace(/\r\n/g, '\n').split('\n').map(printable).join('\n').trimEnd()}\n`;

/** Certificates as PEM, under a line that says whose they are. */
export const pemText = (title: string, chain: readonly Uint8Array[]): string =>
  chain
    .map((der, index) => {
      const base64 = btoa(String.fromCharCode(...der)).replace(/.{64}(?=.)/g, '$&\n');
      return `# ${printable(title)}, certificate ${index + 1}\n-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
    })
    .join('');
