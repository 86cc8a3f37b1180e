import packageJson from '../../package.json' with { type: 'json' };
import { commands } from '../commands/index.ts';
import { connectionOf } from '../commands/connection.ts';
import { readSnapshot, type SourceSelection } from '../commands/snapshot-source.ts';
import { printable } from '../render/text/printable.ts';
import type { RawApiService } from '../snapshot/raw-snapshot.ts';
import type {
  CommandContext,
  Completable,
  LoadedCommand,
  OptionDefinition,
  OptionDefinitions,
} from './define-command.ts';
import type { Io } from './io.ts';
import { noProgress } from './progress.ts';
import { findCommand, globalOptions, loaded, optionsOf, parseArguments, valuesOf } from './parse-arguments.ts';

interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What may stand in a place; `files` where the shell knows best. */
type Offer = readonly Candidate[] | 'files';

/** Bits of cobra's directive (cobra completions.go). */
const NO_SPACE = 2;
const NO_FILES = 4;

/** Somebody waits with a finger on the key. */
const DEADLINE_MS = 1500;

const plain = (values: Iterable<string>): readonly Candidate[] => [...values].map((value) => ({ value }));

const commandNames = (): readonly Candidate[] => [
  ...commands
    .filter(({ name }) => !name.includes(' '))
    .map(({ name, summary }) => ({ value: name, description: summary })),
  { value: 'help', description: 'Help about any command.' },
  { value: 'options', description: 'List the flags that every command takes.' },
];

const flags = (options: OptionDefinitions, given: readonly string[]): readonly Candidate[] =>
  Object.entries(options)
    .filter(([name, { array }]) => name.length > 1 && (array || !given.includes(`--${name}`)))
    .map(([name, { describe }]) => ({ value: `--${name}`, description: describe ?? '' }));

/** Codes, behind the last comma. */
const findingCodes = async (word: string): Promise<readonly Candidate[]> => {
  const { catalogue } = await import('../model/catalogue.ts');
  const before = word.slice(0, word.lastIndexOf(',') + 1);
  return Object.entries(catalogue).map(([code, { name }]) => ({ value: `${before}${code}`, description: name }));
};

/** What kubectl's own flags take. */
const connectionValues: Readonly<Record<string, Completable>> = {
  context: 'context',
  cluster: 'cluster',
  user: 'user',
  namespace: 'namespace',
  kubeconfig: 'file',
  'certificate-authority': 'file',
  'client-certificate': 'file',
  'client-key': 'file',
};

/** What the cluster or the kubeconfig is asked with: as the command would, but soon over and without a word. */
const quietContext = (io: Io, kubectlFlags: CommandContext['kubectlFlags']): CommandContext => ({
  io: { ...io, stderr: { ...io.stderr, write: () => undefined } },
  style: { color: false, unicode: false, width: null, headers: false },
  print: () => Promise.resolve(),
  signal: AbortSignal.timeout(DEADLINE_MS),
  timeoutMs: DEADLINE_MS,
  isTimeoutGiven: true,
  kubectlFlags,
  progress: noProgress,
  version: packageJson.version,
});

/** Of the words before: kubectl's flags, and the snapshot to read. */
type Selection = CommandContext['kubectlFlags'] & SourceSelection;

const apiServices = async (context: CommandContext, selection: Selection): Promise<readonly RawApiService[]> => {
  const { facts } = await readSnapshot(context, selection, { facts: [] });
  return facts.apiServices.state === 'known' ? facts.apiServices.value : [];
};

const kubeconfigNames = async (
  context: CommandContext,
  list: 'contexts' | 'clusters' | 'users',
): Promise<readonly Candidate[]> => {
  const { readKubeconfigs } = await import('../sources/live/kubernetes/kubeconfig-files.ts');
  const { flags: connectionFlags, environment, signal } = connectionOf(context);
  const { merged } = await readKubeconfigs(connectionFlags, environment, signal);
  return plain(merged[list].keys());
};

/** Looks where the words before say. */
const namesOf = async (
  kind: Exclude<Completable, 'file' | 'findingCode' | readonly string[]>,
  io: Io,
  selection: Selection,
): Promise<readonly Candidate[]> => {
  const context = quietContext(io, selection);
  switch (kind) {
    case 'context':
    case 'cluster':
    case 'user':
      return kubeconfigNames(context, `${kind}s`);
    case 'namespace': {
      const { listNamespaces } = await import('../sources/live/capture-cluster.ts');
      return plain(await listNamespaces(connectionOf(context)));
    }
    case 'apiService':
      return (await apiServices(context, selection)).map(({ metadata, spec }) => ({
        value: metadata.name,
        description: spec.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local',
      }));
    case 'group':
      return plain(new Set((await apiServices(context, selection)).flatMap(({ spec }) => spec.group || [])));
  }
};

const optionAt = (options: OptionDefinitions, flag: string): readonly [string, OptionDefinition] | undefined =>
  Object.entries(options).find(([name, { alias }]) => flag === `--${name}` || flag === `-${String(alias)}`);

const isCommand = (word: string): boolean => commands.some(({ name }) => name.split(' ')[0] === word);

const offerFor = async (
  io: Io,
  words: readonly string[],
): Promise<{ readonly offer: Offer; readonly word: string }> => {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  // Flags may stand before the command.
  const at = before.findIndex(isCommand);
  const found = at < 0 ? null : findCommand(io, before.slice(at));
  const command: LoadedCommand | null = found && (await loaded(found.entry));
  const given = [...before.slice(0, Math.max(at, 0)), ...(found ? found.rest : before)];
  const options = command ? optionsOf(command) : globalOptions;

  const selectionOf = async (args: readonly string[]): Promise<Selection> =>
    command ? parseArguments(io, command, args) : {};
  const valuesFor = async (
    completes: Completable | undefined,
    word: string,
    args: readonly string[],
  ): Promise<Offer> => {
    if (completes === undefined) return [];
    if (completes === 'file') return 'files';
    if (completes === 'findingCode') return findingCodes(word);
    if (typeof completes === 'object') return plain(completes);
    // What cannot be asked leaves room for the rest.
    return namesOf(completes, io, await selectionOf(args)).catch(() => []);
  };
  const valueOf = async (
    [name, option]: readonly [string, OptionDefinition],
    word: string,
    args: readonly string[],
  ) => {
    const values = valuesOf(option);
    return values.length > 0 ? plain(values) : valuesFor(option.completes ?? connectionValues[name], word, args);
  };

  const [, flag, value] = /^(--?[^=]+)=([\s\S]*)$/.exec(typed) ?? [];
  if (flag !== undefined && value !== undefined) {
    const option = optionAt(options, flag);
    return { word: value, offer: option ? await valueOf(option, value, given) : [] };
  }
  const awaiting = optionAt(options, given.at(-1) ?? '');
  if (awaiting && awaiting[1].type !== 'boolean')
    return { word: typed, offer: await valueOf(awaiting, typed, given.slice(0, -1)) };
  if (typed.startsWith('-')) return { word: typed, offer: flags(options, given) };
  if (!command) return { word: typed, offer: commandNames() };
  const below = commands
    .filter(({ name }) => given.length === 0 && name.startsWith(`${command.name} `))
    .map(({ name, summary }) => ({ value: name.slice(command.name.length + 1), description: summary }));
  const taken = given.filter((argument) => !argument.startsWith('-'));
  const positional = command.maxPositionals > taken.length ? await valuesFor(command.completes, typed, given) : [];
  if (positional === 'files') return { word: typed, offer: positional };
  return { word: typed, offer: [...below, ...positional.filter((candidate) => !taken.includes(candidate.value))] };
};

/**
 * What may follow, as cobra's completion scripts and kubectl read it: a candidate on each line, with a tab and a description
 * where there is one, and the directive. Whatever goes wrong, nothing is offered: nobody asked for an error.
 */
export const completion = async (io: Io, words: readonly string[]): Promise<string> => {
  try {
    const { offer, word } = await offerFor(io, words);
    if (offer === 'files') return ':0\n';
    // A name that a terminal or a shell would take for something else is not offered.
    const fitting = offer.filter(
      ({ value }) => value.startsWith(word) && printable(value) === value && !/\s/.test(value),
    );
    const lines = fitting.map(({ value, description }) =>
      description ? `${value}\t${printable(description)}` : value,
    );
    const isOpen = fitting.length > 0 && fitting.every(({ value }) => value.endsWith('='));
    return [...lines, `:${NO_FILES + (isOpen ? NO_SPACE : 0)}`, ''].join('\n');
  } catch {
    return `:${NO_FILES}\n`;
  }
};
