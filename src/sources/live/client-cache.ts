import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import * as v from 'valibot';

import type { RawApiService, RawFact, RawFactValues } from '../../snapshot/raw-snapshot.ts';
import { readBoundedFile, UnreadableFile } from '../bounded-file.ts';
import { parseBoundedJson, TOO_NESTED_OR_NUMEROUS } from './bounded-json.ts';
import type { ConnectionEnvironment, ConnectionFlags } from './kubernetes/kubeconfig.ts';

/** More than the discovery documents of any cluster. */
const MAX_BYTES = 16 * 1024 * 1024;

const groupList = v.object({
  kind: v.literal('APIGroupList'),
  groups: v.array(
    v.object({
      // The core group may have none.
      name: v.optional(v.string(), ''),
      // Null, and a preferred version without name, where kubectl found all of them Stale.
      versions: v.nullable(v.array(v.object({ version: v.string() }))),
      preferredVersion: v.nullish(v.object({ version: v.string() })),
    }),
  ),
});

const resourceList = v.object({ kind: v.literal('APIResourceList'), resources: v.array(v.unknown()) });

/** Where kubectl keeps what it discovered of a server (cli-runtime pkg/genericclioptions/config_flags.go); null where nothing says. */
const cacheFolder = (
  server: string,
  flags: ConnectionFlags,
  { env, workingDirectory }: ConnectionEnvironment,
): string | null => {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const root = flags['cache-dir'] || env['KUBECACHEDIR'] || (home ? join(home, '.kube', 'cache') : null);
  if (root === null) return null;
  return resolve(
    workingDirectory,
    root,
    'discovery',
    `./${server
      .replace('https://', '')
      .replace('http://', '')
      .replaceAll(/[^(\w/.)]/g, '_')}`,
  );
};

const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/** @throws UnreadableFile */
const ageOf = async (path: string, now: Date): Promise<number | null> => {
  try {
    return Math.round((now.getTime() - (await stat(path)).mtimeMs) / 1000);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw new UnreadableFile((error as NodeJS.ErrnoException).code ?? 'unreadable', { cause: error });
  }
};

/** Null where there is none. @throws UnreadableFile */
const readDocument = async <T extends v.GenericSchema>(
  path: string,
  schema: T,
  signal: AbortSignal,
): Promise<v.InferOutput<T> | null> => {
  let content: Buffer;
  try {
    content = await readBoundedFile(path, MAX_BYTES, signal);
  } catch (error) {
    if (error instanceof UnreadableFile && isAbsent(error.cause)) return null;
    throw error;
  }
  const parsed = parseBoundedJson(content.toString('utf8'));
  if (parsed.state !== 'value')
    throw new UnreadableFile(parsed.state === 'notJson' ? 'not JSON' : TOO_NESTED_OR_NUMEROUS);
  const result = v.safeParse(schema, parsed.value, { abortEarly: true });
  if (!result.success) throw new UnreadableFile('no discovery document');
  return result.output;
};

/** A hostile server may name its groups as it likes: none of them leads out of the folder. */
const isFolderName = (name: string): boolean => /^[\da-z][\da-z.-]*$/.test(name);

/**
 * What kubectl has cached of the server's discovery: null where there is nothing. Paths, which hold user names, stay out of it
 * and of the reason why it cannot be read. Nothing is written.
 */
export const readClientCache = async (
  server: string,
  apiServices: readonly RawApiService[],
  options: {
    readonly flags: ConnectionFlags;
    readonly environment: ConnectionEnvironment;
    readonly now: () => Date;
    readonly signal: AbortSignal;
  },
): Promise<RawFact<RawFactValues['clientCache']>> => {
  const folder = cacheFolder(server, options.flags, options.environment);
  if (folder === null) return { state: 'known', value: null };
  let file = 'servergroups.json';
  try {
    const ageSeconds = await ageOf(join(folder, file), options.now());
    const list = await readDocument(join(folder, file), groupList, options.signal);
    if (ageSeconds === null || list === null) return { state: 'known', value: null };
    const resources: Record<string, number | null> = {};
    for (const { metadata, spec } of apiServices) {
      const { group, version } = spec;
      if (!spec.service || !group || !version || !isFolderName(group) || !isFolderName(version)) continue;
      file = `${group}/${version}/serverresources.json`;
      const cached = await readDocument(
        join(folder, group, version, 'serverresources.json'),
        resourceList,
        options.signal,
      );
      resources[metadata.name] = cached && cached.resources.length;
    }
    const groups = list.groups.map(({ name, versions, preferredVersion }) => ({
      group: name,
      preferredVersion: preferredVersion?.version || null,
      versions: (versions ?? []).map(({ version }) => version),
    }));
    return { state: 'known', value: { ageSeconds, groups, resources } };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return { state: 'unreadable', detail: `${file} of kubectl's discovery cache: ${error.message}` };
  }
};
