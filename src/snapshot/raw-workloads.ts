import * as v from 'valibot';

import { condition, metadata, nameOnly, nullable, strings, text } from './raw-parts.ts';

// What stands behind the Pods of backends that fail.

/** A Deployment, StatefulSet or DaemonSet of apps/v1. Items of a list have no kind: who lists them writes it. */
export const workload = v.object({
  kind: nullable(text),
  metadata,
  spec: v.object({
    replicas: nullable(v.number()),
    template: nullable(v.object({ metadata: nullable(v.object({ labels: nullable(strings) })) })),
  }),
  status: nullable(
    v.object({
      readyReplicas: nullable(v.number()),
      desiredNumberScheduled: nullable(v.number()),
      numberReady: nullable(v.number()),
      conditions: nullable(v.array(condition)),
    }),
  ),
});

/** A warning, of v1. */
export const event = v.object({
  metadata: nameOnly,
  involvedObject: v.object({ kind: nullable(text), name: nullable(text) }),
  reason: nullable(text),
  message: nullable(text),
  count: nullable(v.number()),
  lastTimestamp: nullable(text),
  eventTime: nullable(text),
  series: nullable(v.object({ count: nullable(v.number()), lastObservedTime: nullable(text) })),
});

/** The first page: events are many, and the last of an object are enough. */
export const eventPage = v.object({ items: nullable(v.array(event)) });

/** The last lines of a container's log; `previous`: of its run before. */
export const containerLog = v.object({ container: text, previous: v.boolean(), text });
