import type { Options } from 'yargs';

import { UsageError } from './cli-errors.ts';

/** As strconv.ParseBool. */
const truths: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false] as const),
]);

const invalid = (given: string, shown: string, why: string): UsageError =>
  new UsageError(`invalid argument "${given}" for "${shown}" flag: ${why}`);

/**
 * Arguments that yargs reads as pflag reads the given ones: each value with its flag, each short flag written out.
 * A flag that is not defined is left as it is.
 * @throws UsageError in pflag's words
 */
export const asPflag = (
  args: readonly string[],
  options: Readonly<Record<string, Options>>,
  usageHint: string,
): readonly string[] => {
  const byLetter = new Map(
    Object.entries(options).flatMap(([name, { alias }]) =>
      [name, ...(typeof alias === 'string' ? [alias] : [])]
        .filter((word) => word.length === 1)
        .map((letter) => [letter, name] as const),
    ),
  );
  const written: string[] = [];
  /** Of a flag that is no list the last counts. */
  const forget = (name: string): void => {
    const before = written.findIndex((argument) => argument.startsWith(`--${name}=`));
    if (before >= 0) written.splice(before, 1);
  };
  const write = (name: string, value: string, shown: string): void => {
    const { type } = options[name] ?? {};
    if (type === 'boolean' && !Object.hasOwn(truths, value))
      throw invalid(value, shown, `strconv.ParseBool: parsing "${value}": invalid syntax`);
    if (type === 'number' && !/^-?\d+$/.test(value))
      throw invalid(value, shown, `strconv.ParseInt: parsing "${value}": invalid syntax`);
    if (options[name]?.array !== true) forget(name);
    written.push(`--${name}=${type === 'boolean' ? String(truths[value]) : value}`);
  };
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') return [...written, argument, ...rest];
    const [, long, value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    if (long !== undefined) {
      if (!Object.hasOwn(options, long)) written.push(argument);
      else if (value !== undefined) write(long, value, longName(long, options));
      else if (options[long]?.type === 'boolean') write(long, 'true', '');
      else {
        const next = rest.shift();
        if (next === undefined) throw new UsageError(`flag needs an argument: --${long}`);
        write(long, next, longName(long, options));
      }
    } else if (/^-[^-]/.test(argument)) {
      for (let letters = argument.slice(1); letters !== ''; letters = letters.slice(1)) {
        const letter = letters.charAt(0);
        const name = byLetter.get(letter);
        if (name === undefined) throw new UsageError(`unknown shorthand flag: '${letter}' in ${argument}`, usageHint);
        const attached = letters.slice(1);
        if (options[name]?.type === 'boolean' && !attached.startsWith('=')) {
          write(name, 'true', '');
          continue;
        }
        const given = attached === '' ? rest.shift() : attached.replace(/^=/, '');
        if (given === undefined) throw new UsageError(`flag needs an argument: '${letter}' in ${argument}`);
        write(name, given, longName(name, options));
        break;
      }
    } else written.push(argument);
  }
  return written;
};

/** A flag as pflag names it in an error: `-v, --v`. */
const longName = (name: string, options: Readonly<Record<string, Options>>): string => {
  const alias = name.length === 1 ? name : options[name]?.alias;
  return typeof alias === 'string' ? `-${alias}, --${name}` : `--${name}`;
};
