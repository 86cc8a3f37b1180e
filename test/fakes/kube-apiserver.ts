import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';

import type { RawAnswer, RawFact, RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import {
  type Authority,
  type CertificateOptions,
  type Issued,
  issueAuthority,
  issueServing,
} from './certificate-authority.ts';
import { nothingCollected } from '../nothing-collected.ts';
import { servePortForward } from './port-forward.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface KubeApiServerOptions {
  /** Most items of one page, whatever `limit` asks for. */
  readonly pageItems?: number;
  /** Takes as long for an answer as the snapshot says that it took. Default: answers at once. */
  readonly keepLatency?: boolean;
  readonly port?: number;
  /** Answers instead of the snapshot where it returns true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface KubeconfigOptions {
  /** Default: the snapshot's own context. */
  readonly context?: string;
  /** Default: a bearer token. */
  readonly credential?: 'token' | 'clientCertificate' | 'none';
}

export interface KubeApiServer {
  readonly url: string;
  readonly kubeconfigText: (options?: KubeconfigOptions) => string;
  readonly authorityPem: string;
  /** The bearer token it accepts. */
  readonly token: string;
  /** Every request so far, refused ones too. */
  readonly requests: readonly ReceivedRequest[];
  readonly close: () => Promise<void>;
}

const HOUR_MS = 3_600_000;

const validity = {
  keyType: 'ecdsa-p256',
  notBefore: new Date(Date.now() - 48 * HOUR_MS),
  notAfter: new Date(Date.now() + 48 * HOUR_MS),
} as const;

const authority = issueAuthority({ ...validity, commonName: 'loopback authority' });

/** A certificate for the loopback; broken ones by the options. */
export const loopbackCertificate = (options: Partial<CertificateOptions> = {}): Issued =>
  issueServing(authority, { ...validity, commonName: 'kube-apiserver', ipAddresses: ['127.0.0.1'], ...options });

/** The authority of all servers of a process. */
export const loopbackAuthority: Authority = authority;

export const loopbackClient: Issued = issueServing(authority, {
  ...validity,
  commonName: 'caller',
  extendedKeyUsages: ['clientAuth'],
});

/** A kubeconfig whose one context leads to `server`. */
export const kubeconfigFor = (parts: {
  readonly server: string;
  readonly context?: string;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
}): string =>
  // YAML takes JSON.
  `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': parts.context ?? 'loopback',
      clusters: [{ name: 'cluster', cluster: { server: parts.server, ...parts.cluster } }],
      users: [{ name: 'user', user: parts.user ?? {} }],
      contexts: [{ name: parts.context ?? 'loopback', context: { cluster: 'cluster', user: 'user' } }],
    },
    null,
    2,
  )}\n`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
      readonly afterMs?: number;
    }
  | { readonly kind: 'endless' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'silence' };

const json = (value: unknown, status = 200): Reply => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

const status = (code: number, reason: string, message: string): Reply =>
  json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }, code);

const notFound = status(404, 'NotFound', 'the server could not find the requested resource');

/** More nested than anything needs. */
const nested = '['.repeat(101);

/**
 * What makes a reader say `${what}: ${words}`. Words that no server can provoke are said as a 500, so that they are not lost:
 * the reader then puts `HTTP status 500: ` before them.
 */
const unreadable = (words: string): Reply => {
  const unauthorized =
    /^401 Unauthorized: ([\s\S]*); the credential is missing, expired or not meant for this server$/.exec(words)?.[1];
  if (unauthorized !== undefined) return status(401, 'Unauthorized', unauthorized);
  if (words === 'HTTP status 404; is this a Kubernetes API server?') return notFound;
  const [, code, message = ''] = /^HTTP status (\d{3}): ([\s\S]*)$/.exec(words) ?? [];
  if (code !== undefined) return status(Number(code), 'InternalError', message);
  const target = /^redirected to ([^\s]+), which is not followed$/.exec(words)?.[1];
  if (target !== undefined) {
    return { kind: 'answer', status: 302, headers: target === 'nowhere' ? {} : { location: target }, body: '' };
  }
  if (words.startsWith('the answer is larger than ')) return { kind: 'endless' };
  if (words.startsWith('the answer is more nested ')) {
    return { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: nested };
  }
  if (words.startsWith('the answer is not JSON')) {
    return { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Welcome</html>' };
  }
  if (words === 'the answer is not a list') return json({});
  if (words === 'item 0: the answer: expected Object, found null') return json({ items: [null] });
  if (words === 'the answer: expected Object, found null') return json(null);
  return status(500, 'InternalError', words);
};

const missingReply = ({ state, detail }: Exclude<RawFact<unknown>, { state: 'known' }>, what: string): Reply => {
  const words = detail.startsWith(`${what}: `) ? detail.slice(what.length + 2) : detail;
  switch (state) {
    case 'forbidden':
      return status(403, 'Forbidden', words);
    case 'unreachable':
      return { kind: 'cut' };
    case 'timedOut':
      return { kind: 'silence' };
    case 'unreadable':
      return unreadable(words);
    case 'notCollected':
      return notFound;
  }
};

const answerReply = ({ httpStatus, contentType, location, latencyMs, body }: RawAnswer): Reply => {
  const headers = {
    ...(contentType === null ? {} : { 'content-type': contentType }),
    ...(location === null ? {} : { location }),
  };
  const answer = { kind: 'answer', status: httpStatus, headers, afterMs: latencyMs } as const;
  switch (body.form) {
    case 'empty':
      return { ...answer, body: '' };
    case 'json':
      return { ...answer, body: JSON.stringify(body.value) };
    case 'text':
      return { ...answer, body: body.text + '.'.repeat(body.leftOut) };
    case 'damaged':
      return { ...answer, headers: { ...headers, 'content-encoding': 'gzip' }, body: 'no gzip' };
    case 'tooLarge':
      return body.why.startsWith('larger than') ? { kind: 'endless' } : { ...answer, body: nested };
  }
};

/** One page, in the order given, as kube-apiserver cuts it. */
const page = (kind: string, items: readonly unknown[], query: URLSearchParams, pageItems: number): Reply => {
  const from = Number(query.get('continue') ?? '0');
  const limit = Math.min(Number(query.get('limit') ?? '0') || pageItems, pageItems);
  const rest = Math.max(0, items.length - from - limit);
  return json({
    kind,
    apiVersion: 'v1',
    metadata: {
      resourceVersion: '1000',
      ...(rest > 0 ? { continue: String(from + limit), remainingItemCount: rest } : {}),
    },
    items: items.slice(from, from + limit),
  });
};

type NamespacedFact = 'services' | 'endpointSlices' | 'endpoints' | 'pods' | 'networkPolicies' | 'disruptionBudgets';

/** By the path of the list, with the words the collectors say when they cannot read it. */
const namespaced: Readonly<Record<string, readonly [NamespacedFact, string]>> = {
  'api/v1/services': ['services', 'services'],
  'api/v1/endpoints': ['endpoints', 'endpoints'],
  'api/v1/pods': ['pods', 'pods'],
  'apis/discovery.k8s.io/v1/endpointslices': ['endpointSlices', 'endpointslices.discovery.k8s.io'],
  'apis/networking.k8s.io/v1/networkpolicies': ['networkPolicies', 'networkpolicies.networking.k8s.io'],
  'apis/policy/v1/poddisruptionbudgets': ['disruptionBudgets', 'poddisruptionbudgets.policy'],
};

const RBAC = 'apis/rbac.authorization.k8s.io/v1';
const CUSTOM_RESOURCES = 'apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** By the list of apps/v1 that holds them. */
const workloadKinds: Readonly<Record<string, string>> = {
  deployments: 'Deployment',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
};

/** What is asked of the whole cluster, and what backends are allowed; undefined for another path. */
const surroundings = ({ facts }: RawSnapshot, path: string, query: URLSearchParams, pageItems: number) => {
  const list = (fact: RawFact<readonly unknown[]>, what: string, keep: (item: any) => boolean = () => true): Reply =>
    fact.state === 'known' ? page('List', fact.value.filter(keep), query, pageItems) : missingReply(fact, what);
  switch (path) {
    case 'api/v1/namespaces':
      return query.get('fieldSelector') === 'status.phase=Terminating'
        ? list(facts.terminatingNamespaces, 'list namespaces')
        : notFound;
    case 'api/v1/nodes':
      return list(facts.nodes, 'list nodes');
    case 'api/v1/namespaces/kube-system/pods':
      return query.get('labelSelector') === 'component=kube-apiserver'
        ? list(facts.apiServerPods, 'list pods in namespace kube-system')
        : undefined;
    case CUSTOM_RESOURCES: {
      const { customResourceNames: fact } = facts;
      return fact.state === 'known'
        ? page(
            'PartialObjectMetadataList',
            fact.value.map((name) => ({ metadata: { name } })),
            query,
            pageItems,
          )
        : missingReply(fact, 'list customresourcedefinitions.apiextensions.k8s.io');
    }
    case `${RBAC}/clusterroles`:
      return list(facts.groupRoles, 'list clusterroles.rbac.authorization.k8s.io', (item) => !item.metadata.namespace);
    case `${RBAC}/roles`:
      return list(facts.groupRoles, 'list roles.rbac.authorization.k8s.io', (item) => Boolean(item.metadata.namespace));
    case 'apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations':
    case 'apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations':
      return list(
        facts.admissionWebhooks,
        `list ${path.slice(path.lastIndexOf('/') + 1)}.admissionregistration.k8s.io`,
        (item) => path.endsWith(`/${item.kind.toLowerCase()}s`),
      );
    case 'apis/autoscaling/v2/horizontalpodautoscalers':
      return list(facts.autoscalers, 'list horizontalpodautoscalers.autoscaling');
    case `${RBAC}/clusterrolebindings`:
      return list(
        facts.roleBindings,
        'list clusterrolebindings.rbac.authorization.k8s.io',
        (item) => !item.metadata.namespace,
      );
    case `${RBAC}/namespaces/kube-system/rolebindings`:
      return list(facts.roleBindings, 'list rolebindings', (item) => Boolean(item.metadata.namespace));
    case 'api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication': {
      const fact = facts.authenticationConfiguration;
      return fact.state === 'known' && fact.value ? json(fact.value) : notFound;
    }
    default: {
      const [, kind, name = ''] = /\/(clusterroles|roles)\/([^/]+)$/.exec(path) ?? [];
      if (kind !== undefined && path.startsWith(RBAC)) {
        const fact = own(facts.roles, `${kind === 'roles' ? 'Role' : 'ClusterRole'}/${name}`);
        return fact?.state === 'known' && fact.value ? json(fact.value) : notFound;
      }
      const definition =
        path.startsWith(`${CUSTOM_RESOURCES}/`) && own(facts.customResources, path.slice(CUSTOM_RESOURCES.length + 1));
      const conversion =
        facts.customResourceConversions.state === 'known' &&
        facts.customResourceConversions.value.find(({ metadata }) => path === `${CUSTOM_RESOURCES}/${metadata.name}`);
      if (conversion) return json(conversion);
      if (definition) return definition.state === 'known' && definition.value ? json(definition.value) : notFound;
      const probe = Object.values(facts.resourceProbes).find(
        (fact) => fact.state === 'known' && fact.value?.path === `/${path}?${query.toString()}`,
      );
      if (probe?.state !== 'known' || !probe.value) return undefined;
      const { httpStatus, message } = probe.value;
      return httpStatus < 400 ? json({ kind: 'List', items: [] }) : status(httpStatus, 'Failure', message);
    }
  }
};

type NamedFact = 'secrets' | 'authorities' | 'certificates';

/** Objects that are asked for by name, by the path of their list. */
const named: Readonly<Record<string, readonly [NamedFact, (namespace: string, name: string) => string, string]>> = {
  'api/v1/secrets': ['secrets', (namespace, name) => `${namespace}/${name}`, 'secrets'],
  'api/v1/configmaps': ['authorities', (_namespace, name) => name, 'configmaps'],
  'apis/cert-manager.io/v1/certificates': ['certificates', (namespace, name) => `${namespace}/${name}`, 'certificates'],
};

const injectorOf: Readonly<Record<string, string>> = {
  'app.kubernetes.io/component=cainjector': 'cert-manager',
  'app=service-ca': 'OpenShift service-ca',
  'app=olm-operator': 'OLM',
};

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** The discovery document that the path and the Accept header ask for, if it is one of the whole cluster. */
const documentName = (path: string, accept: string): string | null => {
  const form = accept.includes('profile=nopeer')
    ? 'aggregatedNoPeer'
    : accept.includes('APIGroupDiscoveryList')
      ? 'aggregated'
      : 'legacy';
  return path === 'apis' ? form : path === 'api' ? `${form}Core` : null;
};

const replyTo = ({ facts }: RawSnapshot, url: URL, accept: string, pageItems: number): Reply => {
  const segments = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const path = segments.join('/');
  if (path === 'version') {
    const { serverVersion } = facts;
    return serverVersion.state === 'known' ? json(serverVersion.value) : missingReply(serverVersion, 'get /version');
  }
  if (path === 'apis/apiregistration.k8s.io/v1/apiservices') {
    const { apiServices } = facts;
    return apiServices.state === 'known'
      ? page('APIServiceList', apiServices.value, url.searchParams, pageItems)
      : missingReply(apiServices, 'list apiservices.apiregistration.k8s.io');
  }
  const document = documentName(path, accept);
  if (document !== null) {
    const fact = own(facts.discoveryDocuments, document);
    if (fact === undefined) return notFound;
    return fact.state === 'known' ? answerReply(fact.value) : missingReply(fact, `get /${path}`);
  }
  const around = surroundings({ facts } as RawSnapshot, path, url.searchParams, pageItems);
  if (around !== undefined) return around;
  const inNamespace = segments.indexOf('namespaces');
  if (/^api\/v1\/namespaces\/[^/]+\/events$/.test(path)) {
    const fact = own(facts.events, segments[inNamespace + 1] ?? '');
    if (fact?.state !== 'known') return fact ? missingReply(fact, 'list events') : notFound;
    return page('EventList', fact.value, url.searchParams, pageItems);
  }
  const workloadKind = path.startsWith('apis/apps/v1/') ? own(workloadKinds, segments.at(-1) ?? '') : undefined;
  if (workloadKind !== undefined) {
    const fact = own(facts.workloads, segments[inNamespace + 1] ?? '');
    if (fact?.state !== 'known') return fact ? missingReply(fact, `list ${segments.at(-1)}.apps`) : notFound;
    const items = fact.value.filter(({ kind }) => kind === workloadKind);
    // As kube-apiserver lists them: without the kind of each.
    return page(
      'List',
      items.map(({ kind: _kind, ...item }) => item),
      url.searchParams,
      pageItems,
    );
  }
  if (inNamespace >= 0 && segments.length - inNamespace === 2 && segments[0] === 'api') {
    const name = segments[inNamespace + 1] ?? '';
    const fact = own(facts.namespaces, name);
    if (fact === undefined) return notFound;
    if (fact.state !== 'known') return missingReply(fact, `get namespaces ${name}`);
    return fact.value === null ? status(404, 'NotFound', `namespaces "${name}" not found`) : json(fact.value);
  }
  if (inNamespace >= 0 && segments.length - inNamespace === 4) {
    const [namespace = '', resource = '', name = ''] = segments.slice(inNamespace + 1);
    const [factName, nameOf, kind] = own(named, [...segments.slice(0, inNamespace), resource].join('/')) ?? [];
    const fact = factName && nameOf && own<RawFact<unknown>>(facts[factName], nameOf(namespace, name));
    if (!fact) return notFound;
    if (fact.state !== 'known') return missingReply(fact, `get ${kind ?? ''} ${namespace}/${name}`);
    return fact.value === null ? status(404, 'NotFound', `${kind ?? ''} "${name}" not found`) : json(fact.value);
  }
  if (path === 'api/v1/pods') {
    const fact = own(facts.injectors, injectorOf[url.searchParams.get('labelSelector') ?? ''] ?? '');
    if (!fact) return notFound;
    return fact.state === 'known'
      ? page('PodList', fact.value, url.searchParams, pageItems)
      : missingReply(fact, 'list pods in all namespaces');
  }
  if (inNamespace >= 0 && segments.length - inNamespace === 3) {
    const [namespace = '', resource = ''] = segments.slice(inNamespace + 1);
    const known = own(namespaced, [...segments.slice(0, inNamespace), resource].join('/'));
    if (known === undefined) return notFound;
    const [factName, resourceName] = known;
    const fact = own<RawFact<readonly unknown[]>>(facts[factName], namespace);
    if (fact === undefined) return notFound;
    return fact.state === 'known'
      ? page('List', fact.value, url.searchParams, pageItems)
      : missingReply(fact, `list ${resourceName} in namespace ${namespace}`);
  }
  const [root, ...groupVersion] = segments;
  const [group, version] = root === 'api' ? ['', ...groupVersion] : groupVersion;
  const asked = facts.apiServices.state === 'known' ? facts.apiServices.value : [];
  const apiService = asked.find(({ spec }) => (spec.group ?? '') === group && spec.version === version);
  const fact = apiService && own(facts.answers, apiService.metadata.name);
  if (fact === undefined) return notFound;
  if (fact.state !== 'known') return missingReply(fact, 'get the path itself');
  return answerReply(fact.value);
};

const MEBIBYTE = Buffer.alloc(1024 * 1024, ' ');
const LARGE_MEBIBYTES = 33;

const send = async (response: ServerResponse, reply: Reply, keepLatency: boolean): Promise<void> => {
  switch (reply.kind) {
    case 'silence':
      return;
    case 'cut':
      // Over HTTP/2 others share the connection: the request alone is broken off.
      if (response instanceof http2.Http2ServerResponse) response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      else response.socket?.destroy();
      return;
    case 'endless':
      response.writeHead(200, { 'content-type': 'application/json' });
      Readable.from(Array<Buffer>(LARGE_MEBIBYTES).fill(MEBIBYTE)).pipe(response);
      return;
    case 'answer':
      if (keepLatency && reply.afterMs !== undefined) await pause(reply.afterMs, undefined, { ref: false });
      response.writeHead(reply.status, { ...reply.headers, 'audit-id': '00000000-0000-0000-0000-000000000000' });
      response.end(reply.body);
  }
};

/**
 * Serves a snapshot over loopback HTTPS as a kube-apiserver would, on the fixed paths that a capture asks for. Whatever the
 * snapshot could not look at, a capture of this server cannot either, and for the same reason.
 *
 * No server can make a reader say: the address of another server (in `unreachable` and `timedOut`), that it was not asked
 * (`notCollected`; it answers 404), that a path was `forbidden` to ask (an answer of 403, which only `decode` reads so), or
 * that an APIService names no version to ask for (that is the APIService's own doing).
 */
export const startKubeApiServer = async (
  raw: RawSnapshot,
  { pageItems = 500, keepLatency = false, port = 0, intercept }: KubeApiServerOptions = {},
): Promise<KubeApiServer> => {
  // A snapshot of an earlier version lacks what was not read then.
  Object.assign(raw.facts, { ...nothingCollected, ...raw.facts });
  const serving = loopbackCertificate();
  const token = `loopback-${randomBytes(12).toString('hex')}`;
  const requests: ReceivedRequest[] = [];
  const connections = new Set<Duplex>();
  // HTTP/2 where the client knows it, as kube-apiserver; requests and answers look alike either way.
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, path: url, headers });
    if (intercept?.(request, response)) return;
    const authenticated = headers.authorization === `Bearer ${token}` || (request.socket as TLSSocket).authorized;
    const reply =
      method === 'POST' &&
      url === '/apis/authentication.k8s.io/v1/selfsubjectreviews' &&
      raw.facts.caller.state === 'known'
        ? json({ status: { userInfo: raw.facts.caller.value } }, 201)
        : method !== 'GET'
          ? status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
          : authenticated
            ? replyTo(raw, new URL(url, 'https://loopback'), headers.accept ?? '', pageItems)
            : status(401, 'Unauthorized', 'Unauthorized');
    send(response, reply, keepLatency).catch(() => response.destroy());
  };
  const server = http2.createSecureServer(
    {
      allowHTTP1: true,
      cert: serving.pem,
      key: serving.privateKeyPem,
      ca: authority.pem,
      requestCert: true,
      rejectUnauthorized: false,
      // In MB; what is queued to be sent counts.
      maxSessionMemory: 1000,
    },
    onRequest as never,
  );
  server.on('secureConnection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, path: url, headers });
    socket.on('error', () => socket.destroy());
    if (headers.authorization === `Bearer ${token}` || (request.socket as TLSSocket).authorized)
      servePortForward(raw, request, socket, head).catch(() => socket.destroy());
    else socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    authorityPem: authority.pem,
    token,
    requests,
    kubeconfigText: ({ context, credential = 'token' } = {}) =>
      kubeconfigFor({
        server: url,
        context: context ?? raw.cluster.context ?? 'loopback',
        cluster: { 'certificate-authority-data': base64(authority.pem) },
        user: {
          token: { token },
          clientCertificate: {
            'client-certificate-data': base64(loopbackClient.pem),
            'client-key-data': base64(loopbackClient.privateKeyPem),
          },
          none: {},
        }[credential],
      }),
    close: async () => {
      for (const connection of connections) connection.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
