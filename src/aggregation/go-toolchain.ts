import type { Fact, ServerVersion } from '../model/facts.ts';

/**
 * The GODEBUG defaults of kube-apiserver by Kubernetes minor: the `go` line, or `godebug default=`, of its go.mod
 * (kube-aggregator go.mod by tag). The toolchain itself is what /version says: patch releases move to newer ones.
 */
const defaultsByMinor: Readonly<Record<number, string>> = {
  24: '1.19',
  25: '1.19',
  26: '1.19',
  27: '1.20',
  28: '1.20',
  29: '1.21',
  30: '1.22',
  31: '1.22',
  32: '1.23',
  33: '1.24',
  34: '1.24',
  35: '1.25',
  36: '1.26',
};

const OLDEST = 24;
const NEWEST = 36;

/** Go's version and the version whose GODEBUG defaults apply, as the verifier takes them. */
export interface GoToolchain {
  readonly goVersion: string;
  readonly defaultsOf: string;
}

/** The newest Go that is known to build a kube-apiserver. */
export const NEWEST_GO: GoToolchain = { goVersion: '1.26', defaultsOf: '1.26' };

/** Of a Kubernetes minor; `goVersion` is what /version says, or null where it is not known. */
export const goToolchain = (minor: number, goVersion: string | null): GoToolchain => {
  const defaultsOf = defaultsByMinor[Math.min(Math.max(minor, OLDEST), NEWEST)] ?? NEWEST_GO.defaultsOf;
  return { goVersion: /\d+\.\d+(?:\.\d+)?/.exec(goVersion ?? '')?.[0] ?? defaultsOf, defaultsOf };
};

/** Of a server whose version may not be known. */
export const toolchainOf = (serverVersion: Fact<ServerVersion>): GoToolchain =>
  serverVersion.state === 'known' ? goToolchain(serverVersion.value.minor, serverVersion.value.goVersion) : NEWEST_GO;
