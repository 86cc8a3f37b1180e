import packageJson from '../../package.json' with { type: 'json' };
import { commands } from '../commands/index.ts';
import type { ExitStatus } from '../diagnosis/exit-status.ts';
import { printable } from '../render/text/printable.ts';
import type { TerminalStyle } from '../render/text/terminal-style.ts';
import { SnapshotFormatError } from '../snapshot/snapshot-format-error.ts';
import { ClusterAccessError } from '../sources/live/cluster-access-error.ts';
import { InputFileError } from '../sources/input-file-error.ts';
import { NotFoundError, UsageError } from './cli-errors.ts';
import type { CommandEntry } from './define-command.ts';
import { DEFAULT_TIMEOUT, parseTimeout } from './global-options.ts';
import { COMPLETE } from './invocation.ts';
import type { Io, Output } from './io.ts';
import { findCommand, loaded, parseArguments, positionalsOf } from './parse-arguments.ts';
import { printerFor } from './printer.ts';
import { noProgress, terminalProgress } from './progress.ts';
import { type StyleChoices, styleOf } from './style.ts';

/** Help is as wide as the terminal, but no wider than one likes to read. */
const helpWidth = ({ stdout }: Io): number => Math.min(Math.max(stdout.columns ?? 100, 40), 120);

/** Of the options, what the command line itself looks at. */
interface SharedOptions {
  readonly color: StyleChoices['color'];
  readonly quiet: boolean;
  readonly timeout?: string;
  readonly output?: string;
  readonly 'no-headers'?: boolean;
  readonly 'sort-by'?: string;
}

const silent: Output['write'] = () => undefined;

const runCommand = async (caller: Io, entry: CommandEntry, args: readonly string[]): Promise<ExitStatus> => {
  const command = await loaded(entry);
  if (args.includes('--help') || args.includes('-h')) {
    const { commandHelp } = await import('./help.ts');
    caller.stdout.write(commandHelp(caller.programName, command, commands, helpWidth(caller)));
    return 0;
  }
  const parsed = await parseArguments(caller, command, args);
  const positionals = positionalsOf(command, parsed);
  const {
    color,
    quiet,
    timeout,
    output,
    'no-headers': noHeaders,
    'sort-by': sortBy,
  } = parsed as Readonly<Record<string, unknown>> & SharedOptions;
  const timeoutMs = parseTimeout(timeout ?? DEFAULT_TIMEOUT);
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
  const io: Io = quiet ? { ...caller, stdout: { ...caller.stdout, write: silent } } : caller;
  const isForPaste = output === 'markdown';
  const style: TerminalStyle = {
    ...styleOf(io, io.stdout, { color: isForPaste ? 'never' : color, headers: !noHeaders }),
    ...(isForPaste ? { width: null } : {}),
  };
  const formats = command.options['output']?.formats;
  const print = await printerFor({
    io,
    style,
    signal,
    output: formats ? output : undefined,
    formats: formats ?? ['text'],
    sortBy,
  });
  const canAnimate =
    !quiet &&
    // A line that is redrawn and lines that are logged do not go together.
    Number(parsed['v']) < 6 &&
    io.stderr.isTerminal &&
    io.env['TERM'] !== 'dumb' &&
    io.env['CI'] === undefined;
  const progress = canAnimate
    ? terminalProgress(io.stderr, styleOf(io, io.stderr, { color, headers: true }))
    : noProgress;
  try {
    return await command.run(
      {
        io,
        style,
        print,
        signal,
        timeoutMs,
        isTimeoutGiven: timeout !== undefined,
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
      const { generalHelp } = await import('./help.ts');
      io.stdout.write(generalHelp(io.programName, commands, helpWidth(io)));
      return 0;
    }
    if (word === COMPLETE) {
      const { completion } = await import('./complete.ts');
      io.stdout.write(await completion(io, rest));
      return 0;
    }
    if (word === 'options') {
      const { globalHelp } = await import('./help.ts');
      io.stdout.write(globalHelp(helpWidth(io)));
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
