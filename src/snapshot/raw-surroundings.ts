import * as v from 'valibot';

import { condition, labelSelector, nameOnly, nullable, ownerReferences, text } from './raw-parts.ts';

// What stands around the backends: who asks them, what lets them be reached, and what they are allowed.

const namedMetric = v.object({ metric: v.object({ name: text }) });
const resourceMetric = v.object({ name: text });

/** autoscaling/v2 */
export const autoscaler = v.object({
  metadata: v.object({ ...nameOnly.entries, ownerReferences }),
  spec: v.object({
    scaleTargetRef: nullable(v.object({ kind: text, name: text })),
    metrics: nullable(
      v.array(
        v.object({
          type: text,
          resource: nullable(resourceMetric),
          containerResource: nullable(resourceMetric),
          pods: nullable(namedMetric),
          object: nullable(namedMetric),
          external: nullable(namedMetric),
        }),
      ),
    ),
  }),
  status: nullable(v.object({ conditions: nullable(v.array(condition)) })),
});

/** Of a SelfSubjectReview. */
export const caller = v.object({ username: text, groups: v.array(text) });

/** ConfigMap kube-system/extension-apiserver-authentication */
export const authenticationConfiguration = v.object({
  metadata: nameOnly,
  data: nullable(
    v.object({
      'client-ca-file': nullable(text),
      'requestheader-client-ca-file': nullable(text),
      'requestheader-allowed-names': nullable(text),
    }),
  ),
});

/** A ClusterRoleBinding, or where it has a namespace a RoleBinding. */
export const roleBinding = v.object({
  metadata: nameOnly,
  roleRef: v.object({ kind: text, name: text }),
  subjects: nullable(v.array(v.object({ kind: text, name: text, namespace: nullable(text) }))),
});

export const role = v.object({
  metadata: nameOnly,
  rules: nullable(
    v.array(
      v.object({
        verbs: v.array(text),
        apiGroups: nullable(v.array(text)),
        resources: nullable(v.array(text)),
        resourceNames: nullable(v.array(text)),
      }),
    ),
  ),
});

/** As above; what collects the rules of other roles has an aggregationRule. */
export const groupRole = v.object({ ...role.entries, aggregationRule: nullable(v.object({})) });

const webhookClient = v.object({
  service: nullable(v.object({ namespace: text, name: text, port: nullable(v.number()), path: nullable(text) })),
});

/** admissionregistration.k8s.io/v1, validating or mutating. Items of a list have no kind: who lists them writes it. */
export const webhookConfiguration = v.object({
  kind: nullable(v.picklist(['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'])),
  metadata: nameOnly,
  webhooks: nullable(
    v.array(
      v.object({
        name: text,
        failurePolicy: nullable(text),
        clientConfig: webhookClient,
        rules: nullable(
          v.array(
            v.object({
              operations: nullable(v.array(text)),
              apiGroups: nullable(v.array(text)),
              resources: nullable(v.array(text)),
            }),
          ),
        ),
      }),
    ),
  ),
});

const fieldsOfConversionWebhook = v.pipe(
  v.unknown(),
  v.transform((fields): boolean => {
    const { 'f:conversion': conversion } = (fields as { 'f:spec'?: Record<string, unknown> } | null)?.['f:spec'] ?? {};
    return Object.keys(conversion ?? {}).some((name) => name.startsWith('f:webhook'));
  }),
);

/** The metadata of a CustomResourceDefinition; of the fields that each writer owns, whether they are of a conversion webhook. */
export const customResourceMetadata = v.object({
  metadata: v.object({
    name: text,
    managedFields: nullable(v.array(v.object({ fieldsV1: nullable(fieldsOfConversionWebhook) }))),
  }),
});

/** A CustomResourceDefinition, of which nothing is kept but how its versions are converted. */
export const customResourceConversion = v.object({
  metadata: nameOnly,
  spec: v.object({
    conversion: nullable(v.object({ webhook: nullable(v.object({ clientConfig: nullable(webhookClient) })) })),
  }),
});

/** networking.k8s.io/v1 */
export const networkPolicy = v.object({
  metadata: nameOnly,
  spec: nullable(
    v.object({
      podSelector: nullable(labelSelector),
      policyTypes: nullable(v.array(text)),
      ingress: nullable(
        v.array(
          v.object({
            from: nullable(
              v.array(
                v.object({
                  ipBlock: nullable(v.object({ cidr: text, except: nullable(v.array(text)) })),
                  namespaceSelector: nullable(labelSelector),
                  podSelector: nullable(labelSelector),
                }),
              ),
            ),
            ports: nullable(
              v.array(
                v.object({
                  port: nullable(v.union([v.number(), text])),
                  endPort: nullable(v.number()),
                  protocol: nullable(text),
                }),
              ),
            ),
          }),
        ),
      ),
    }),
  ),
});

/** policy/v1 */
export const disruptionBudget = v.object({
  metadata: nameOnly,
  spec: nullable(v.object({ selector: nullable(labelSelector) })),
});

/** What a request for one resource of a group version got; of a success nothing but its status. */
export const resourceProbe = v.object({
  path: text,
  as: v.optional(v.nullable(text), null),
  httpStatus: v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599)),
  /** The error's words; empty on success. */
  message: text,
});
