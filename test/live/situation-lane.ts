import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type KubeVersion, kubeVersions } from '../lab/build.ts';
import { type ControlPlane, startControlPlane } from '../lab/control-plane.ts';
import { deploySituations, homeOf, type Unmet } from '../lab/deploy.ts';
import { serviceAccountKubeconfig } from '../lab/extension-api-servers.ts';
import type { ReportedCertificates, ReportedWords } from '../lab/certificate-comparison.ts';
import { compareFindings, type ReportedFinding, type ReportedStatus } from '../lab/report-comparison.ts';
import { planRounds } from '../lab/rounds.ts';
import { readSituation, type Situation, situationNames } from '../lab/situation.ts';
import { type AuditedRequest, requestsOfTool } from './audit-log.ts';
import { type DryRun, dryRunRemedies } from './remedies.ts';
import { type Explained, explainRefused, explainSituations } from './explained.ts';
import { type ReaderOutcome, runAsReader } from './reader.ts';
import { type Outcome, runTool } from './run-tool.ts';

export interface DoctorReport {
  readonly summary: { readonly errors: number };
  readonly findings: readonly ReportedFinding[];
  readonly undetermined: readonly { readonly code: string; readonly state: string; readonly detail: string }[];
}

export interface StatusList {
  readonly items: readonly (ReportedStatus & ReportedWords)[];
}

export interface CertificateReport {
  readonly items: readonly ReportedCertificates[];
}

/** What came of the situations that shared one cluster. */
export interface RoundOutcome {
  readonly situations: readonly Situation[];
  readonly unmet: Unmet;
  readonly doctor: Outcome<DoctorReport>;
  readonly status: Outcome<StatusList>;
  readonly cert: Outcome<CertificateReport>;
  /** Doctor as seen by those situations' own callers, by situation. */
  readonly asCaller: ReadonlyMap<string, Outcome<DoctorReport>>;
  /** What the generated role shows, in the round of the situation `healthy`. */
  readonly asReader: ReaderOutcome | undefined;
  /** Words of the situations' servers, and in the same round of what kube-apiserver refuses. */
  readonly explained: readonly Explained[];
  /** Every different request of the tool that kube-apiserver wrote down. */
  readonly requests: readonly AuditedRequest[];
  readonly dryRuns: readonly DryRun[];
}

/** How long what a caller may, and what a token is worth, is gone by after it has changed: ten seconds each (apiserver options). */
const REMEMBERED_MS = 30_000;

const asCallers = async (
  controlPlane: ControlPlane,
  situations: readonly Situation[],
): Promise<ReadonlyMap<string, Outcome<DoctorReport>>> => {
  const outcomes = new Map<string, Outcome<DoctorReport>>();
  for (const situation of situations) {
    const { name, namespace, caller, kubectlUsedBefore } = situation;
    if (caller === undefined && !kubectlUsedBefore) continue;
    const kubeconfigPath =
      caller === undefined
        ? controlPlane.kubeconfigPath
        : await serviceAccountKubeconfig(controlPlane, controlPlane.server, namespace, caller);
    const home = kubectlUsedBefore ? homeOf(controlPlane, situation) : undefined;
    const deadline = Date.now() + REMEMBERED_MS;
    for (;;) {
      const outcome = await runTool<DoctorReport>(controlPlane, ['doctor'], kubeconfigPath, home);
      outcomes.set(name, outcome);
      if (compareFindings(situation, outcome.document.findings).length === 0 || Date.now() > deadline) break;
      await pause(2000);
    }
  }
  return outcomes;
};

/** With KUBECTL_AA_LAB_REPORTS set, every document of the tool is kept in that folder. */
const keep = (name: string, document: unknown): void => {
  const folder = process.env['KUBECTL_AA_LAB_REPORTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(document, undefined, 2));
};

const runRound = async (kube: KubeVersion, situations: readonly Situation[], label: string): Promise<RoundOutcome> => {
  const controlPlane = await startControlPlane(kube, situations[0]?.apiServer);
  try {
    const unmet = await deploySituations(controlPlane, situations, () => {});
    const doctor = await runTool<DoctorReport>(controlPlane, ['doctor'], controlPlane.kubeconfigPath);
    keep(`${label}-doctor`, doctor.document);
    const status = await runTool<StatusList>(controlPlane, ['status'], controlPlane.kubeconfigPath);
    keep(`${label}-status`, status.document);
    const cert = await runTool<CertificateReport>(controlPlane, ['cert'], controlPlane.kubeconfigPath);
    keep(`${label}-cert`, cert.document);
    const asCaller = await asCallers(controlPlane, situations);
    for (const [name, { document }] of asCaller) keep(`${label}-${name}`, document);
    const asReader = situations.some(({ name }) => name === 'healthy') ? await runAsReader(controlPlane) : undefined;
    if (asReader) keep(`${label}-reader`, asReader.doctor.document);
    const explained = [
      ...(await explainSituations(controlPlane, situations)),
      ...(asReader ? await explainRefused(controlPlane) : []),
    ];
    const dryRuns = await dryRunRemedies(controlPlane, doctor.document.findings);
    const requests = await requestsOfTool(controlPlane);
    return { situations, unmet, doctor, status, cert, asCaller, asReader, explained, requests, dryRuns };
  } finally {
    await controlPlane.stop();
  }
};

const chosen = (variable: string): readonly string[] | undefined => process.env[variable]?.split(',');

/** Versions and situations named in the environment, for a try; nothing of it: all. */
const [onlyVersions, onlySituations] = [chosen('KUBECTL_AA_LAB_KUBE'), chosen('KUBECTL_AA_LAB_SITUATIONS')];

export const isWhole = onlyVersions === undefined && onlySituations === undefined;

export const versionsRun = kubeVersions.filter((kube) => onlyVersions?.includes(kube) !== false);

/** The situations of one version in the rounds in which they are run. */
export const roundsOf = (kube: KubeVersion): readonly (readonly Situation[])[] =>
  planRounds(
    situationNames()
      .filter((name) => onlySituations?.includes(name) !== false)
      .flatMap((name) => readSituation(name, kube) ?? []),
  );

/** Runs every round of one version, one after the other; a round that fails stands as its error. */
export const runLane = async (kube: KubeVersion): Promise<readonly (RoundOutcome | Error)[]> => {
  const outcomes: (RoundOutcome | Error)[] = [];
  for (const [index, situations] of roundsOf(kube).entries()) {
    outcomes.push(
      await runRound(kube, situations, `${kube}-${index + 1}`).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      ),
    );
  }
  return outcomes;
};
