import { distance } from 'fastest-levenshtein';
import yargs, { type Options } from 'yargs';

import packageJson from '../../package.json' with { type: 'json' };
import { commands } from '../commands/index.ts';
import type { ExitStatus } from '../diagnosis/exit-status.ts';
import { printable } from '../render/text/printable.ts';
import { SnapshotFormatError } from '../snapshot/snapshot-format-error.ts';
import { ClusterAccessError } from '../sources/live/cluster-access-error.ts';
import { InputFileError } from '../sources/input-file-error.ts';
import { NotFoundError, UsageError } from './cli-errors.ts';
import type { CommandDefinition, CommandEntry, OptionDefinitions } from './define-command.ts';
import { kubectlOptions, parseTimeout, timeoutOption } from './global-options.ts';
import type { Io } from './io.ts';
import { asPflag } from './pflag.ts';
import { terminalProgress } from './progress.ts';
import { styleOf } from './style.ts';

type LoadedCommand = CommandDefinition & Pick<CommandEntry, 'name' | 'summary'>;

const nearest = (word: string, candidates: readonly string[]): string | null => {
  const [best] = candidates
    .map((candidate) => ({ candidate, far: distance(word, candidate) }))
    .toSorted((a, b) => a.far - b.far);
  return best && best.far <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : null;
};

const commandLine = (io: Io, command: LoadedCommand): string =>
  `${io.programName} ${command.name}${command.positionals === '' ? '' : ` ${command.positionals}`}`;

const helpWidth = ({ stdout }: Io): number => Math.min(stdout.columns ?? 100, 120);

const parserFor = (io: Io, args: readonly string[]): ReturnType<typeof yargs> =>
  yargs([...args])
    .scriptName(io.programName)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': true,
      'parse-positional-numbers': false,
      'strip-aliased': true,
      'greedy-arrays': false,
    })
    .locale('en')
    .version(false)
    .help(false)
    .exitProcess(false)
    .showHidden(false)
    .wrap(helpWidth(io));

const helpOption = {
  help: { alias: 'h', type: 'boolean', describe: 'Show this help' },
} as const satisfies OptionDefinitions;

/** kubectl's flags are listed in one place only, as kubectl does. */
const hiddenKubectlOptions = Object.fromEntries(
  Object.entries<Options>(kubectlOptions).map(([name, option]) => [name, { ...option, hidden: true }]),
);

const optionsOf = (command: LoadedCommand): OptionDefinitions => ({
  ...helpOption,
  ...hiddenKubectlOptions,
  ...command.options,
  ...timeoutOption,
});

const seeOptions = (io: Io): string =>
  `Use "${io.programName} options" for a list of global command-line options (applies to all commands).`;

const commandParser = (io: Io, command: LoadedCommand, args: readonly string[]): ReturnType<typeof yargs> => {
  let parser = parserFor(io, args)
    .usage(`${command.summary}\n\nUsage:\n  ${commandLine(io, command)} [flags]`)
    .options(optionsOf(command))
    .epilogue(seeOptions(io));
  for (const { args: example, what } of command.examples) parser = parser.example(`${io.programName} ${example}`, what);
  return parser;
};

const generalHelp = (io: Io): string => {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 3;
  return [
    'Finds out why a Kubernetes aggregated API (APIService) does not work.',
    '',
    'Usage:',
    `  ${io.programName} COMMAND [flags]`,
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    '',
    `${io.programName} COMMAND --help shows the flags and examples of a command.`,
    seeOptions(io),
    '',
  ].join('\n');
};

const globalHelp = (io: Io): Promise<string> =>
  parserFor(io, [])
    .usage('The following options can be passed to any command:')
    .options({ ...kubectlOptions })
    .getHelp();

const flagsOf = (command: LoadedCommand): readonly string[] =>
  Object.entries(optionsOf(command)).flatMap(([name, { alias }]) => [
    name,
    ...(typeof alias === 'string' ? [alias] : []),
  ]);

/** The longest command whose words the arguments begin with, and what follows it. */
const findCommand = (
  io: Io,
  args: readonly string[],
): { readonly entry: CommandEntry; readonly rest: readonly string[] } => {
  const [word = ''] = args;
  for (const length of [2, 1]) {
    const entry = commands.find(({ name }) => name === args.slice(0, length).join(' '));
    if (entry) return { entry, rest: args.slice(entry.name.split(' ').length) };
  }
  const guess = nearest(
    word,
    commands.map(({ name }) => name),
  );
  throw new UsageError(
    `unknown command "${word}" for "${io.programName}"`,
    guess === null ? `See '${io.programName} --help' for usage.` : `Did you mean "${guess}"?`,
  );
};

const usageHint = (io: Io, command: LoadedCommand): string =>
  `See '${io.programName} ${command.name} --help' for usage.`;

const unknownFlag = (io: Io, command: LoadedCommand, flag: string): UsageError => {
  const guess = nearest(flag.replace(/^--?/, ''), flagsOf(command));
  return new UsageError(`unknown flag: ${flag}`, guess === null ? usageHint(io, command) : `Did you mean --${guess}?`);
};

const assertFlags = (io: Io, command: LoadedCommand, parsed: Readonly<Record<string, unknown>>): void => {
  const known = flagsOf(command);
  const unknown = Object.keys(parsed).find((key) => key !== '_' && key !== '$0' && !known.includes(key));
  if (unknown === undefined) return;
  throw unknownFlag(io, command, `--${unknown}`);
};

/** yargs' sentences in kubectl's words. */
const mistake = (message: string): string => {
  const [, flag, given, choices] = /Argument: (\S+), Given: "(.*)", Choices: (.*)/.exec(message) ?? [];
  if (flag === 'output') {
    return `unable to match a printer suitable for the output format "${given ?? ''}", allowed formats are: ${(choices ?? '').replace(/"/g, '').replace(/, /g, ',')}`;
  }
  if (flag !== undefined)
    return `invalid value "${given ?? ''}" for --${flag}, allowed are: ${(choices ?? '').replace(/"/g, '')}`;
  return message;
};

const parseArguments = async (
  io: Io,
  command: LoadedCommand,
  args: readonly string[],
): Promise<Readonly<Record<string, unknown>>> => {
  // yargs looks flags up in plain objects, where it finds `constructor` and the like.
  const inherited = args.find((argument) => /^--?\w/.test(argument) && argument.replace(/^--?|=[\s\S]*$/g, '') in {});
  if (inherited !== undefined) throw unknownFlag(io, command, inherited.replace(/=[\s\S]*$/, ''));
  // yargs reports through its callback; without it, it would print by itself.
  const parser = commandParser(io, command, asPflag(args, optionsOf(command), usageHint(io, command))).fail(
    (message: string | null, error: Error | null) => {
      throw new UsageError(mistake(message ?? error?.message ?? 'the arguments cannot be read'));
    },
  );
  const parsed = (await parser.parseAsync()) as Readonly<Record<string, unknown>>;
  assertFlags(io, command, parsed);
  return parsed;
};

const positionalsOf = (command: LoadedCommand, parsed: Readonly<Record<string, unknown>>): readonly string[] => {
  const positionals = (parsed['_'] as readonly unknown[]).map(String);
  const [extra] = positionals.slice(command.maxPositionals);
  if (extra !== undefined)
    throw new UsageError(
      `${command.name} takes ${command.maxPositionals === 0 ? 'no' : `at most ${command.maxPositionals}`} argument, found "${extra}"`,
    );
  return positionals;
};

const runCommand = async (io: Io, entry: CommandEntry, args: readonly string[]): Promise<ExitStatus> => {
  const command: LoadedCommand = { ...(await entry.load()).default, name: entry.name, summary: entry.summary };
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout.write(`${await commandParser(io, command, []).getHelp()}\n`);
    return 0;
  }
  const parsed = await parseArguments(io, command, args);
  const positionals = positionalsOf(command, parsed);
  const timeoutMs = parseTimeout(String(parsed['timeout']));
  const progress = terminalProgress(
    io.stderr,
    // A line that is redrawn and lines that are logged do not go together.
    Number(parsed['v']) < 6 && io.stderr.isTerminal && io.env['TERM'] !== 'dumb' && io.env['CI'] === undefined,
  );
  try {
    return await command.run(
      {
        io,
        style: styleOf(io, io.stdout),
        signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
        timeoutMs,
        kubectlFlags: parsed,
        progress,
        version: packageJson.version,
      },
      parsed,
      positionals,
    );
  } finally {
    progress.stop();
  }
};

/** The one line on standard error, with a hint below it where there is one. */
const reportFailure = (io: Io, error: unknown): ExitStatus => {
  const line = (text: string): void => io.stderr.write(`${text}\n`);
  if (error instanceof UsageError || error instanceof ClusterAccessError) {
    line(`error: ${printable(error.message)}`);
    if (error.hint !== null) line(printable(error.hint));
  } else if (error instanceof SnapshotFormatError || error instanceof NotFoundError || error instanceof InputFileError)
    line(`error: ${printable(error.message)}`);
  else {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    line(
      `error: a bug in kubectl-aa ${packageJson.version}: ${printable(message.slice(0, 500))}; please report it (see ${packageJson.homepage})`,
    );
    const level = /(?:^|\s)(?:-v=?|--v=?)\s*(\d+)/.exec(io.args.join(' '))?.[1];
    if (Number(level) >= 8 && error instanceof Error)
      for (const frame of (error.stack ?? '').split('\n')) line(`  ${printable(frame)}`);
  }
  return 2;
};

/** Runs one call: arguments and streams in, exit status out. Expected failures are one line on standard error and status 2. */
export const runCli = async (io: Io): Promise<ExitStatus> => {
  try {
    const [word, ...rest] = io.args;
    if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
      const [about] = rest;
      if (about !== undefined && !about.startsWith('-'))
        return await runCommand(io, findCommand(io, rest).entry, ['--help']);
      io.stdout.write(generalHelp(io));
      return 0;
    }
    if (word === 'options') {
      io.stdout.write(`${await globalHelp(io)}\n`);
      return 0;
    }
    if (word.startsWith('-')) {
      // Flags may stand before the command, as with kubectl plugins started through an alias.
      const at = io.args.findIndex((argument) => commands.some(({ name }) => name.split(' ')[0] === argument));
      if (at < 0) throw new UsageError(`unknown flag: ${word}`, `See '${io.programName} --help' for usage.`);
      const { entry, rest: after } = findCommand(io, io.args.slice(at));
      return await runCommand(io, entry, [...io.args.slice(0, at), ...after]);
    }
    const { entry, rest: after } = findCommand(io, io.args);
    return await runCommand(io, entry, after);
  } catch (error) {
    return reportFailure(io, error);
  }
};
