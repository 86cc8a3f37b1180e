import { bypassesProxy, httpsProxy, noProxy } from './http-proxy.ts';
import type { ApiServerPod } from '../model/facts.ts';
import type { Evidence } from '../model/finding.ts';

/** A kube-apiserver that sends requests for an address to an HTTP proxy. */
export interface ProxyingServer {
  readonly pod: ApiServerPod;
  readonly proxy: string;
  readonly evidence: readonly Evidence[];
}

export const proxyingServer = (
  pods: readonly ApiServerPod[],
  address: string,
  port: number | null,
): ProxyingServer | null => {
  for (const pod of pods) {
    const proxy = httpsProxy(pod.proxyVariables);
    const list = noProxy(pod.proxyVariables);
    if (proxy === null || bypassesProxy(address, port, list)) continue;
    const from = `Pod kube-system/${pod.name} spec.containers.env`;
    return {
      pod,
      proxy,
      evidence: [
        { from: `${from}[HTTPS_PROXY]`, value: proxy },
        { from: `${from}[NO_PROXY]`, value: list === '' ? 'not set' : list },
      ],
    };
  }
  return null;
};
