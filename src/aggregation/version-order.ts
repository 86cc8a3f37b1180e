import { compareText } from '../model/wording.ts';
/** `v1`, `v2beta3`, `v1alpha1` taken apart; null for every other name. */
export interface KubeVersion {
  readonly stability: 'stable' | 'beta' | 'alpha';
  readonly major: bigint;
  /** 0 for a stable version, which has none. */
  readonly minor: bigint;
}

const pattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

const RANKS = { stable: 2, beta: 1, alpha: 0 } as const;

/** Go reads the numbers as int64 and takes a name that does not fit for an ordinary one. */
const MAX_NUMBER = 2n ** 63n - 1n;

/** Reads the version of an API (apimachinery pkg/version/helpers.go). */
export const readKubeVersion = (version: string): KubeVersion | null => {
  const [, majorText, stability = 'stable', minorText = '0'] = pattern.exec(version) ?? [];
  // The names of API versions have at most 63 characters; what is longer is not worth a bigint.
  if (majorText === undefined || version.length > 63) return null;
  const major = BigInt(majorText);
  const minor = BigInt(minorText);
  return major > MAX_NUMBER || minor > MAX_NUMBER
    ? null
    : { stability: stability as KubeVersion['stability'], major, minor };
};

const descending = (a: bigint, b: bigint): number => (a > b ? -1 : a < b ? 1 : 0);

/**
 * Sorts version names as Kubernetes prefers them, the first one most: stable before beta before alpha, then the higher
 * number, then all other names by their letters (apimachinery pkg/version/helpers.go CompareKubeAwareVersionStrings,
 * descending). Go leaves `v1` and `v01` in no order; here their letters decide.
 */
export const compareVersions = (a: string, b: string): number => {
  const left = readKubeVersion(a);
  const right = readKubeVersion(b);
  if (left === null || right === null) {
    if (left !== null) return -1;
    return right !== null ? 1 : compareText(a, b);
  }
  return (
    RANKS[right.stability] - RANKS[left.stability] ||
    descending(left.major, right.major) ||
    descending(left.minor, right.minor) ||
    compareText(a, b)
  );
};
