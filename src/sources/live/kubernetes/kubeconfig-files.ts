import { delimiter, dirname, join, resolve } from 'node:path';

import * as v from 'valibot';
import { parseDocument } from 'yaml';

import { readBoundedFile, UnreadableFile } from '../../bounded-file.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import type { ConnectionEnvironment, ConnectionFlags } from './kubeconfig.ts';

// Which files, and what of them counts, follows client-go tools/clientcmd/loader.go: the first file that names a thing wins.

// A token of digits is a number to YAML, and a name such as `true` a boolean; kubectl takes them for the text they are.
export const word = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
export const text = v.nullish(word);

// Only the chosen entries are judged: an odd one elsewhere must not matter.
const fileSchema = v.nullish(
  v.object({
    'current-context': text,
    clusters: v.nullish(v.array(v.object({ name: word, cluster: v.optional(v.unknown()) }))),
    contexts: v.nullish(v.array(v.object({ name: word, context: v.optional(v.unknown()) }))),
    users: v.nullish(v.array(v.object({ name: word, user: v.optional(v.unknown()) }))),
  }),
);

/** An entry as it stands, with the directory of the file that it came from. */
export type Entry = { readonly value: unknown; readonly directory: string };

/** All files in one: of each name the first. */
export interface MergedKubeconfig {
  currentContext: string | null;
  readonly clusters: Map<string, Entry>;
  readonly contexts: Map<string, Entry>;
  readonly users: Map<string, Entry>;
}

/** More than any kubeconfig, certificate or key; what is larger is another file. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** @throws ClusterAccessError that begins with `what` */
export const readText = async (path: string, what: string, signal: AbortSignal): Promise<string> => {
  try {
    return (await readBoundedFile(path, MAX_FILE_BYTES, signal)).toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof UnreadableFile) throw new ClusterAccessError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
};

// Neither the parser's message nor the file's text is repeated: both can hold credentials.
const parseFile = (path: string, content: string): v.InferOutput<typeof fileSchema> => {
  const refused = (reason: string): ClusterAccessError =>
    new ClusterAccessError(`error loading config file "${path}": ${reason}`);
  let document: unknown;
  let line: number | undefined;
  try {
    // Unlike parse(), it prints no warning by itself.
    const yaml = parseDocument(content);
    line = yaml.errors[0]?.linePos?.[0].line;
    document = yaml.errors.length > 0 ? undefined : yaml.toJS();
    if (document === undefined) throw refused('');
  } catch {
    // Too nested, or an alias that grows without end.
    throw refused(`it is not valid YAML${line === undefined ? '' : ` (line ${line})`}`);
  }
  const parsed = v.safeParse(fileSchema, Array.isArray(document) ? 'a list' : document);
  if (!parsed.success)
    throw refused(`${v.getDotPath(parsed.issues[0]) ?? 'the document'} is not as a kubeconfig has it`);
  for (const list of ['clusters', 'contexts', 'users'] as const) {
    const names = (parsed.output?.[list] ?? []).map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw refused(`it has two ${list} named "${twice}"`);
  }
  return parsed.output;
};

/** In the order of the paths; a file that is not there is left out unless it must exist. */
const readFiles = async (
  paths: readonly string[],
  mustExist: boolean,
  signal: AbortSignal,
): Promise<readonly { readonly path: string; readonly content: string }[]> => {
  const read = await Promise.all(
    paths.map(async (path) => {
      try {
        return [{ path, content: await readText(path, `error loading config file "${path}"`, signal) }];
      } catch (error) {
        const { cause } = error as Error;
        const isMissing =
          cause instanceof UnreadableFile && (cause.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
        if (isMissing && !mustExist) return [];
        throw isMissing ? new ClusterAccessError(`stat ${path}: no such file or directory`, { cause: error }) : error;
      }
    }),
  );
  return read.flat();
};

const mergeFiles = (files: readonly { readonly path: string; readonly content: string }[]): MergedKubeconfig => {
  const merged: MergedKubeconfig = { currentContext: null, clusters: new Map(), contexts: new Map(), users: new Map() };
  for (const { path, content } of files) {
    const file = parseFile(path, content);
    const directory = dirname(path);
    merged.currentContext ??= file?.['current-context'] || null;
    for (const { name, cluster } of file?.clusters ?? [])
      if (!merged.clusters.has(name)) merged.clusters.set(name, { value: cluster, directory });
    for (const { name, context } of file?.contexts ?? [])
      if (!merged.contexts.has(name)) merged.contexts.set(name, { value: context, directory });
    for (const { name, user } of file?.users ?? [])
      if (!merged.users.has(name)) merged.users.set(name, { value: user, directory });
  }
  return merged;
};

const filesOf = (
  { kubeconfig }: ConnectionFlags,
  { env, workingDirectory }: ConnectionEnvironment,
): { readonly paths: readonly string[]; readonly mustExist: boolean } => {
  const fromHere = (path: string): string => resolve(workingDirectory, path);
  if (kubeconfig) return { paths: [fromHere(kubeconfig)], mustExist: true };
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return { paths: [...new Set(listed.map(fromHere))], mustExist: false };
  const home = env['HOME'] ?? env['USERPROFILE'];
  return { paths: home ? [join(home, '.kube', 'config')] : [], mustExist: false };
};

/**
 * The files that the flags and the environment name, merged.
 * @throws ClusterAccessError
 */
export const readKubeconfigs = async (
  flags: ConnectionFlags,
  environment: ConnectionEnvironment,
  signal: AbortSignal,
): Promise<{ readonly paths: readonly string[]; readonly merged: MergedKubeconfig }> => {
  const { paths, mustExist } = filesOf(flags, environment);
  return { paths, merged: mergeFiles(await readFiles(paths, mustExist, signal)) };
};
