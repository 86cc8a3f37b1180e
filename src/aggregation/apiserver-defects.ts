import type { ServerVersion } from '../model/facts.ts';

/** A defect of kube-apiserver that shows in the aggregation layer. */
export interface ApiserverDefect {
  /** Pull request of kubernetes/kubernetes that mends it. */
  readonly mendedBy: string;
  /** By minor version the first patch release without it; of a minor that is not named nothing is known. */
  readonly mendedIn: Readonly<Record<number, number>>;
  /** What it does, as a clause. */
  readonly does: string;
}

/** Ranges as told by comparing the tags of kube-aggregator. */
export const apiserverDefects = {
  // pkg/apiserver/handler_discovery.go, fetchFreshDiscoveryForService: only 406 led on to the list of the version.
  noFallback: {
    mendedBy: 'kubernetes/kubernetes#119870',
    mendedIn: { 27: 6, 28: 2 },
    does: 'marks a version as Stale where the backend answers /apis with anything but an aggregated document or status 406',
  },
  // The same function: the fallback's list of one version was kept for all versions of the Service.
  fallbackShared: {
    mendedBy: 'kubernetes/kubernetes#115770',
    mendedIn: { 26: 3 },
    does: 'keeps the list of one version in place of all versions that the Service serves, so that the others are empty',
  },
  // pkg/controllers/openapiv3/aggregator: the document of an APIService was forgotten at each resync, every minute.
  openApiForgotten: {
    mendedBy: 'kubernetes/kubernetes#118881',
    mendedIn: { 27: 6 },
    does: 'forgets the OpenAPI document of every APIService once a minute until it has read it again',
  },
} as const satisfies Readonly<Record<string, ApiserverDefect>>;

/** `1.27.6`, the first release of this minor without the defect; null where the version is not known to have it. */
export const mendedRelease = ({ mendedIn }: ApiserverDefect, { gitVersion }: ServerVersion): string | null => {
  const [, minor, patch] = /^v?1\.(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  const mended = mendedIn[Number(minor)];
  return mended !== undefined && Number(patch) < mended ? `1.${minor}.${mended}` : null;
};
