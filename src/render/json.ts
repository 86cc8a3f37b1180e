// U+007F to U+009F steer terminals though JSON allows them bare (docs/report-contract.md).
const escaped = /[\u007f-\u009f]/g;

const safe = (json: string): string =>
  json.replace(escaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** One line of NDJSON, with its newline. */
export const renderJsonLine = (value: unknown): string => `${safe(JSON.stringify(value))}\n`;

/** JSON, indented; ends with a newline. */
export const renderJson = (document: unknown): string => `${safe(JSON.stringify(document, null, 2))}\n`;
