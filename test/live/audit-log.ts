import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ControlPlane } from '../lab/control-plane.ts';
import { auditLogPath, firstApiServer } from '../lab/kube-apiserver.ts';

/** A request as kube-apiserver wrote it down. */
export interface AuditedRequest {
  readonly user: string;
  readonly verb: string;
  /** Null for a path that is no resource. */
  readonly resource: { readonly group: string; readonly name: string; readonly object: string | null } | null;
  readonly path: string;
  /** Whether the caller was allowed to ask. */
  readonly allowed: boolean;
}

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly name?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

const requestOf = ({ verb, requestURI, user, objectRef, annotations }: AuditEvent): AuditedRequest => ({
  user: user.username,
  verb,
  resource:
    objectRef?.resource === undefined
      ? null
      : {
          group: objectRef.apiGroup ?? '',
          name: [objectRef.resource, ...(objectRef.subresource === undefined ? [] : [objectRef.subresource])].join('/'),
          object: objectRef.name ?? null,
        },
  path: requestURI.replace(/\?.*$/s, ''),
  allowed: annotations?.['authorization.k8s.io/decision'] === 'allow',
});

/** Every different request that the tool made of this control plane, whoever ran it. */
export const requestsOfTool = async ({ network }: ControlPlane): Promise<readonly AuditedRequest[]> => {
  const requests = new Map<string, AuditedRequest>();
  for await (const line of createInterface({ input: createReadStream(auditLogPath(network, firstApiServer)) })) {
    // Most lines are of the lab itself.
    if (!line.includes('kubectl-aa/')) continue;
    const event = JSON.parse(line) as AuditEvent;
    if (event.userAgent?.startsWith('kubectl-aa/') !== true) continue;
    const request = requestOf(event);
    requests.set(JSON.stringify(request), request);
  }
  return [...requests.values()];
};

const readingVerbs = new Set(['get', 'list', 'watch']);
const selfReviews = new Set(['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews']);

/** Whether it changes nothing: a read, a self-review, or the opening of a port-forward. */
export const isReadOnly = ({ verb, resource }: AuditedRequest): boolean =>
  readingVerbs.has(verb) ||
  (verb === 'create' && resource !== null && (selfReviews.has(resource.name) || resource.name === 'pods/portforward'));

/** A rule of a ClusterRole with one verb. */
export interface Rule {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly object?: string;
  readonly url?: string;
}

/** Whether the rule allows the request (kubernetes pkg/apis/rbac/v1/evaluation_helpers.go). */
export const covers = (rule: Rule, { verb, resource, path }: AuditedRequest): boolean => {
  if (rule.verb !== verb) return false;
  if (rule.url !== undefined)
    return resource === null && (rule.url.endsWith('*') ? path.startsWith(rule.url.slice(0, -1)) : path === rule.url);
  return (
    resource !== null &&
    rule.group === resource.group &&
    (rule.resource === '*' || rule.resource === resource.name) &&
    (rule.object === undefined || rule.object === resource.object)
  );
};
