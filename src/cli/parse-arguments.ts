import { distance } from 'fastest-levenshtein';
import type { Argv } from 'yargs';

import { commands } from '../commands/index.ts';
import { UsageError } from './cli-errors.ts';
import type { CommandEntry, LoadedCommand, OptionDefinition, OptionDefinitions } from './define-command.ts';
import { commonOptions, kubectlOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { asPflag } from './pflag.ts';

const nearest = (word: string, candidates: readonly string[]): string | null => {
  const [best] = candidates
    .map((candidate) => ({ candidate, far: distance(word, candidate) }))
    .toSorted((a, b) => a.far - b.far);
  return best && best.far <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : null;
};

/** Flags that every command takes: listed once, by `options`, as kubectl does. */
export const globalOptions: OptionDefinitions = { ...kubectlOptions, ...commonOptions };

/** What an option takes, where that is a list. */
export const valuesOf = ({ formats, choices }: OptionDefinition): readonly string[] =>
  formats ?? choices?.map(String) ?? [];

/** All that a command takes. */
export const optionsOf = (command: LoadedCommand): OptionDefinitions => ({ ...globalOptions, ...command.options });

const configured = (parser: Argv, command: LoadedCommand): Argv =>
  parser
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
    .options(optionsOf(command));

const flagsOf = (command: LoadedCommand): readonly string[] =>
  Object.entries(optionsOf(command)).flatMap(([name, { alias }]) => [
    name,
    ...(typeof alias === 'string' ? [alias] : []),
  ]);

/**
 * The longest command whose words the arguments begin with, and what follows it.
 * @throws UsageError
 */
export const findCommand = (
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
  throw unknownFlag(io, command, `${unknown.length === 1 ? '-' : '--'}${unknown}`);
};

/** yargs' sentences in kubectl's words. */
const mistake = (message: string): string => {
  const [, flag, given, choices] = /Argument: (\S+), Given: "(.*)", Choices: (.*)/.exec(message) ?? [];
  if (flag !== undefined)
    return `invalid value "${given ?? ''}" for --${flag}, allowed are: ${(choices ?? '').replace(/"/g, '')}`;
  return message;
};

/**
 * The options of a call by their names, and its other words as `_`.
 * @throws UsageError
 */
export const parseArguments = async (
  io: Io,
  command: LoadedCommand,
  args: readonly string[],
): Promise<Readonly<Record<string, unknown>>> => {
  // yargs looks flags up in plain objects, where it finds `constructor` and the like.
  const inherited = args.find((argument) => /^--?\w/.test(argument) && argument.replace(/^--?|=[\s\S]*$/g, '') in {});
  if (inherited !== undefined) throw unknownFlag(io, command, inherited.replace(/=[\s\S]*$/, ''));
  // yargs reports through its callback; without it, it would print by itself.
  const written = asPflag(args, optionsOf(command), usageHint(io, command));
  const { default: yargs } = await import('yargs');
  const parser = configured(yargs([...written]), command).fail((message: string | null, error: Error | null) => {
    throw new UsageError(mistake(message ?? error?.message ?? 'the arguments cannot be read'));
  });
  const parsed = (await parser.parseAsync()) as Readonly<Record<string, unknown>>;
  assertFlags(io, command, parsed);
  return parsed;
};

/** @throws UsageError where there are too many */
export const positionalsOf = (command: LoadedCommand, parsed: Readonly<Record<string, unknown>>): readonly string[] => {
  const positionals = (parsed['_'] as readonly unknown[]).map(String);
  const [extra] = positionals.slice(command.maxPositionals);
  if (extra !== undefined)
    throw new UsageError(
      `${command.name} takes ${command.maxPositionals === 0 ? 'no' : `at most ${command.maxPositionals}`} argument, found "${extra}"`,
    );
  return positionals;
};

/** A command with all that it is. */
export const loaded = async ({ name, summary, load }: CommandEntry): Promise<LoadedCommand> => ({
  ...(await load()).default,
  name,
  summary,
});
