import type { IncomingHttpHeaders } from 'node:http';

/** apiserver pkg/server/filters: priority-and-fairness.go and maxinflight.go, with_retry_after.go. */
const ownWords = /^(?:Too many requests|The apiserver is shutting down), please try again later\.$/;

const valuesOf = (header: string | string[] | undefined): readonly string[] =>
  [header ?? []].flat().flatMap((value) => value.split(', '));

/**
 * Whether, and how, a 429 is kube-apiserver's own, half a sentence; null where the server behind it said so.
 *
 * kube-apiserver writes Audit-ID, and with priority and fairness the UIDs of flow schema and priority level, before it does
 * anything else, and what a backend answers is added to that (net/http/httputil ReverseProxy): a backend made of the same
 * library shows in a second value, any other in words of its own. An answer with neither header did not pass kube-apiserver,
 * as far as can be seen.
 */
export const ownLoad = (headers: IncomingHttpHeaders, body: string | null): string | null => {
  const auditIds = valuesOf(headers['audit-id']);
  const flowSchemas = valuesOf(headers['x-kubernetes-pf-flowschema-uid']);
  if (auditIds.length > 1 || flowSchemas.length > 1) return null;
  if (auditIds.length + flowSchemas.length === 0)
    return 'too many requests (HTTP status 429) for kube-apiserver, for what stands before it, or for the backend: no header tells';
  const isPlain = /^text\/plain\b/.test(headers['content-type'] ?? '');
  if (!isPlain || !ownWords.test((body ?? '').trimEnd())) return null;
  const [flowSchema] = flowSchemas;
  return `kube-apiserver refuses requests for its own load (HTTP status 429${flowSchema === undefined ? '' : `, flow schema with the UID ${flowSchema}`})`;
};
