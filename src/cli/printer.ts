import type { WriteColumns } from '../render/text/custom-columns.ts';
import type { TerminalStyle } from '../render/text/terminal-style.ts';
import { UsageError } from './cli-errors.ts';
import type { Io } from './io.ts';

/** What a command makes of its document for people; the other formats need nothing from it. */
export interface Views<T> {
  /** Also for the formats that are the command's own. */
  readonly text: (document: T) => Promise<string>;
  /** Default: the text, in a block. */
  readonly markdown?: (document: T) => Promise<string>;
}

/**
 * Writes a document in the format that was asked for; a view is made only when it is wanted. A watch prints one after the
 * other: what follows the first `isContinued`.
 */
export type Print = <T extends object>(document: T, views: Views<T>, isContinued?: boolean) => Promise<void>;

export interface PrinterOptions {
  readonly io: Io;
  readonly style: TerminalStyle;
  /** The deadline for reading a template. */
  readonly signal: AbortSignal;
  readonly output: string | undefined;
  /** The formats of the command, as its option declares them. */
  readonly formats: readonly string[];
  readonly sortBy: string | undefined;
}

const refusal = (output: string, formats: readonly string[]): UsageError =>
  output.startsWith('go-template')
    ? new UsageError(
        '-o go-template is left out: -o jsonpath=TEMPLATE and -o custom-columns=SPEC choose and lay out fields',
      )
    : new UsageError(
        `unable to match a printer suitable for the output format "${output}", allowed formats are: ${formats.map((format) => format.replace('=', '')).join(',')}`,
      );

/**
 * What -o names and, behind `=`, gives it.
 * @throws UsageError
 */
const parseOutput = (
  output: string,
  formats: readonly string[],
): { readonly format: string; readonly argument: string } => {
  const [, format = '', equals = '', argument = ''] = /^([^=]*)(=?)([\s\S]*)$/.exec(output) ?? [];
  if (equals === '' && formats.includes(output)) return { format, argument };
  if (!formats.includes(`${format}=`)) throw refusal(output, formats);
  if (equals === '' || argument === '')
    throw new UsageError(
      format.startsWith('custom-columns')
        ? 'custom-columns format specified but no custom columns given'
        : 'template format specified but no template given',
    );
  return { format, argument };
};

type Write = (document: object, views: Views<object>, isContinued: boolean) => Promise<string>;

/** A path or template that cannot be read is a mistake in the call. */
const parsed = async <T>(parse: () => Promise<T>): Promise<T> => {
  const { JsonPathError } = await import('../render/json-path.ts');
  try {
    return await parse();
  } catch (error) {
    if (error instanceof JsonPathError) throw new UsageError(error.message);
    throw error;
  }
};

const columnsWriter = (
  { style }: Pick<PrinterOptions, 'style'>,
  parse: (module: typeof import('../render/text/custom-columns.ts')) => Promise<WriteColumns> | WriteColumns,
): Promise<Write> =>
  parsed(async () => {
    const write = await parse(await import('../render/text/custom-columns.ts'));
    return (document, _views, isContinued) =>
      Promise.resolve(write(document, isContinued ? { ...style, headers: false } : style));
  });

const readText = async (path: string, { io, signal }: Pick<PrinterOptions, 'io' | 'signal'>): Promise<string> => {
  const { readNamedFile } = await import('../sources/named-file.ts');
  return (await readNamedFile({ path, workingDirectory: io.workingDirectory }, signal)).toString('utf8');
};

const templateWriter = (template: () => Promise<string>): Promise<Write> =>
  parsed(async () => {
    const { parseTemplate } = await import('../render/json-path.ts');
    const write = parseTemplate(await template());
    return (document) => Promise.resolve(write(document));
  });

const writerFor = async (options: PrinterOptions): Promise<Write> => {
  const { output = 'text', formats } = options;
  const { format, argument } = parseOutput(output, formats);
  switch (format) {
    case 'json':
      return async (document) => (await import('../render/json.ts')).renderJson(document);
    case 'yaml':
      return async (document, _views, isContinued) =>
        `${isContinued ? '---\n' : ''}${(await import('../render/yaml.ts')).renderYaml(document)}`;
    case 'jsonpath':
      return templateWriter(() => Promise.resolve(argument));
    case 'jsonpath-file':
      return templateWriter(() => readText(argument, options));
    case 'custom-columns':
      return columnsWriter(options, ({ parseCustomColumns }) => parseCustomColumns(argument));
    case 'custom-columns-file':
      return columnsWriter(options, async ({ parseColumnsFile }) =>
        parseColumnsFile(await readText(argument, options)),
      );
    case 'markdown':
      return async (document, { text, markdown }) => {
        if (markdown) return markdown(document);
        const { markdownOf } = await import('../render/markdown/markdown.ts');
        return markdownOf(document, await text(document));
      };
    default:
      return (document, { text }) => text(document);
  }
};

/**
 * The printer of a call. All that can be wrong with the format is said before anything is asked.
 * @throws UsageError, InputFileError
 */
export const printerFor = async (options: PrinterOptions): Promise<Print> => {
  const { io, sortBy } = options;
  const write = await writerFor(options);
  let sort = <T extends object>(document: T): T => document;
  if (sortBy !== undefined) {
    const { parsePath } = await import('../render/json-path.ts');
    const { sortRows } = await import('../render/rows.ts');
    const find = await parsed(() => Promise.resolve(parsePath(sortBy)));
    sort = (document) => sortRows(document, find);
  }
  return async (document, views, isContinued = false) => {
    io.stdout.write(await write(sort(document), views as unknown as Views<object>, isContinued));
  };
};
