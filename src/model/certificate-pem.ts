/** One certificate in RFC 7468 form, with the line end after it. */
export const certificatePem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${btoa(String.fromCharCode(...der)).replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
