import { Agent, request } from 'node:https';

export interface Credentials {
  readonly server: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A Kubernetes object, as much of it as the lab looks at. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** The control plane's API over one kept connection. */
export interface ApiClient {
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Parsed answer of a GET; throws unless it is 200. */
  get(path: string): Promise<any>;
  /** Creates the object; one that exists already is left as it is. */
  create(object: KubernetesObject): Promise<void>;
  delete(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): Promise<void>;
  patchStatus(object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>, status: unknown): Promise<void>;
  close(): void;
}

interface ResourceType {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const expectStatus = (what: string, answer: Answer, ...accepted: readonly number[]): void => {
  if (!accepted.includes(answer.status)) throw new Error(`${what}: ${answer.status} ${answer.body.slice(0, 500)}`);
};

export const createApiClient = (credentials: Credentials): ApiClient => {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    ca: credentials.ca,
    cert: credentials.certificate,
    key: credentials.key,
  });
  const resourceTypes = new Map<string, Promise<readonly ResourceType[]>>();

  const ask: ApiClient['ask'] = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(
        `${credentials.server}${path}`,
        {
          agent,
          method,
          timeout: 20_000,
          headers: { ...(content === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              contentType: response.headers['content-type'] ?? '',
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer in 20 s`)));
      outgoing.on('error', reject);
      outgoing.end(content);
    });

  const get: ApiClient['get'] = async (path) => {
    const answer = await ask('GET', path);
    expectStatus(`GET ${path}`, answer, 200);
    return JSON.parse(answer.body);
  };

  const basePath = (apiVersion: string): string =>
    apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

  const collectionPath = async (
    object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>,
  ): Promise<string> => {
    const base = basePath(object.apiVersion);
    let types = resourceTypes.get(base);
    if (types === undefined) {
      types = get(base).then((list) => list.resources as readonly ResourceType[]);
      resourceTypes.set(base, types);
    }
    const type = (await types).find(({ kind, name }) => kind === object.kind && !name.includes('/'));
    if (type === undefined) throw new Error(`${object.apiVersion} has no kind ${object.kind}`);
    return type.namespaced ? `${base}/namespaces/${object.metadata.namespace}/${type.name}` : `${base}/${type.name}`;
  };

  return {
    ask,
    get,
    async create(object) {
      const answer = await ask('POST', await collectionPath(object), object);
      expectStatus(`create ${object.kind} ${object.metadata.name}`, answer, 201, 409);
    },
    async delete(object) {
      const answer = await ask('DELETE', `${await collectionPath(object)}/${object.metadata.name}`);
      expectStatus(`delete ${object.kind} ${object.metadata.name}`, answer, 200, 202, 409);
    },
    async patchStatus(object, status) {
      const path = `${await collectionPath(object)}/${object.metadata.name}/status`;
      const answer = await ask('PATCH', path, { status }, { 'content-type': 'application/merge-patch+json' });
      expectStatus(`patch status of ${object.kind} ${object.metadata.name}`, answer, 200);
    },
    close: () => agent.destroy(),
  };
};
