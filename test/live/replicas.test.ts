import { beforeAll, describe, expect, it } from 'vitest';

import { startTcpBalancer } from '../fakes/tcp-balancer.ts';
import { buildServers, type KubeVersion, kubeVersions } from '../lab/build.ts';
import { type ControlPlane, startControlPlane } from '../lab/control-plane.ts';
import { deploySituations } from '../lab/deploy.ts';
import { readSituation } from '../lab/situation.ts';
import type { ApiServerSpec } from '../lab/kube-apiserver.ts';
import { until } from '../lab/until.ts';
import { runTool } from './run-tool.ts';
import type { DoctorReport } from './situation-lane.ts';

const SITUATION = 'healthy-rsa';
const API_SERVICE = { kind: 'APIService', name: `v1.${SITUATION}.example.com` };

const CODES = ['AA113', 'AA415'];

/** A kube-apiserver whose egress to the cluster leads to a proxy that is not there: it reaches no backend. */
const withoutEgress: ApiServerSpec = {
  flags: { 'egress-selector-config-file': 'egress.json' },
  files: {
    'egress.json': JSON.stringify({
      apiVersion: 'apiserver.k8s.io/v1beta1',
      kind: 'EgressSelectorConfiguration',
      egressSelections: [
        {
          name: 'cluster',
          connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: 'no-proxy' } } },
        },
      ],
    }),
  },
};

/** Doctor through a balancer before both kube-apiservers, the second one started like this. */
const throughBalancer = async (
  kube: KubeVersion,
  spec: ApiServerSpec,
  use: (doctor: (...args: readonly string[]) => Promise<DoctorReport>, controlPlane: ControlPlane) => Promise<void>,
): Promise<void> => {
  const situation = readSituation(SITUATION, kube);
  if (situation === undefined) throw new Error(`no situation ${SITUATION} on ${kube}`);
  const controlPlane = await startControlPlane(kube);
  try {
    expect(await deploySituations(controlPlane, [situation], () => undefined)).toEqual(new Map());
    const port = await controlPlane.startReplica(spec);
    const balancer = await startTcpBalancer(
      [Number(new URL(controlPlane.server).port), port].map((each) => ({ host: '127.0.0.1', port: each })),
    );
    try {
      const kubeconfigPath = controlPlane.kubeconfigFor('balanced', `https://127.0.0.1:${balancer.port}`);
      // Port-forward through a kube-apiserver without egress is another matter.
      const doctor = async (...args: readonly string[]): Promise<DoctorReport> =>
        (await runTool<DoctorReport>(controlPlane, ['doctor', '--no-port-forward', ...args], kubeconfigPath)).document;
      await use(doctor, controlPlane);
    } finally {
      balancer.close();
    }
  } finally {
    await controlPlane.stop();
  }
};

const about = ({ findings }: DoctorReport, code: string) => findings.filter((finding) => finding.code === code);

beforeAll(() => buildServers((line) => process.stderr.write(`${line}\n`)));

describe.each(kubeVersions)('two kube-apiservers %s behind one address', (kube) => {
  it('disagree where one of them does not reach the backend', async () => {
    await throughBalancer(kube, withoutEgress, async (doctor) => {
      let report: DoctorReport | undefined;
      await until('findings of both kinds', 180_000, async () => {
        report = await doctor('--samples', '6');
        const codes = report.findings.map(({ code }) => code);
        return CODES.every((code) => codes.includes(code)) ? undefined : codes.join(' ');
      });
      if (report === undefined) throw new Error('no report');
      process.stderr.write(`${kube}: ${JSON.stringify(report.findings, undefined, 1)}\n`);
      for (const code of CODES)
        expect(about(report, code)).toMatchObject([{ subject: API_SERVICE, severity: 'warning' }]);
      expect(report.undetermined.filter(({ code }) => CODES.includes(code))).toEqual([]);
      expect(about(await doctor(), 'AA113')).toEqual([]);
    });
  });

  it('agree where both are well', async () => {
    await throughBalancer(kube, {}, async (doctor) => {
      await until('no finding', 120_000, async () => {
        const { findings } = await doctor('--samples', '6');
        return findings.length === 0 ? undefined : JSON.stringify(findings);
      });
      const { findings, undetermined } = await doctor('--samples', '6');
      expect(findings).toEqual([]);
      expect(undetermined.filter(({ code }) => CODES.includes(code))).toEqual([]);
    });
  });
});
