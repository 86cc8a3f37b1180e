import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import type { KrewPlatform } from '../../scripts/package/krew-rules.ts';
import { type TarEntry, tarGz } from './tar-gz.ts';

const executable: TarEntry = { path: 'kubectl-aa', mode: 0o755 };
const licenses: readonly TarEntry[] = [{ path: 'LICENSE' }, { path: 'THIRD-PARTY-NOTICES.txt' }];
const good = [executable, ...licenses];

type FileOperations = readonly { readonly from: string; readonly to: string }[];

export interface ArchiveCase {
  readonly rule: string;
  readonly what: string;
  readonly archive: Buffer;
  readonly platform: KrewPlatform;
}

/** How a manifest describes an archive. */
export const platformOf = (archive: Buffer, files?: FileOperations, bin = 'kubectl-aa'): KrewPlatform => ({
  uri: 'https://example.com/kubectl-aa.tar.gz',
  sha256: createHash('sha256').update(archive).digest('hex'),
  bin,
  files: files?.map((operation) => ({ ...operation })),
  selector: { matchLabels: { os: 'linux', arch: 'amd64' } },
});

const packed = (rule: string, what: string, entries: readonly TarEntry[]): ArchiveCase => {
  const archive = tarGz(entries);
  return { rule, what, archive, platform: platformOf(archive) };
};

const operated = (rule: string, what: string, ...files: FileOperations): ArchiveCase => ({
  rule,
  what: `file operations with ${what}`,
  archive: goodArchive,
  platform: platformOf(goodArchive, files),
});

export const goodArchive = tarGz(good);
const uncompressed = gunzipSync(goodArchive);

/** What krew does not install. */
export const refusedArchives: readonly ArchiveCase[] = [
  { rule: 'A01', what: 'no compression', archive: uncompressed, platform: platformOf(uncompressed) },
  packed('A02', 'a path above', [...good, { path: '../evil' }]),
  packed('A02', 'two dots inside a name', [...good, { path: 'a..b' }]),
  packed('A02', 'an absolute path', [...good, { path: '/etc/passwd' }]),
  packed('A02', 'an absolute path of Windows', [...good, { path: '\\evil' }]),
  packed('A03', 'a symbolic link', [
    ...good,
    { path: 'kubectl_complete-aa', type: 'SymbolicLink', linkpath: 'kubectl-aa' },
  ]),
  packed('A03', 'a hard link', [...good, { path: 'kubectl_complete-aa', type: 'Link', linkpath: 'kubectl-aa' }]),
  {
    rule: 'A05',
    what: 'another checksum',
    archive: goodArchive,
    platform: { ...platformOf(goodArchive), sha256: '0'.repeat(64) },
  },
  operated('A06', 'a target that is not clean', { from: '*', to: './bin' }),
  operated('A06', 'a target with a / at the end', { from: '*', to: 'bin/' }),
  operated('A07', 'a pattern without a match', { from: '*.exe', to: '.' }),
  operated('A07', 'a pattern that would have to match a /', { from: '?*?/*', to: '.' }),
  operated('A08', 'a file that was moved before', { from: '*', to: '.' }, { from: 'LICENSE', to: '.' }),
  operated('A09', 'a target outside', { from: 'LICENSE', to: '../LICENSE' }),
  operated('A10', 'an executable that is moved elsewhere', { from: '*', to: 'bin' }),
  packed('A10', 'no executable', licenses),
];

/** What krew installs all the same, and its index or we do not take. */
export const unwantedArchives: readonly ArchiveCase[] = [
  packed('A04', 'an executable that may not be executed', [{ path: 'kubectl-aa' }, ...licenses]),
  packed('A11', 'no licence', [executable, { path: 'THIRD-PARTY-NOTICES.txt' }]),
  operated('A11', 'a licence that is left behind', { from: 'kubectl-aa', to: '.' }),
  packed('L02', 'a file that is not expected', [...good, { path: 'README.md' }]),
];

const folders = tarGz([
  { path: 'out', type: 'Directory', mode: 0o755 },
  { path: 'out/kubectl-aa', mode: 0o755 },
  { path: 'out/doc/LICENSE' },
]);

/** File operations that lead to `bin`: a folder is moved whole, what a pattern matches flat. */
export const movedArchives: readonly (readonly [Buffer, KrewPlatform])[] = (
  [
    [[{ from: 'out', to: '.' }], 'out/kubectl-aa'],
    [[{ from: 'out/*', to: '.' }], 'kubectl-aa'],
    [[{ from: 'out', to: 'in' }], 'in/kubectl-aa'],
    [
      [
        { from: 'out/kubectl-??', to: 'bin' },
        { from: 'out/[a-e]*/L*', to: 'share' },
      ],
      'bin/kubectl-aa',
    ],
  ] as const
).map(([files, bin]) => [folders, platformOf(folders, files, bin)]);
