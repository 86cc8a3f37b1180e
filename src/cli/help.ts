import { wrap } from '../render/text/wrap.ts';
import {
  type CommandDefinition,
  type CommandEntry,
  commandGroups,
  type LoadedCommand,
  type OptionDefinition,
  type OptionDefinitions,
} from './define-command.ts';
import { globalOptions, valuesOf } from './parse-arguments.ts';

// Laid out as kubectl's (kubectl pkg/util/templates): what it is, examples, flags, usage, where to go on.

const DESCRIPTION_INDENT = '        ';

const shownDefault = ({ type, array, default: value, defaultDescription }: OptionDefinition): string => {
  if (type === 'boolean') return String(value ?? false);
  if (type === 'number') return String(value ?? 0);
  if (array) return '[]';
  return `'${defaultDescription ?? (value === undefined ? '' : String(value))}'`;
};

const optionText = (name: string, option: OptionDefinition, width: number): string => {
  const long = name.length === 1 ? `-${name}` : `--${name}`;
  const flag =
    typeof option.alias === 'string' ? `-${option.alias}, ${long}` : `${' '.repeat(name.length === 1 ? 0 : 4)}${long}`;
  const values = valuesOf(option);
  const description = `${option.describe ?? ''}.${values.length > 0 ? ` One of: ${values.join(', ')}.` : ''}`;
  return `    ${flag}=${shownDefault(option)}:\n${wrap(description, width, DESCRIPTION_INDENT)}`;
};

const optionsText = (options: OptionDefinitions, width: number): string =>
  Object.entries(options)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, option]) => optionText(name, option, width))
    .join('\n\n');

/** The flags that are a command's own. */
const ownOptions = ({ options }: CommandDefinition): OptionDefinitions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !(name in globalOptions)));

const entryLines = (entries: readonly CommandEntry[], width: number): string => {
  const nameWidth = Math.max(...entries.map(({ name }) => name.length)) + 2;
  return entries
    .map(({ name, summary }) => wrap(summary, width, ' '.repeat(nameWidth + 2), `  ${name.padEnd(nameWidth)}`))
    .join('\n');
};

const seeOptions = (program: string): string =>
  `Use "${program} options" for a list of global command-line options (applies to all commands).`;

/** What the tool does, and its commands. */
export const generalHelp = (program: string, commands: readonly CommandEntry[], width: number): string =>
  `${[
    'Finds out why a Kubernetes aggregated API (APIService) does not work.',
    ...commandGroups.map(
      (group) =>
        `${group} Commands:\n${entryLines(
          commands.filter((entry) => entry.group === group),
          width,
        )}`,
    ),
    `Usage:\n  ${program} COMMAND [options]`,
    [`Use "${program} COMMAND --help" for more information about a given command.`, seeOptions(program)].join('\n'),
  ].join('\n\n')}\n`;

/** All of one command but the global flags. */
export const commandHelp = (
  program: string,
  command: LoadedCommand,
  commands: readonly CommandEntry[],
  width: number,
): string => {
  const below = commands.filter(({ name }) => name.startsWith(`${command.name} `));
  const own = ownOptions(command);
  return `${[
    wrap(command.summary, width, ''),
    `Examples:\n${command.examples.map(({ args, what }) => `  # ${what}\n  ${program} ${args}`).join('\n\n')}`,
    ...(below.length > 0 ? [`Available Commands:\n${entryLines(below, width)}`] : []),
    ...(Object.keys(own).length > 0 ? [`Options:\n${optionsText(own, width)}`] : []),
    `Usage:\n  ${[program, command.name, command.positionals, '[options]'].filter((word) => word !== '').join(' ')}`,
    seeOptions(program),
  ].join('\n\n')}\n`;
};

/** The global flags. */
export const globalHelp = (width: number): string =>
  `The following options can be passed to any command:\n\n${optionsText(globalOptions, width)}\n`;
