import type {
  CoreV1Event,
  V1APIService,
  V1DaemonSet,
  V1Deployment,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1Endpoints,
  V1EndpointSlice,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1Pod,
  V1Secret,
  V1PodDisruptionBudget,
  V1ClusterRole,
  V1CustomResourceDefinition,
  V1Role,
  V1ValidatingWebhookConfiguration,
  V1Service,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { describe, expectTypeOf, it } from 'vitest';

import type { RawFactValues } from '../../src/snapshot/raw-snapshot.ts';

// The snapshot keeps Kubernetes' own shape: a field of ours that its API does not have would never be filled. The compiler
// compares names, all the way down; tsc runs over this file, vitest only lists it.

/** The fields of an object, however nested, as paths. */
type Paths<T, Depth extends readonly unknown[] = []> = Depth['length'] extends 5
  ? never
  : NonNullable<T> extends readonly (infer Item)[]
    ? Paths<Item, [...Depth, unknown]>
    : NonNullable<T> extends Date | string | number | boolean
      ? never
      : string extends keyof NonNullable<T>
        ? never
        : {
            [Key in keyof NonNullable<T> & string]: Key | `${Key}.${Paths<NonNullable<T>[Key], [...Depth, unknown]>}`;
          }[keyof NonNullable<T> & string];

type Unknown<Ours, Theirs> = Exclude<Paths<Ours>, Paths<Theirs>>;

describe('the objects of a snapshot have only fields of the Kubernetes API', () => {
  it('by name, however nested', () => {
    expectTypeOf<Unknown<RawFactValues['apiServices'], V1APIService>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['namespaces'], V1Namespace>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['services'], V1Service>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['endpointSlices'], V1EndpointSlice>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['endpoints'], V1Endpoints>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['pods'], V1Pod>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['secrets'], V1Secret>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['authorities'], V1ConfigMap>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['terminatingNamespaces'][number], V1Namespace>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['autoscalers'], V2HorizontalPodAutoscaler>>().toBeNever();
    // The keys of a ConfigMap are free.
    expectTypeOf<Unknown<RawFactValues['authenticationConfiguration'], V1ConfigMap>>().toEqualTypeOf<
      'data.client-ca-file' | 'data.requestheader-client-ca-file' | 'data.requestheader-allowed-names'
    >();
    expectTypeOf<Unknown<RawFactValues['roleBindings'], V1ClusterRoleBinding>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['roles'], V1Role>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['groupRoles'], V1ClusterRole>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['admissionWebhooks'], V1ValidatingWebhookConfiguration>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['customResourceConversions'], V1CustomResourceDefinition>>().toBeNever();
    // client-node calls it _from.
    expectTypeOf<Unknown<RawFactValues['networkPolicies'], V1NetworkPolicy>>().toEqualTypeOf<'spec.ingress.from'>();
    expectTypeOf<Unknown<RawFactValues['disruptionBudgets'], V1PodDisruptionBudget>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['workloads'], V1Deployment & V1DaemonSet>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['events'], CoreV1Event>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['nodes'], V1Node>>().toBeNever();
    expectTypeOf<Unknown<RawFactValues['apiServerPods'], V1Pod>>().toBeNever();
    // The comparison can fail.
    expectTypeOf<Unknown<{ spec: { nodeNames: string } }, V1Pod>>().toEqualTypeOf<'spec.nodeNames'>();
  });
});
