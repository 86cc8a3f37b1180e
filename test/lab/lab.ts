import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { binaryPath, buildServers, type KubeVersion, kubeVersions } from './build.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { deploySituations } from './deploy.ts';
import { deleteStaleNetworkNamespaces } from './network-namespace.ts';
import { planRounds } from './rounds.ts';
import { readSituation, type Situation, situationNames } from './situation.ts';

const commands =
  'build | list | up [--kube VERSION] [--situation NAME]… | record NAME… --as CLUSTERNAME [--kube VERSION]';

class UsageError extends Error {}

const repository = join(import.meta.dirname, '../..');

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const asKubeVersion = (text: string): KubeVersion => {
  const version = kubeVersions.find((known) => known === text);
  if (version === undefined) throw new UsageError(`--kube ${text} is none of ${kubeVersions.join(', ')}`);
  return version;
};

const asSituations = (names: readonly string[], kube: KubeVersion): readonly Situation[] => {
  const situations = names.map((name) => {
    if (!situationNames().includes(name)) throw new UsageError(`no situation ${name}; npm run lab -- list names them`);
    const situation = readSituation(name, kube);
    if (situation === undefined) throw new UsageError(`situation ${name} cannot be had on ${kube}`);
    return situation;
  });
  if (planRounds(situations).length > 1) throw new UsageError(`${names.join(', ')} cannot live in one cluster`);
  return situations;
};

const bringUp = async (kube: KubeVersion, situations: readonly Situation[]): Promise<ControlPlane> => {
  deleteStaleNetworkNamespaces();
  await buildServers(say);
  const controlPlane = await startControlPlane(kube, situations[0]?.apiServer);
  const unmet = await deploySituations(controlPlane, situations, say);
  for (const [name, seen] of unmet) say(`warning: ${name} is not as awaited: ${seen}`);
  return controlPlane;
};

const up = async (kube: KubeVersion, situations: readonly Situation[]): Promise<void> => {
  const controlPlane = await bringUp(kube, situations);
  process.stdout.write(`export KUBECONFIG=${controlPlane.kubeconfigPath}\n`);
  say(`kubectl is at ${binaryPath('kubectl')}`);
  say(`Kubernetes ${kube} runs until this process ends: Ctrl-C, or kill ${process.pid}`);
  setInterval(() => {}, 1 << 30);
};

const record = async (kube: KubeVersion, situations: readonly Situation[], clusterName: string): Promise<void> => {
  const controlPlane = await bringUp(kube, situations);
  const target = join('test/clusters', `${clusterName}.aa.json`);
  const tool = spawn(process.execPath, ['bin/kubectl-aa.js', 'snapshot', '-o', target], {
    cwd: repository,
    stdio: 'inherit',
    env: { ...process.env, KUBECONFIG: controlPlane.kubeconfigPath },
  });
  const status = await new Promise<number | null>((resolve) => tool.once('close', resolve));
  await controlPlane.stop();
  if (status !== 0) throw new Error(`kubectl-aa snapshot ended with status ${status}`);
  say(`wrote ${target}`);
};

const list = (): void => {
  for (const name of situationNames()) {
    const versions = kubeVersions.filter((kube) => readSituation(name, kube) !== undefined);
    const title = versions[0] === undefined ? '' : readSituation(name, versions[0])?.title;
    const only = versions.length === kubeVersions.length ? '' : ` (only ${versions.join(', ')})`;
    process.stdout.write(`${name.padEnd(36)} ${title}${only}\n`);
  }
};

const readCommandLine = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        kube: { type: 'string', default: '1.36' },
        situation: { type: 'string', multiple: true, default: [] },
        as: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

const main = async (): Promise<void> => {
  const { values, positionals } = readCommandLine();
  const [command, ...names] = positionals;
  const kube = asKubeVersion(values.kube);
  if (command !== 'record' && names.length > 0) throw new UsageError(`unexpected ${names[0]}`);
  switch (command) {
    case 'build':
      return buildServers(say);
    case 'list':
      return list();
    case 'up':
      return up(kube, asSituations(values.situation, kube));
    case 'record':
      if (values.as === undefined || !/^[a-z0-9-]+$/.test(values.as))
        throw new UsageError('record needs --as CLUSTERNAME');
      return record(kube, asSituations(names, kube), values.as);
    case undefined:
      throw new UsageError(`no command: ${commands}`);
    default:
      throw new UsageError(`unknown command ${command}`);
  }
};

try {
  await main();
} catch (error) {
  say(`error: ${(error as Error).message.split('\n').join(' ')}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
