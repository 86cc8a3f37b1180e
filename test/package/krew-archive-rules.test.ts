import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import { expect, it } from 'vitest';

import { archiveViolations } from '../../scripts/package/krew-archive-rules.ts';
import { type TarEntry, tarGz } from './tar-gz.ts';

const executable: TarEntry = { path: 'kubectl-aa', mode: 0o755 };
const licenses: readonly TarEntry[] = [{ path: 'LICENSE' }, { path: 'THIRD-PARTY-NOTICES.txt' }];
const good = [executable, ...licenses];

const violations = (
  archive: Buffer,
  platform: { readonly files?: readonly { readonly from: string; readonly to: string }[]; readonly bin?: string } = {},
) =>
  archiveViolations(
    {
      uri: 'https://example.com/kubectl-aa.tar.gz',
      sha256: createHash('sha256').update(archive).digest('hex'),
      bin: platform.bin ?? 'kubectl-aa',
      files: platform.files?.map((operation) => ({ ...operation })),
      selector: { matchLabels: { os: 'linux', arch: 'amd64' } },
    },
    archive,
  ).then((found) => found.map(({ rule }) => rule));

it('finds no fault in an archive that has none', async () => {
  await expect(violations(tarGz(good))).resolves.toEqual([]);
});

it('A01: an archive that is not compressed', async () => {
  await expect(violations(gunzipSync(tarGz(good)))).resolves.toEqual(['A01']);
});

it.each<readonly [string, string, readonly TarEntry[]]>([
  ['A02', 'a path above', [...good, { path: '../evil' }]],
  ['A02', 'two dots inside a name', [...good, { path: 'a..b' }]],
  ['A02', 'an absolute path', [...good, { path: '/etc/passwd' }]],
  ['A02', 'an absolute path of Windows', [...good, { path: '\\evil' }]],
  ['A03', 'a symbolic link', [...good, { path: 'kubectl_complete-aa', type: 'SymbolicLink', linkpath: 'kubectl-aa' }]],
  ['A03', 'a hard link', [...good, { path: 'kubectl_complete-aa', type: 'Link', linkpath: 'kubectl-aa' }]],
  ['A04', 'an executable that may not be executed', [{ path: 'kubectl-aa' }, ...licenses]],
  ['A10', 'no executable', licenses],
  ['A11', 'no licence', [executable, { path: 'THIRD-PARTY-NOTICES.txt' }]],
  ['L02', 'a file that is not expected', [...good, { path: 'README.md' }]],
])('%s: an archive with %s', async (rule, _what, entries) => {
  await expect(violations(tarGz(entries))).resolves.toContain(rule);
});

it('A05: an archive with another checksum', async () => {
  const archive = tarGz(good);
  const found = await archiveViolations(
    { uri: '', sha256: '0'.repeat(64), bin: 'kubectl-aa', selector: { matchLabels: { os: 'linux' } } },
    archive,
  );
  expect(found.map(({ rule }) => rule)).toEqual(['A05']);
});

it.each<readonly [string, string, readonly { readonly from: string; readonly to: string }[]]>([
  ['A06', 'a target that is not clean', [{ from: '*', to: './bin' }]],
  ['A06', 'a target with a / at the end', [{ from: '*', to: 'bin/' }]],
  ['A07', 'a pattern without a match', [{ from: '*.exe', to: '.' }]],
  ['A07', 'a pattern that would have to match a /', [{ from: '?*?/*', to: '.' }]],
  [
    'A08',
    'a file that was moved before',
    [
      { from: '*', to: '.' },
      { from: 'LICENSE', to: '.' },
    ],
  ],
  ['A09', 'a target outside', [{ from: 'LICENSE', to: '../LICENSE' }]],
  ['A10', 'an executable that is moved elsewhere', [{ from: '*', to: 'bin' }]],
  ['A11', 'a licence that is left behind', [{ from: 'kubectl-aa', to: '.' }]],
])('%s: file operations with %s', async (rule, _what, files) => {
  await expect(violations(tarGz(good), { files })).resolves.toContain(rule);
});

it('moves as krew does: folders whole, matches flat', async () => {
  const archive = tarGz([
    { path: 'out', type: 'Directory', mode: 0o755 },
    { path: 'out/kubectl-aa', mode: 0o755 },
    { path: 'out/doc/LICENSE' },
  ]);
  const moved = async (files: readonly { readonly from: string; readonly to: string }[], bin: string) =>
    (await violations(archive, { files, bin })).filter((rule) => rule !== 'L02');
  await expect(moved([{ from: 'out', to: '.' }], 'out/kubectl-aa')).resolves.toEqual([]);
  await expect(moved([{ from: 'out/*', to: '.' }], 'kubectl-aa')).resolves.toEqual([]);
  await expect(moved([{ from: 'out', to: 'in' }], 'in/kubectl-aa')).resolves.toEqual([]);
  await expect(
    moved(
      [
        { from: 'out/kubectl-??', to: 'bin' },
        { from: 'out/[a-e]*/L*', to: 'share' },
      ],
      'bin/kubectl-aa',
    ),
  ).resolves.toEqual([]);
});
