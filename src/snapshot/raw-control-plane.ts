import * as v from 'valibot';

import { metadata, nameOnly, nullable, strings, text } from './raw-parts.ts';

// What tells of the way from kube-apiserver to the cluster network.

/** Go's names for them (golang.org/x/net/http/httpproxy FromEnvironment). */
const proxyVariable = /^(?:https?_proxy|no_proxy)$/i;

/** A static Pod of kube-apiserver: of its environment what makes it take a proxy. */
export const apiServerPod = v.object({
  metadata: nameOnly,
  spec: v.object({
    containers: v.array(
      v.object({
        name: text,
        env: nullable(
          v.pipe(
            v.array(v.object({ name: text, value: nullable(text) })),
            v.transform((variables) => variables.filter(({ name }) => proxyVariable.test(name))),
          ),
        ),
      }),
    ),
  }),
});

const providerLabel =
  /^(?:cloud\.google\.com\/gke-nodepool|eks\.amazonaws\.com\/nodegroup|kubernetes\.azure\.com\/cluster)$/;

export const node = v.object({
  metadata: v.object({
    name: metadata.entries.name,
    labels: nullable(
      v.pipe(
        strings,
        v.transform((labels): Record<string, string> =>
          Object.fromEntries(Object.entries(labels).filter(([label]) => providerLabel.test(label))),
        ),
      ),
    ),
  }),
  spec: v.object({ providerID: nullable(text), podCIDRs: nullable(v.array(text)) }),
  status: nullable(v.object({ addresses: nullable(v.array(v.object({ type: text, address: text }))) })),
});

/** The first page: one node tells who runs the cluster. */
export const nodePage = v.object({ items: nullable(v.array(node)) });
