// U+007F to U+009F steer terminals though JSON allows them bare (docs/report-contract.md).
const escaped = /[\u007f-\u009f]/g;

/** JSON, indented; ends with a newline. */
export const renderJson = (document: unknown): string =>
  `${JSON.stringify(document, null, 2).replace(escaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
