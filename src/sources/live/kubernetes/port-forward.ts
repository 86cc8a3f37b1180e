import { createHash, randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';

import { type PodPort, RequestFailed, type RequestOptions } from '../cluster-reader.ts';
import { monotonicMs } from '../monotonic.ts';
import { SPDY_SUBPROTOCOL, spdyTunnel } from './spdy-tunnel.ts';
import type { TunnelEvent, TunnelProtocol } from './tunnel-protocol.ts';
import { requestUpgrade, type UpgradeAccess, type UpgradeAnswer } from './upgrade-request.ts';
import { WEB_SOCKET_SUBPROTOCOL, webSocketTunnel } from './web-socket-tunnel.ts';

// client-node's PortForward would do the framing, but it makes its connection itself, from a KubeConfig of its own
// (proxy, impersonation and the rest are read otherwise there: docs/architecture.md, Connection). It drops what the server says when it refuses and
// whatever goes wrong after the upgrade, and a close of channel 1 makes it end our standard output
// (web-socket-handler.js, closeStream). It knows no SPDY either.

/** A byte stream to a Pod's port cannot be had, or broke. */
export class PodPortFailed extends RequestFailed {
  /** What the API server answered instead; null where it is the kubelet or the Pod that fails. */
  readonly httpStatus: number | null;
  /** What the connection to the Pod met with, where the kubelet tells. */
  readonly code: 'ECONNREFUSED' | 'ECONNRESET' | null;

  constructor(
    state: RequestFailed['state'],
    message: string,
    {
      httpStatus = null,
      code = null,
      cause,
    }: { readonly httpStatus?: number | null; readonly code?: PodPortFailed['code']; readonly cause?: unknown } = {},
  ) {
    super(state, message, cause);
    this.httpStatus = httpStatus;
    this.code = code;
  }
}

const WEB_SOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** In one frame; the kubelet copies as much at a time. */
const WRITTEN_BYTES = 32 * 1024;
const FAREWELL_MS = 1000;

const nameOf = ({ namespace, pod, port }: PodPort): string => `port-forward to Pod ${namespace}/${pod} port ${port}`;

/** What the kubelet says in place of a connection; Go's words for what the Pod's port did. */
const kubeletFailure = (target: PodPort, text: string): PodPortFailed => {
  const code = text.includes('connection reset by peer')
    ? 'ECONNRESET'
    : text.includes('connection refused')
      ? 'ECONNREFUSED'
      : null;
  return new PodPortFailed('unreachable', `${nameOf(target)}: ${text.slice(0, 1024).toWellFormed()}`, { code });
};

interface Upgraded {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The tunnel's data as a stream. What came before a failure can be read before the failure is met. */
const streamThrough = (
  { socket, head }: Upgraded,
  protocol: TunnelProtocol,
  target: PodPort,
  signal: AbortSignal,
): Duplex => {
  const events: TunnelEvent[] = [];
  let isWanted = false;
  let isOver = false;
  let isDecoded = false;
  let isFarewellSent = false;

  const broken = (cause: unknown): PodPortFailed =>
    new PodPortFailed('unreachable', `${nameOf(target)}: the connection to the API server broke`, { cause });
  const sayFarewell = (): void => {
    if (isFarewellSent || !socket.writable) return;
    isFarewellSent = true;
    socket.write(protocol.farewell);
  };

  const stream = new Duplex({
    // Nothing is read ahead, so that events come in their order.
    readableHighWaterMark: 0,
    read: () => {
      isWanted = true;
      pump();
    },
    // Nothing goes out after the end of what comes in: WebSocket tunnels have no half-closed state.
    allowHalfOpen: false,
    write: (chunk: Buffer, _encoding, done) => {
      const frames: Buffer[] = [];
      for (let start = 0; start < chunk.length; start += WRITTEN_BYTES)
        frames.push(protocol.encode(chunk.subarray(start, start + WRITTEN_BYTES)));
      socket.write(Buffer.concat(frames), (error) => done(error ? broken(error) : null));
    },
    final: (done) => {
      sayFarewell();
      done();
    },
    destroy: (error, done) => {
      signal.removeEventListener('abort', abort);
      sayFarewell();
      // As long as the farewell takes, but no longer than a server that takes nothing.
      const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
      socket.end(() => {
        clearTimeout(timer);
        socket.destroy();
      });
      done(error);
    },
  });
  // It may fail before anyone listens; whoever uses it then finds it destroyed.
  stream.on('error', () => undefined);

  const take = (event: TunnelEvent): void => {
    switch (event.kind) {
      case 'data':
        isWanted = stream.push(event.bytes);
        return;
      case 'reply':
        if (socket.writable) socket.write(event.bytes);
        return;
      case 'end':
        isOver = true;
        stream.push(null);
        return;
      case 'failure':
        isOver = true;
        stream.destroy(kubeletFailure(target, event.text));
    }
  };
  const nextToTake = (): TunnelEvent | null => {
    const [event] = events;
    if (event === undefined || isOver || stream.destroyed || (!isWanted && event.kind !== 'reply')) return null;
    events.shift();
    return event;
  };
  const pump = (): void => {
    for (let event = nextToTake(); event !== null; event = nextToTake()) take(event);
    if (events.length > 0 || !isWanted) socket.pause();
    else socket.resume();
  };
  const abort = (): void => {
    stream.destroy(new PodPortFailed('timedOut', `${nameOf(target)}: the time for everything was over`));
  };

  const decode = (chunk: Buffer): void => {
    if (!isDecoded) events.push(...protocol.decode(chunk));
    isDecoded ||= events.some(({ kind }) => kind === 'failure' || kind === 'end');
    pump();
  };
  socket.on('data', decode);
  const ended = (): void => {
    events.push({ kind: 'end' });
    pump();
  };
  socket.on('end', ended);
  socket.on('close', ended);
  socket.on('error', (error) => stream.destroy(broken(error)));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  if (protocol.opening.length > 0 && socket.writable) socket.write(protocol.opening);
  decode(head);
  return stream;
};

type Attempt = { readonly state: 'open'; readonly stream: Duplex } | (UpgradeAnswer & { readonly state: 'refused' });

const refused = (httpStatus: number, message: string): Attempt => ({ state: 'refused', httpStatus, message });

/** RFC 6455, 4.1, and websocket.go of the kubelet. */
const overWebSocket = async (
  access: UpgradeAccess,
  target: PodPort,
  path: string,
  options: RequestOptions,
): Promise<Attempt> => {
  const key = randomBytes(16).toString('base64');
  const answer = await requestUpgrade(
    access,
    {
      method: 'GET',
      path: `${path}?ports=${target.port}`,
      headers: {
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': key,
        'Sec-WebSocket-Protocol': WEB_SOCKET_SUBPROTOCOL,
      },
    },
    options,
  );
  if (answer.state === 'refused') return answer;
  const { headers, socket } = answer;
  const expected = createHash('sha1').update(`${key}${WEB_SOCKET_GUID}`).digest('base64');
  const isOurs =
    headers['sec-websocket-accept'] === expected && headers['sec-websocket-protocol'] === WEB_SOCKET_SUBPROTOCOL;
  if (isOurs) return { state: 'open', stream: streamThrough(answer, webSocketTunnel(), target, options.signal) };
  socket.destroy();
  return refused(101, 'the API server does not speak the WebSocket protocol of port-forward');
};

const overSpdy = async (
  access: UpgradeAccess,
  target: PodPort,
  path: string,
  options: RequestOptions,
): Promise<Attempt> => {
  const headers = { Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': SPDY_SUBPROTOCOL };
  const answer = await requestUpgrade(access, { method: 'POST', path, headers }, options);
  if (answer.state === 'refused') return answer;
  const isOurs =
    answer.headers.upgrade === 'SPDY/3.1' && answer.headers['x-stream-protocol-version'] === SPDY_SUBPROTOCOL;
  if (isOurs) return { state: 'open', stream: streamThrough(answer, spdyTunnel(target.port), target, options.signal) };
  answer.socket.destroy();
  return refused(101, 'the API server does not speak the SPDY protocol of port-forward');
};

const failureOf = (
  target: PodPort,
  { httpStatus, message }: { readonly httpStatus: number; readonly message: string },
): PodPortFailed => {
  const words = message === '' ? `HTTP status ${httpStatus}` : message;
  switch (httpStatus) {
    case 401:
      return new PodPortFailed('unreadable', `${nameOf(target)}: 401 Unauthorized: ${words}`, { httpStatus });
    case 403:
      return new PodPortFailed('forbidden', `create pods/portforward in ${target.namespace}: ${words}`, { httpStatus });
    case 404:
      return new PodPortFailed('unreachable', `${nameOf(target)}: ${words}`, { httpStatus });
    default:
      return new PodPortFailed('unreachable', `${nameOf(target)}: HTTP status ${httpStatus}: ${words}`, { httpStatus });
  }
};

/**
 * Opens a byte stream to a port of a Pod through the API server, over WebSocket or, where that is refused, over SPDY as
 * kubectl did first: roles that allow `create` alone allow only this. Whether anyone listens at the port is told by the
 * stream: it then fails with PodPortFailed. The stream ends with `signal`, not with `timeoutMs`.
 * @throws PodPortFailed, RequestFailed
 */
export const openPodPort = async (
  access: UpgradeAccess,
  target: PodPort,
  { timeoutMs, signal }: RequestOptions,
): Promise<Duplex> => {
  const deadline = monotonicMs() + timeoutMs;
  const path = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}/portforward`;
  const first = await overWebSocket(access, target, path, { timeoutMs, signal });
  if (first.state === 'open') return first.stream;
  if (first.httpStatus === 401 || first.httpStatus === 404) throw failureOf(target, first);
  const second = await overSpdy(access, target, path, { timeoutMs: deadline - monotonicMs(), signal });
  if (second.state === 'open') return second.stream;
  // What a gateway in between says of SPDY is beside the point when the API server had said no.
  throw failureOf(target, first.httpStatus === 403 && second.httpStatus !== 403 ? first : second);
};
