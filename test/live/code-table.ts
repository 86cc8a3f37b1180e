import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { catalogue, type FindingCode } from '../../src/model/catalogue.ts';
import { type KubeVersion, kubeVersions } from '../lab/build.ts';
import { compareFindings, shareOf } from '../lab/report-comparison.ts';
import type { RoundOutcome } from './situation-lane.ts';

interface NotProduced {
  readonly explainOnly: Readonly<Record<string, string>>;
  /** By code, then by versions separated by blanks. */
  readonly notProducible: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly elsewhere: Readonly<Record<string, string>>;
}

export const notProduced = parse(readFileSync(join(import.meta.dirname, 'not-produced.yaml'), 'utf8')) as NotProduced;

const EXPLAIN_ONLY = 'explain only';

const reasonFor = (code: FindingCode, kube: KubeVersion): string | undefined => {
  if (notProduced.explainOnly[code] !== undefined) return EXPLAIN_ONLY;
  if (notProduced.elsewhere[code] !== undefined) return 'produced elsewhere';
  const byVersion = Object.entries(notProduced.notProducible[code] ?? {});
  return byVersion.some(([versions]) => versions.split(' ').includes(kube)) ? 'not producible' : undefined;
};

/**
 * The situations of one version by the codes that were found in them. One whose report is not as expected bears no witness:
 * what was found there may be a false alarm.
 */
export const producedBy = (rounds: readonly RoundOutcome[]): ReadonlyMap<string, readonly string[]> => {
  const produced = new Map<string, string[]>();
  for (const { situations, unmet, doctor, asCaller } of rounds) {
    for (const situation of situations) {
      const { findings } = (asCaller.get(situation.name) ?? doctor).document;
      if (unmet.has(situation.name) || compareFindings(situation, findings).length > 0) continue;
      for (const code of new Set(shareOf(situation, findings).map((finding) => finding.code)))
        produced.set(code, [...(produced.get(code) ?? []), situation.name]);
    }
  }
  return produced;
};

/** Where words came from that explain reads as a code, by code. */
export const explainedIn = (rounds: readonly RoundOutcome[]): ReadonlyMap<string, string> =>
  new Map(
    rounds.flatMap(({ explained }) =>
      explained.flatMap(({ code, explainedAs, from }) => (explainedAs === code ? [[code, from] as const] : [])),
    ),
  );

/** What one version showed. */
export interface Shown {
  /** Situations by code. */
  readonly produced: ReadonlyMap<string, readonly string[]>;
  readonly explained: ReadonlyMap<string, string>;
}

/** One row of the table: a code, and what each version shows of it. */
export interface CodeRow {
  readonly code: FindingCode;
  /** `''` where a version shows nothing and no reason is given. */
  readonly cells: readonly string[];
}

const cellOf = (code: FindingCode, kube: KubeVersion, shown: Shown | undefined): string => {
  const reason = reasonFor(code, kube);
  const situations = shown?.produced.get(code) ?? [];
  if (situations.length > 0 && reason !== undefined) return `${reason}, yet produced by ${situations[0]}`;
  if (situations.length === 0) {
    const words = shown?.explained.get(code);
    return reason === EXPLAIN_ONLY && words !== undefined ? `${reason}: ${words}` : (reason ?? '');
  }
  // The one that is named for it, where there is one.
  const named = situations.find((name) => name === catalogue[code].name) ?? situations[0];
  return situations.length === 1 ? `${named}` : `${named} and ${situations.length - 1} more`;
};

export const codeTable = (shown: ReadonlyMap<KubeVersion, Shown>): readonly CodeRow[] =>
  (Object.keys(catalogue) as FindingCode[]).map((code) => ({
    code,
    cells: kubeVersions.map((kube) => cellOf(code, kube, shown.get(kube))),
  }));

/** Rows that fail the run: a version shows nothing and no reason is given, or a reason is given and it is not so. */
export const contradictions = (rows: readonly CodeRow[]): readonly string[] =>
  rows.flatMap(({ code, cells }) =>
    cells.flatMap((cell, index) => {
      if (cell === '') return [`${code} on ${kubeVersions[index]}: neither produced nor a reason in not-produced.yaml`];
      return cell.includes(', yet produced by ') ? [`${code} on ${kubeVersions[index]}: ${cell}`] : [];
    }),
  );

const allReasons = (): readonly string[] => [
  ...Object.entries(notProduced.explainOnly).map(([code, reason]) => `${code} explain only: ${reason}`),
  ...Object.entries(notProduced.notProducible).flatMap(([code, byVersion]) =>
    Object.entries(byVersion).map(([versions, reason]) => `${code} not producible on ${versions}: ${reason}`),
  ),
  ...Object.entries(notProduced.elsewhere).map(([code, test]) => `${code} produced elsewhere: ${test}`),
];

/** The table as it is printed, with the reasons below it. */
export const tableText = (rows: readonly CodeRow[]): string => {
  const lines = [['code', ...kubeVersions], ...rows.map(({ code, cells }) => [code, ...cells])];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...table, '', ...allReasons()].join('\n');
};
