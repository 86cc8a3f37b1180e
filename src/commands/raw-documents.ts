import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { UsageError } from '../cli/cli-errors.ts';
import type { CommandContext } from '../cli/define-command.ts';
import type { ExitStatus } from '../diagnosis/exit-status.ts';
import type { RawApiService } from '../snapshot/raw-snapshot.ts';
import type { DocumentRequest, FailedDocument, ReceivedDocument } from '../sources/live/capture-cluster.ts';
import { discoveryRequests, LEGACY } from '../sources/live/collectors/discovery-documents.ts';
import { connectionOf } from './connection.ts';
import { readSnapshot, type SourceSelection } from './snapshot-source.ts';

const clusterDocument = ([path, accept]: readonly [path: string, accept: string]): DocumentRequest => ({
  path,
  accept,
});

const listPath = (group: string, version: string): string =>
  group === ''
    ? `/api/${encodeURIComponent(version)}`
    : `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`;

/** What a word after --raw stands for. */
const requestFor = (word: string): DocumentRequest => {
  if (word === 'legacy' || word === 'aggregated') return clusterDocument(discoveryRequests[word]);
  if (word === 'aggregated-nopeer') return clusterDocument(discoveryRequests.aggregatedNoPeer);
  const [group = '', version, ...more] = word.split('/');
  if (group === '' || version === '' || more.length > 0)
    throw new UsageError(
      `invalid --raw value "${word}": legacy, aggregated, aggregated-nopeer, GROUP or GROUP/VERSION is needed`,
    );
  if (version !== undefined) return { path: listPath(group, version), accept: LEGACY };
  return { path: group === 'v1' ? '/api/v1' : `/apis/${encodeURIComponent(group)}`, accept: LEGACY };
};

const ask = async (
  context: CommandContext,
  requests: readonly DocumentRequest[],
): Promise<readonly (ReceivedDocument | FailedDocument)[]> => {
  const { fetchDocuments } = await import('../sources/live/capture-cluster.ts');
  return fetchDocuments(connectionOf(context), requests);
};

const headerLines = ({ httpStatus, contentType, etag, latencyMs }: ReceivedDocument): string =>
  [
    `HTTP ${httpStatus}`,
    ...(contentType === null ? [] : [`Content-Type: ${contentType}`]),
    ...(etag === null ? [] : [`ETag: ${etag}`]),
    `Time: ${Math.round(latencyMs)} ms`,
    '',
  ].join('\n');

/** Prints one document as received; status 1 where the server did not answer 2xx. */
export const printRawDocument = async (
  context: CommandContext,
  word: string,
  withHeaders: boolean,
): Promise<ExitStatus> => {
  const { stdout } = context.io;
  const [document] = await ask(context, [requestFor(word)]);
  if (!document || 'error' in document || document.bytes === null) {
    const { ClusterAccessError } = await import('../sources/live/cluster-access-error.ts');
    throw new ClusterAccessError(
      document && 'error' in document ? document.error : 'the answer is larger than is read',
    );
  }
  const { printableLines } = await import('../render/text/pem-text.ts');
  if (withHeaders) stdout.write(`${printableLines(headerLines(document))}\n`);
  stdout.write(stdout.isTerminal ? printableLines(document.bytes.toString('utf8')) : document.bytes);
  return document.httpStatus >= 200 && document.httpStatus < 300 ? 0 : 1;
};

/** Names that hold nothing but what every file system takes. */
const fileName = (...parts: readonly string[]): string => `${parts.join('.').replace(/[^A-Za-z0-9.-]/g, '_')}.json`;

const requestsToSave = (
  apiServices: readonly RawApiService[],
): readonly (DocumentRequest & { readonly file: string })[] => {
  const remote = apiServices.flatMap(({ spec }) =>
    spec.service ? [{ group: spec.group ?? '', version: spec.version ?? '' }] : [],
  );
  return [
    ...Object.entries(discoveryRequests).map(([name, request]) => ({
      ...clusterDocument(request),
      file: fileName(name),
    })),
    ...[...new Set(remote.map(({ group }) => group))].map((group) => ({
      path: `/apis/${encodeURIComponent(group)}`,
      accept: LEGACY,
      file: fileName('group', group),
    })),
    ...remote.map(({ group, version }) => ({
      path: listPath(group, version),
      accept: LEGACY,
      file: fileName('list', version, group),
    })),
  ];
};

/** Writes every document and `index.json`, which says what each was asked by and came with. */
export const saveRawDocuments = async (
  context: CommandContext,
  selection: SourceSelection,
  folder: string,
): Promise<ExitStatus> => {
  const { facts } = await readSnapshot(context, selection, { facts: [] });
  const requests = requestsToSave(facts.apiServices.state === 'known' ? facts.apiServices.value : []);
  const documents = await ask(context, requests);
  const target = resolve(context.io.workingDirectory, folder);
  try {
    await mkdir(target, { recursive: true });
    const index: object[] = [];
    for (const [position, document] of documents.entries()) {
      const file = requests[position]?.file ?? '';
      if ('error' in document || document.bytes === null) {
        index.push({ ...document, file: null, error: 'error' in document ? document.error : 'larger than is read' });
        continue;
      }
      const { bytes, latencyMs, httpStatus: status, ...rest } = document;
      await writeFile(join(target, file), bytes);
      index.push({
        file,
        ...rest,
        status,
        bytes: bytes.length,
        latencyMs: Math.round(latencyMs * 10) / 10,
        error: null,
      });
    }
    await writeFile(join(target, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`cannot write to ${folder}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  context.io.stdout.write(`${documents.length} documents and index.json written.\n`);
  return 0;
};
