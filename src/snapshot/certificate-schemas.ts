import * as v from 'valibot';

import { configMapCertificates, secretCertificates } from './certificate-data.ts';
import { certificateFlags } from './certificate-flags.ts';
import { nameOnly, nullable, strings, text } from './raw-parts.ts';
import { gatesOff } from './switched-off.ts';

// What bears on certificates, of objects of which nearly everything has to be dropped.

/** Without it cainjector takes nothing from a Secret that no Certificate made (cert-manager pkg/controller/cainjector/sources.go). */
export const ALLOW_INJECTION = 'cert-manager.io/allow-direct-injection';

/** Of all the fields that a writer owns the names of those of the spec. */
export const specFields = v.pipe(
  v.unknown(),
  v.transform((fields): { 'f:spec': Record<string, object> } | undefined => {
    const names = Object.keys((fields as { 'f:spec'?: object } | null)?.['f:spec'] ?? {}).filter((name) =>
      /^f:\w{1,64}$/.test(name),
    );
    return names.length > 0 ? { 'f:spec': Object.fromEntries(names.map((name) => [name, {}])) } : undefined;
  }),
);

/** Of a command line what is kept of it. */
export const commandLine = v.pipe(
  v.array(text),
  v.transform((words): string[] => [...certificateFlags(words), ...gatesOff(words)]),
);

const secretItems = nullable(v.array(v.object({ key: text, path: text })));

const volume = v.object({
  name: text,
  secret: nullable(v.object({ secretName: nullable(text), items: secretItems })),
  projected: nullable(
    v.object({
      sources: nullable(
        v.array(v.object({ secret: nullable(v.object({ name: nullable(text), items: secretItems })) })),
      ),
    }),
  ),
});

const holdsSecret = ({ secret, projected }: v.InferOutput<typeof volume>): boolean =>
  Boolean(secret ?? projected?.sources?.some((source) => source.secret));

/** The volumes that hold Secrets. */
export const secretVolumes = v.pipe(
  v.array(volume),
  v.transform((volumes) => volumes.filter(holdsSecret)),
);

// Not `metadata` as elsewhere: an annotation of a Secret can hold all that is in it (last-applied-configuration).
export const certificateSecret = v.object({
  metadata: v.object({
    ...nameOnly.entries,
    annotations: nullable(
      v.pipe(
        strings,
        v.transform(({ [ALLOW_INJECTION]: allowed }): Record<string, string> =>
          allowed === undefined ? {} : { [ALLOW_INJECTION]: allowed },
        ),
      ),
    ),
  }),
  data: nullable(v.pipe(strings, v.transform(secretCertificates))),
});

export const authorityConfigMap = v.object({
  metadata: nameOnly,
  data: nullable(v.pipe(strings, v.transform(configMapCertificates))),
});

const certificateCondition = v.object({ type: text, status: text, reason: nullable(text), message: nullable(text) });

/** A Certificate of cert-manager.io/v1. */
export const issuedCertificate = v.object({
  metadata: nameOnly,
  spec: v.object({ secretName: nullable(text) }),
  status: nullable(v.object({ conditions: nullable(v.array(certificateCondition)) })),
});

export const serverClock = v.object({
  /** The API server's clock less ours, and how far that may be off. */
  offsetSeconds: v.number(),
  uncertaintySeconds: v.number(),
});
