import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { runCli } from '../../src/cli/run-cli.ts';

const snapshot = join(import.meta.dirname, '../clusters/ten-backends.aa.json');

const faults = join(import.meta.dirname, '../clusters/discovery-faults.aa.json');
const beforeUpgrade = join(import.meta.dirname, '../clusters/before-upgrade.aa.json');

const run = async (...args: readonly string[]): Promise<string> => {
  let stdout = '';
  let stderr = '';
  const output = (take: (text: string) => void) => ({
    write: (text: string | Uint8Array) => take(String(text)),
    isTerminal: false,
    columns: null,
    stream: null,
  });
  await runCli({
    args,
    env: {},
    workingDirectory: '/',
    programName: 'kubectl aa',
    stdin: Readable.from([]),
    stdout: output((text) => (stdout += text)),
    stderr: output((text) => (stderr += text)),
    now: () => new Date('2026-11-21T14:30:00Z'),
  });
  expect(stderr).toBe('');
  return stdout;
};

/** A published schema, closed: a field that it does not name is a mistake of ours. */
const closedSchemaOf = async (kind: string): Promise<object> => {
  const close = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(close);
    if (typeof schema !== 'object' || schema === null) return schema;
    const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
    return closed['type'] === 'object' && 'properties' in closed ? { ...closed, additionalProperties: false } : closed;
  };
  const { $schema: _draft, ...schema } = close(JSON.parse(await run('schema', kind))) as Record<string, unknown>;
  return schema;
};

const documents: readonly (readonly [string, readonly string[]])[] = [
  ['DoctorReport', ['doctor', '--from', snapshot]],
  ['DoctorReport', ['doctor', '--from', snapshot, '--show-passed', '--skip', 'AA2*', '--only', 'AA*']],
  ['StatusList', ['status', '--from', snapshot]],
  ['StatusList', ['status', '--from', snapshot, '--no-probe']],
  ['DiscoveryReport', ['discovery', '--from', faults]],
  ['DiscoveryReport', ['discovery', 'version-not-served.example.com', '--from', faults]],
  ['DiscoveryReport', ['discovery', '--from', snapshot]],
  ['DiscoveryDiff', ['discovery', 'diff', beforeUpgrade, faults]],
  ['CatalogueEntry', ['explain', 'AA304']],
  ['CatalogueEntry', ['explain', 'AA702']],
  ['CatalogueEntryList', ['explain']],
  ['VersionReport', ['version', '--client']],
];

describe('every document fits its published schema', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });

  it.each(documents)('%s: %j', async (kind, args) => {
    const validate = ajv.compile(await closedSchemaOf(kind));
    const document = JSON.parse(await run(...args, '-o', 'json')) as { readonly kind: string };
    expect(document.kind).toBe(kind);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    // A schema that takes anything would prove nothing.
    expect(validate({ ...document, capturedAt: 1 })).toBe(false);
    expect(parse(await run(...args, '-o', 'yaml'))).toEqual(document);
  });

  it.each([snapshot, faults])('a committed snapshot fits the schema of the snapshot format: %s', async (path) => {
    const validate = ajv.compile(await closedSchemaOf('Snapshot'));
    expect(validate(JSON.parse(readFileSync(path, 'utf8'))), JSON.stringify(validate.errors)).toBe(true);
  });
});
