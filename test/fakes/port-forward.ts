import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { RawFact, RawServedChains, RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { acceptPortForward, refuseUpgrade } from './port-forward-server.ts';
import { replayServedChain } from './served-chain-replay.ts';

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** What the snapshot knows of the Pods' ports in a namespace. */
const factsIn = ({ facts }: RawSnapshot, namespace: string): readonly RawFact<RawServedChains>[] =>
  (facts.apiServices.state === 'known' ? facts.apiServices.value : []).flatMap(({ metadata, spec }) => {
    const fact = spec.service?.namespace === namespace ? own(facts.servedChains, metadata.name) : undefined;
    return fact === undefined ? [] : [fact];
  });

const status = (code: number, reason: string, message: string): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });

/**
 * Answers a port-forward as the kube-apiserver of the snapshot would: a chain is presented again as a TLS 1.2 server
 * presents it, up to the Certificate message, which needs no key; what could not be looked at cannot be looked at here.
 */
export const servePortForward = async (
  raw: RawSnapshot,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> => {
  const url = new URL(request.url ?? '/', 'https://loopback');
  const [, namespace = '', pod = ''] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward$/.exec(url.pathname)?.map(decodeURIComponent) ?? [];
  const port = Number(url.searchParams.get('ports'));
  const facts = factsIn(raw, namespace);
  for (const fact of facts) {
    const endpoint =
      fact.state === 'known'
        ? fact.value.endpoints.find((each) => each.pod === pod && each.address.endsWith(`:${port}`))
        : undefined;
    if (endpoint) {
      const chain = endpoint.chain.map((der) => Buffer.from(der, 'base64'));
      const { stream } = await acceptPortForward(request, socket, head);
      replayServedChain(stream, { chain: chain.length === 0 ? null : chain });
      return;
    }
  }
  const missing = facts.find((fact) => fact.state !== 'known');
  switch (missing?.state) {
    case 'forbidden':
      refuseUpgrade(
        socket,
        403,
        status(403, 'Forbidden', missing.detail.replace(`create pods/portforward in ${namespace}: `, '')),
      );
      return;
    case 'unreachable':
      socket.destroy();
      return;
    case 'timedOut':
      // It never answers; the socket is closed with the server.
      return;
    default:
      refuseUpgrade(socket, 404, status(404, 'NotFound', `pods "${pod}" not found`));
  }
};
