import type { Io } from '../cli/io.ts';
import { explanationAnswer } from '../diagnosis/explanation-report.ts';
import { renderJsonLine } from '../render/json.ts';
import { redactText } from '../snapshot/redact.ts';
import { type Line, readLines } from '../sources/text-input.ts';

type Id = string | number | null;

const nothing = {
  findings: [],
  subject: { groupVersion: null, apiService: null, service: null, address: null },
} as const;

const mistake = (id: Id, error: string): unknown => ({ id, ...nothing, error });

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** The answer to one line; a line that cannot be read is answered with `error`, and does not end the stream. */
const answerTo = (line: Line): unknown => {
  if (line === null) return mistake(null, 'the line is too long');
  const question = parse(line);
  if (typeof question !== 'object' || question === null) return mistake(null, 'the line is not a JSON object');
  const { id, text } = question as { readonly id?: unknown; readonly text?: unknown };
  const named: Id = typeof id === 'string' || typeof id === 'number' ? id : null;
  if (typeof text !== 'string') return mistake(named, 'the line has no "text"');
  return { id: named, ...explanationAnswer(redactText(text, [])) };
};

/** Answers each line of standard input as it comes, no faster than the answers are taken. @throws InputFileError */
export const answerStream = async ({ stdin, stdout }: Io, signal: AbortSignal): Promise<void> => {
  for await (const line of readLines(stdin, signal)) {
    if (line?.trim() === '') continue;
    stdout.write(renderJsonLine(answerTo(line)));
    await stdout.drained();
  }
};
