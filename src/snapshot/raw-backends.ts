import * as v from 'valibot';

import { commandLine, secretVolumes, specFields } from './certificate-schemas.ts';
import { condition, metadata, nullable, strings, text } from './raw-parts.ts';
import { variablesOff } from './switched-off.ts';
// Objects keep Kubernetes' own shape, cut to the fields that some check or view reads: what is not named here is dropped
// before anything is stored. That is the first half of redaction; redact.ts is the other.

export const apiService = v.object({
  metadata: v.object({
    ...metadata.entries,
    managedFields: nullable(
      v.array(
        v.object({
          manager: nullable(text),
          operation: nullable(text),
          time: nullable(text),
          subresource: nullable(text),
          fieldsV1: nullable(specFields),
        }),
      ),
    ),
  }),
  spec: v.object({
    group: nullable(text),
    version: nullable(text),
    service: nullable(v.object({ namespace: text, name: text, port: nullable(v.number()) })),
    insecureSkipTLSVerify: nullable(v.boolean()),
    caBundle: nullable(text),
    groupPriorityMinimum: v.number(),
    versionPriority: v.number(),
  }),
  status: nullable(v.object({ conditions: nullable(v.array(condition)) })),
});

export const namespace = v.object({
  metadata,
  status: nullable(v.object({ phase: nullable(text), conditions: nullable(v.array(condition)) })),
});

export const service = v.object({
  metadata,
  spec: v.object({
    type: nullable(text),
    clusterIP: nullable(text),
    externalName: nullable(text),
    selector: nullable(strings),
    ports: nullable(
      v.array(
        v.object({
          name: nullable(text),
          port: v.number(),
          protocol: nullable(text),
          targetPort: nullable(v.union([v.number(), text])),
        }),
      ),
    ),
    publishNotReadyAddresses: nullable(v.boolean()),
  }),
});

const endpointPort = v.object({ name: nullable(text), port: nullable(v.number()) });

export const endpointSlice = v.object({
  metadata,
  addressType: nullable(text),
  ports: nullable(v.array(endpointPort)),
  endpoints: nullable(
    v.array(
      v.object({
        addresses: v.array(text),
        conditions: nullable(v.object({ ready: nullable(v.boolean()) })),
        targetRef: nullable(v.object({ kind: nullable(text), name: nullable(text) })),
      }),
    ),
  ),
});

const address = v.object({ ip: text });

export const endpoints = v.object({
  metadata,
  subsets: nullable(
    v.array(
      v.object({
        addresses: nullable(v.array(address)),
        notReadyAddresses: nullable(v.array(address)),
        ports: nullable(v.array(endpointPort)),
      }),
    ),
  ),
});

const containerState = v.object({
  waiting: nullable(v.object({ reason: nullable(text), message: nullable(text) })),
  running: nullable(v.object({ startedAt: nullable(text) })),
  terminated: nullable(
    v.object({
      reason: nullable(text),
      message: nullable(text),
      exitCode: nullable(v.number()),
      finishedAt: nullable(text),
    }),
  ),
});

const containerStatuses = nullable(
  v.array(
    v.object({
      name: text,
      ready: nullable(v.boolean()),
      restartCount: nullable(v.number()),
      state: nullable(containerState),
      lastState: nullable(containerState),
    }),
  ),
);

const containerPorts = nullable(
  v.array(v.object({ name: nullable(text), containerPort: v.number(), protocol: nullable(text) })),
);

export const pod = v.object({
  metadata,
  spec: v.object({
    nodeName: nullable(text),
    serviceAccountName: nullable(text),
    hostNetwork: nullable(v.boolean()),
    volumes: nullable(secretVolumes),
    initContainers: nullable(v.array(v.object({ name: text, restartPolicy: nullable(text), ports: containerPorts }))),
    containers: v.array(
      v.object({
        name: text,
        image: nullable(text),
        command: nullable(commandLine),
        args: nullable(commandLine),
        env: nullable(v.pipe(v.array(v.object({ name: text, value: nullable(text) })), v.transform(variablesOff))),
        volumeMounts: nullable(v.array(v.object({ name: text, mountPath: text, subPath: nullable(text) }))),
        ports: containerPorts,
      }),
    ),
  }),
  status: nullable(
    v.object({
      phase: nullable(text),
      reason: nullable(text),
      message: nullable(text),
      podIP: nullable(text),
      conditions: nullable(v.array(condition)),
      initContainerStatuses: containerStatuses,
      containerStatuses,
    }),
  ),
});
