import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeVersion } from '../lab/build.ts';
import { type ControlPlane, startControlPlane } from '../lab/control-plane.ts';
import { deploySituations, type Unmet } from '../lab/deploy.ts';
import { serviceAccountKubeconfig } from '../lab/extension-api-servers.ts';
import type { ReportedCertificates, ReportedWords } from '../lab/certificate-comparison.ts';
import type { ReportedFinding, ReportedStatus } from '../lab/report-comparison.ts';
import { planRounds } from '../lab/rounds.ts';
import { readSituation, type Situation, situationNames } from '../lab/situation.ts';

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

/** One run of the tool. */
export interface Outcome<Document> {
  readonly exitStatus: number | null;
  readonly stderr: string;
  readonly document: Document;
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
}

const repository = join(import.meta.dirname, '../..');

const runTool = <Document>(
  controlPlane: ControlPlane,
  args: readonly string[],
  kubeconfigPath: string,
): Promise<Outcome<Document>> =>
  new Promise((resolve, reject) => {
    // All situations of a version share a cluster, and three versions a machine: the default deadline is for people.
    const tool = spawn(process.execPath, ['bin/kubectl-aa.js', ...args, '-o', 'json', '--timeout', '3m'], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A home of its own: no cache of discovery documents from another cluster at the same address.
      env: { PATH: process.env['PATH'], HOME: controlPlane.network.folder, KUBECONFIG: kubeconfigPath },
    });
    let stdout = '';
    let stderr = '';
    tool.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    tool.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    tool.once('error', reject);
    tool.once('close', (exitStatus) => {
      try {
        resolve({ exitStatus, stderr, document: JSON.parse(stdout) as Document });
      } catch (cause) {
        reject(new Error(`kubectl-aa ${args.join(' ')}: status ${exitStatus}: ${stderr.slice(0, 2000)}`, { cause }));
      }
    });
  });

const asCallers = async (
  controlPlane: ControlPlane,
  situations: readonly Situation[],
): Promise<ReadonlyMap<string, Outcome<DoctorReport>>> => {
  const outcomes = new Map<string, Outcome<DoctorReport>>();
  for (const { name, namespace, caller } of situations) {
    if (caller === undefined) continue;
    const kubeconfigPath = await serviceAccountKubeconfig(controlPlane, controlPlane.server, namespace, caller);
    outcomes.set(name, await runTool<DoctorReport>(controlPlane, ['doctor'], kubeconfigPath));
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
  const controlPlane = await startControlPlane(kube);
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
    return { situations, unmet, doctor, status, cert, asCaller };
  } finally {
    await controlPlane.stop();
  }
};

/** The situations of one version in the rounds in which they are run. */
export const roundsOf = (kube: KubeVersion): readonly (readonly Situation[])[] =>
  planRounds(situationNames().flatMap((name) => readSituation(name, kube) ?? []));

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
