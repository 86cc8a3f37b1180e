import type { FindingCode, Severity } from './catalogue.ts';

/** certain: the evidence proves it; likely: fits all that was seen, something relevant was not; possible: one of several. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** A Kubernetes object as a report names it; `namespace` is left out where there is none. */
export interface Subject {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Where something can be seen again, and what was seen there. */
export interface Evidence {
  readonly from: string;
  readonly value: string;
}

export interface Remedy {
  readonly text: string;
  readonly commands: readonly string[];
}

/** A failure as the report lists it (docs/report-contract.md). */
export interface Finding {
  readonly code: FindingCode;
  readonly name: string;
  readonly severity: Severity;
  readonly subject: Subject;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly confidence: Confidence;
  readonly remedy: Remedy;
  readonly consequenceOf: { readonly code: FindingCode; readonly subject: Subject } | null;
  readonly affects: readonly Subject[];
}

export const sameSubject = (a: Subject, b: Subject): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;

/** `Service kube-system/metrics-server`, `APIService v1beta1.metrics.k8s.io`. */
export const subjectText = ({ kind, namespace, name }: Subject): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;

/** What follows directly from a finding. */
export const consequencesOf = (cause: Finding, findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(
    ({ consequenceOf }) =>
      consequenceOf !== null && consequenceOf.code === cause.code && sameSubject(consequenceOf.subject, cause.subject),
  );

/** What follows from a finding at any remove, each once, without itself. */
export const allConsequencesOf = (cause: Finding, findings: readonly Finding[]): readonly Finding[] => {
  const found = new Set([cause]);
  for (const one of found) for (const next of consequencesOf(one, findings)) found.add(next);
  found.delete(cause);
  return [...found];
};
