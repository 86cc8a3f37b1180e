// What krew demands of an archive, without krew: internal/download, internal/installation (kubernetes-sigs/krew v0.5.0). It
// unpacks, moves what `files` says into the folder of the plugin, and links `bin`; here only paths are moved.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';

import { Parser } from 'tar';

import { type KrewPlatform, type Rule, type Violation, violationsOf } from './krew-rules.ts';

interface Entry {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
}

const entriesOf = (archive: Buffer): Promise<readonly Entry[]> =>
  new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    const parser = new Parser({
      strict: true,
      onReadEntry(entry) {
        entries.push({ path: entry.path, type: entry.type, mode: entry.mode ?? 0 });
        entry.resume();
      },
    });
    parser.on('error', reject);
    parser.on('end', () => resolve(entries));
    parser.end(archive);
  });

/** A pattern of Go's filepath.Match: no wildcard matches a /. */
const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replace(/\[[^\]]*\]|[*?]|[^\w/]/g, (part) => {
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      return part.length > 1 ? part : `\\${part}`;
    })}$`,
  );

/** The file or folder itself and each folder above it. */
const ancestors = (path: string): readonly string[] =>
  path.split('/').map((_name, index, names) => names.slice(0, index + 1).join('/'));

const isInside = (path: string): boolean => path !== '..' && !path.startsWith('../');

/** What is left to move, and what has been installed, as paths of files. */
interface Moved {
  readonly source: readonly string[];
  readonly installed: readonly string[];
}

type FileOperation = NonNullable<KrewPlatform['files']>[number];

/** internal/installation/move.go, one file operation. */
const move = ({ source, installed }: Moved, { from, to }: FileOperation): Moved | Violation => {
  const violation = (rule: string, message: string): Violation => ({
    rule,
    message: `files ${from} to ${to}: ${message}`,
  });
  const cleanTo = posix.normalize(to).replace(/(?<=.)\/$/, '');
  if (to !== cleanTo) return violation('A06', `the path is not clean, it should be ${cleanTo}`);
  const present = [...new Set(source.flatMap(ancestors))];
  const exact = posix.normalize(from);
  const moves = present.includes(exact)
    ? [{ from: exact, to: to === '.' ? posix.basename(exact) : posix.join('.', to) }]
    : present
        .filter((path) => globPattern(exact).test(path))
        .map((path) => ({ from: path, to: posix.join(to, posix.basename(path)) }));
  if (moves.length === 0) return violation('A07', 'nothing in the archive matches');
  if (!moves.every((one) => isInside(one.from) && isInside(one.to))) {
    return violation('A09', 'the target is outside of the folder of the plugin');
  }
  const target = (path: string): string | null => {
    const found = moves.find((one) => path === one.from || path.startsWith(`${one.from}/`));
    return found ? found.to + path.slice(found.from.length) : null;
  };
  return {
    source: source.filter((path) => target(path) === null),
    installed: [...installed, ...source.flatMap((path) => target(path) ?? [])],
  };
};

const LICENSE_FILE = /^(?:licenses?(?:\.txt|\.md)?|copying(?:\.txt)?)$/i;

const entryRules: readonly Rule<readonly Entry[]>[] = [
  {
    rule: 'A02',
    demands: 'no path has .. in it or is absolute',
    holds: (entries) => entries.every(({ path }) => !path.includes('..') && !/^[/\\]/.test(path)),
  },
  {
    rule: 'A03',
    demands: 'there are only files and folders',
    holds: (entries) => entries.every(({ type }) => ['File', 'OldFile', 'Directory'].includes(type)),
  },
];

const installationRules: readonly Rule<{
  readonly platform: KrewPlatform;
  readonly entries: readonly Entry[];
  readonly installed: readonly string[];
}>[] = [
  {
    rule: 'A04',
    demands: 'bin may be executed',
    // All but Windows asks; the archives of all platforms are alike.
    holds: ({ platform, entries }) =>
      entries.every(({ path, mode }) => posix.basename(path) !== posix.basename(platform.bin) || mode === 0o755),
  },
  {
    rule: 'A10',
    demands: 'bin is there after the file operations',
    holds: ({ platform, installed }) => installed.includes(posix.normalize(platform.bin)),
  },
  {
    rule: 'A11',
    demands: 'a licence is installed',
    holds: ({ installed }) => installed.some((path) => LICENSE_FILE.test(posix.basename(path))),
  },
  {
    rule: 'L02',
    demands: 'the executable, LICENSE and THIRD-PARTY-NOTICES.txt are the root of the archive',
    holds: ({ platform, entries }) => {
      const expected = [platform.bin, 'LICENSE', 'THIRD-PARTY-NOTICES.txt'];
      return entries.length === expected.length && entries.every(({ path }) => expected.includes(path));
    },
  },
];

/** Every rule that the archive of a platform breaks. */
export const archiveViolations = async (platform: KrewPlatform, archive: Buffer): Promise<readonly Violation[]> => {
  const where = platform.uri;
  if (archive.readUInt16BE(0) !== 0x1f8b || archive[2] !== 8) {
    return [
      { rule: 'A01', message: `${where}: the archive is compressed with gzip (krew also takes zip, we make none)` },
    ];
  }
  const wrongSum =
    createHash('sha256').update(archive).digest('hex') === platform.sha256
      ? []
      : [{ rule: 'A05', message: `${where}: the checksum is that of the archive` }];
  const entries = await entriesOf(archive);
  const unsafe = violationsOf(entryRules, entries, where);
  if (unsafe.length > 0) return [...wrongSum, ...unsafe];

  let moved: Moved = {
    source: entries.filter(({ type }) => type !== 'Directory').map(({ path }) => path),
    installed: [],
  };
  const movedBefore = new Set<string>();
  for (const operation of platform.files ?? [{ from: '*', to: '.' }]) {
    const next = move(moved, operation);
    if ('rule' in next) {
      // A08: operations move; what an earlier one took is not there any more.
      return [
        ...wrongSum,
        next.rule === 'A07' && movedBefore.has(posix.normalize(operation.from)) ? { ...next, rule: 'A08' } : next,
      ];
    }
    for (const path of moved.source) if (!next.source.includes(path)) movedBefore.add(path);
    moved = next;
  }
  return [...wrongSum, ...violationsOf(installationRules, { platform, entries, installed: moved.installed }, where)];
};
