import type { CommandContext } from '../cli/define-command.ts';
import { DEFAULT_TIMEOUT, parseTimeout } from '../cli/global-options.ts';
import { printable } from '../render/text/printable.ts';
import type { RawSnapshot } from '../snapshot/raw-snapshot.ts';
import { connectionOf } from './connection.ts';
import type { Wanted } from './snapshot-source.ts';

export interface Watching extends Wanted {
  readonly intervalMs: number;
  /** Takes what is seen; true ends the watch. */
  readonly onSnapshot: (snapshot: RawSnapshot) => Promise<boolean>;
}

/**
 * Snapshots of the cluster as it changes, until `signal` ends them. One look at the cluster has the default deadline at most.
 * @throws ClusterAccessError where the cluster cannot be reached to begin with
 */
export const watchSnapshots = async (context: CommandContext, { onSnapshot, ...wanted }: Watching): Promise<void> => {
  const { io, progress } = context;
  const { watchCluster } = await import('../sources/live/watch-cluster.ts');
  await watchCluster({
    ...connectionOf(context),
    ...wanted,
    timeoutMs: Math.min(context.timeoutMs, parseTimeout(DEFAULT_TIMEOUT)),
    now: io.now,
    onProgress: progress.show,
    onSnapshot: (snapshot) => {
      progress.stop();
      return onSnapshot(snapshot);
    },
    onLost: (why) => io.stderr.write(`warning: lost the cluster, trying again: ${printable(why)}\n`),
  });
};
