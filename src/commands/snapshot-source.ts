import type { CommandContext } from '../cli/define-command.ts';
import { backendFacts, portForwardFacts, type RawFactName, type RawSnapshot } from '../snapshot/raw-snapshot.ts';
import { connectionOf } from './connection.ts';

export interface SourceSelection {
  readonly from?: string | undefined;
}

export interface Wanted {
  readonly facts: readonly RawFactName[];
  /** Reads backends of these APIServices only; all where absent. */
  readonly names?: readonly string[] | undefined;
  /** Of one Service, for `servedChains`. */
  readonly maxEndpoints?: number | undefined;
  /** Above 1 the facts hold so many samples. */
  readonly samples?: number | undefined;
  /** Also who depends on groups that answer. */
  readonly dependents?: boolean | undefined;
}

/** What the caller does not want done. */
export interface LeftOut {
  readonly 'no-port-forward': boolean;
  readonly 'no-probe-resources': boolean;
}

/** What doctor judges by, but for what the flags leave out. */
export const doctorFacts = (leaveOut: LeftOut): readonly RawFactName[] => [
  ...backendFacts,
  ...(leaveOut['no-port-forward'] ? [] : portForwardFacts),
  ...(leaveOut['no-probe-resources'] ? [] : (['resourceProbes'] as const)),
];

/**
 * A snapshot with known APIServices, from --from or from the cluster; which one, no command can tell.
 * @throws SnapshotFormatError, ClusterAccessError
 */
export const readSnapshot = async (
  context: CommandContext,
  selection: SourceSelection,
  wanted: Wanted,
): Promise<RawSnapshot> => {
  const { io, signal } = context;
  if (selection.from !== undefined) {
    const { readSnapshotFile } = await import('../sources/snapshot-file.ts');
    return withApiServices(await readSnapshotFile(selection.from, io.stdin, signal));
  }
  const { captureCluster } = await import('../sources/live/capture-cluster.ts');
  try {
    const snapshot = await captureCluster({
      ...connectionOf(context),
      ...wanted,
      facts: (wanted.samples ?? 1) > 1 ? [...wanted.facts, 'samples'] : wanted.facts,
      now: io.now,
      onProgress: context.progress.show,
    });
    return await withApiServices(snapshot);
  } finally {
    context.progress.stop();
  }
};

/** Without the APIServices there is nothing to judge. */
const withApiServices = async (snapshot: RawSnapshot): Promise<RawSnapshot> => {
  const { apiServices } = snapshot.facts;
  if (apiServices.state === 'known') return snapshot;
  const { ClusterAccessError } = await import('../sources/live/cluster-access-error.ts');
  throw new ClusterAccessError(
    apiServices.detail,
    apiServices.state === 'forbidden'
      ? {
          hint: 'Without get and list on apiservices.apiregistration.k8s.io nothing can be diagnosed; docs/rbac.yaml holds the ClusterRole.',
        }
      : {},
  );
};
