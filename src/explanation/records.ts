/** What of one message is looked at; more is no message. */
const MAX_RECORD = 16 * 1024;

/** One message of the text, on one line. */
export interface TextRecord {
  readonly text: string;
  /** How many messages of the input say this, up to numbers and times. */
  readonly count: number;
}

// What begins a line of a log: a klog header, a time, logfmt, or a JSON object with a log's keys; and a row of `kubectl get
// apiservices`. A time that a certificate error breaks a line before (`current time … is after …`) begins nothing.
const lineStarts =
  /^(?:[IWEF]\d{4}\s|(?:\S{1,253} ){1,7}[IWEF]\d{4} \d\d:\d\d:\d\d\.\d|(?:time|ts|level|t|lvl)=\S|\{"(?=[^\n]{0,2000}"(?:ts|time|timestamp|level|severity|msg|lvl)":)|\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d\S*\s+(?!is )\S|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2} \d\d:\d\d:\d\d\s|v\d\w*\.\S*\s+(?:Local|\S+\/\S+)\s+(?:True|False|Unknown)\b|(?:Warning|Normal)\s{2,}\S)/;

// Fields of `kubectl describe` and of YAML that end the one before them; elsewhere a line end is a blank.
const fieldStarts =
  /^(?:- )?(?:Last Transition Time|Message|Reason|Status|Type|Events|Spec|Conditions|API Version|lastTransitionTime|message|reason|status|type|spec|conditions|apiVersion|kind|metadata):/;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\n', t: ' ', '"': '"', "'": "'", '/': '/' };

/** Undoes what logs, JSON and terminals did to the words: escapes, colours, frames, typographic quotes. */
const plainText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\u001b\[[0-9;]{0,20}[A-Za-z]/g, '')
    .replace(/&quot;|[\u201c\u201d]/g, '"')
    .replace(/&#39;|[\u2018\u2019]|(?<=\w)''(?=\w)/g, "'")
    .replace(/(?<!\\)\\{1,16}u00(3c|3e|26|27|22)/gi, (_whole, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .replace(
      /(?<!\\)\\{1,16}(?:(["'/])|([nrt])(?![a-z]{1,30}\\[a-z]))/g,
      (_whole, quote: string | undefined, letter: string | undefined) => quote ?? escapes[letter ?? ''] ?? ' ',
    )
    .replace(/[\u2500-\u257f\u00a0]/g, ' ')
    // What container runtimes (CRI), quotations and code fences put before a line.
    .replace(/^(?:\S{1,40}Z (?:stdout|stderr) [FP] | {0,3}(?:> ?){1,9}|```[a-z]{0,20}$)/gm, '');

/** Where all quotes are single ones they stand for double ones: what is quoted is known by them. An apostrophe is none. */
const withDoubleQuotes = (text: string): string =>
  text.includes('"') ? text : text.replace(/(?<![A-Za-z0-9])'|'(?![A-Za-z0-9])/g, '"');

const oneLine = (lines: readonly string[]): string =>
  lines
    .map((line, index) => `${index === 0 ? '' : fieldStarts.test(line) ? '\n' : ' '}${line.replace(/\s+/g, ' ')}`)
    .join('');

/** Undoes a blank that wrapping put into a group or version; no sentence has one there. */
const withWholeNames = (message: string): string =>
  message
    .replace(/(\.[a-z0-9-]{1,63}\.) (?=(?:io|com|org|net|dev)\b)/g, '$1')
    .replace(/(\/v\d{1,3}(?:alpha|beta)) (?=\d{1,2}\b(?![.:]\d))/g, '$1');

/** Cuts the input into messages: lines of a log each for itself with what is folded under them, all else together. */
const messagesOf = function* (text: string): Generator<string> {
  let lines: string[] = [];
  let length = 0;
  for (const raw of text.split(/\r\n|[\n\r\u2028\u2029]/)) {
    const line = raw.trim().slice(0, MAX_RECORD);
    if (line === '') continue;
    if (lines.length > 0 && (lineStarts.test(line) || length + line.length > MAX_RECORD)) {
      yield oneLine(lines);
      lines = [];
      length = 0;
    }
    lines.push(line);
    length += line.length + 1;
  }
  if (lines.length > 0) yield oneLine(lines);
};

/** What is left of a message without times, addresses and counters; versions and HTTP statuses stay. */
const shapeOf = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4}\b/gi, '#')
    .replace(/(?<![A-Za-z\d])(?:\d+(?:[.:]\d+)+|\d{1,2}(?!\d)|\d{4,})/g, '#');

/**
 * The distinct messages of a text, in the order in which they first appear; those that differ in times, addresses and counters
 * only are one.
 */
export const recordsOf = (text: string): readonly TextRecord[] => {
  const records = new Map<string, { readonly text: string; count: number }>();
  for (const found of messagesOf(withDoubleQuotes(plainText(text)))) {
    const message = withWholeNames(found);
    const shape = shapeOf(message);
    const known = records.get(shape);
    if (known) known.count += 1;
    else records.set(shape, { text: message, count: 1 });
  }
  return [...records.values()];
};
