import type { OptionDefinition } from './define-command.ts';

/** What -o takes for every document; a name that ends in `=` takes an argument. */
const documentFormats = [
  'text',
  'json',
  'yaml',
  'markdown',
  'jsonpath=',
  'jsonpath-file=',
  'custom-columns=',
  'custom-columns-file=',
] as const;

/** The options of a command that prints one document, with formats of its own beside those of every document. */
export const outputOptions = (...own: readonly string[]) =>
  ({
    output: {
      alias: 'o',
      type: 'string',
      formats: [...own, ...documentFormats],
      requiresArg: true,
      describe: 'Output format',
    },
    'no-headers': { type: 'boolean', default: false, describe: 'Print tables without their headers' },
    'sort-by': {
      type: 'string',
      requiresArg: true,
      describe: "Sort what is listed by a JSONPath expression, such as '{.name}'",
    },
  }) as const satisfies Readonly<Record<string, OptionDefinition>>;
