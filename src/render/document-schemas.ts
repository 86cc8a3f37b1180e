import * as v from 'valibot';

// The published shape of what the commands print with -o json (docs/report-contract.md); a test validates every document
// that the transcripts hold, with nothing left over.

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const code = v.pipe(text, v.regex(/^AA\d{3}$/));
const severity = v.picklist(['error', 'warning', 'info']);
const confidence = v.picklist(['certain', 'likely', 'possible']);
const verdict = v.picklist(['ok', 'degraded', 'broken', 'unknown']);
const subject = v.object({ kind: text, namespace: v.optional(text), name: text });

const head = <const Kind extends string>(kind: Kind) => ({
  apiVersion: v.literal('kubectl-aa/v1'),
  kind: v.literal(kind),
  capturedAt: v.pipe(text, v.isoTimestamp()),
});

const cluster = v.object({ context: v.nullable(text), server: v.nullable(text), version: v.nullable(text) });

const undetermined = v.array(
  v.object({
    code,
    subject,
    needs: text,
    state: v.picklist(['forbidden', 'unreachable', 'timedOut', 'unreadable', 'notCollected', 'crashed']),
    detail: text,
  }),
);

const doctorReport = v.object({
  ...head('DoctorReport'),
  cluster,
  summary: v.object({
    apiServices: count,
    remote: count,
    errors: count,
    warnings: count,
    infos: count,
    undetermined: count,
    passed: count,
    notApplicable: count,
    skipped: count,
  }),
  findings: v.array(
    v.object({
      code,
      name: text,
      severity,
      subject,
      message: text,
      evidence: v.array(v.object({ from: text, value: text })),
      confidence,
      remedy: v.object({ text, commands: v.array(text) }),
      consequenceOf: v.nullable(v.object({ code, subject })),
      affects: v.array(subject),
    }),
  ),
  undetermined,
  passed: v.optional(v.array(v.object({ code, name: text, count }))),
  deletion: v.optional(
    v.object({
      apiService: text,
      verdict: v.picklist(['safe', 'harmful', 'pointless', 'unknown']),
      why: text,
      breaks: v.array(text),
      leaves: v.array(text),
      recovers: v.array(text),
      comesBack: v.nullable(text),
      steps: v.array(v.object({ text, commands: v.array(text) })),
    }),
  ),
});

const statusList = v.object({
  ...head('StatusList'),
  cluster,
  items: v.array(
    v.object({
      name: text,
      group: text,
      version: text,
      service: v.nullable(v.object({ namespace: text, name: text, port: count })),
      available: v.nullable(v.object({ status: text, reason: text, message: text, since: v.nullable(text) })),
      live: v.nullable(
        v.object({ verdict, httpStatus: count, code: v.nullable(code), detail: text, latencyMs: v.number() }),
      ),
      caBundle: v.nullable(
        v.object({
          present: v.boolean(),
          certificates: count,
          earliestExpiry: v.nullable(text),
          insecureSkipTLSVerify: v.boolean(),
        }),
      ),
      priority: v.object({ group: v.number(), version: v.number() }),
      verdict,
      reason: text,
      owner: v.nullable(text),
      labels: v.record(text, text),
    }),
  ),
});

const catalogueEntry = {
  code,
  name: text,
  severities: v.array(severity),
  situation: text,
  check: v.nullable(
    v.object({
      title: text,
      explanation: text,
      byHand: v.array(text),
      remedy: text,
      source: text,
      explainedBy: v.array(code),
    }),
  ),
};

const versionReport = v.object({
  ...head('VersionReport'),
  client: v.object({ version: text }),
  server: v.nullable(v.object({ version: text, goVersion: v.nullable(text) })),
});

const certificate = v.object({
  subject: v.nullable(text),
  issuer: v.nullable(text),
  serialNumber: v.nullable(text),
  notBefore: v.nullable(text),
  notAfter: v.nullable(text),
  dnsNames: v.nullable(v.array(text)),
  ipAddresses: v.nullable(v.array(text)),
  isCA: v.nullable(v.boolean()),
  keyAlgorithm: v.nullable(text),
  signatureAlgorithm: v.nullable(text),
  subjectKeyId: v.nullable(text),
  authorityKeyId: v.nullable(text),
  sha256: text,
  error: v.nullable(text),
});

const certificateReport = v.object({
  ...head('CertificateReport'),
  cluster,
  items: v.array(
    v.object({
      apiService: v.nullable(text),
      serverName: text,
      unseen: v.nullable(text),
      conditionNote: v.nullable(text),
      caBundle: v.object({ certificates: v.array(certificate), problems: v.array(v.object({ code, detail: text })) }),
      endpoints: v.array(
        v.object({
          address: v.nullable(text),
          pod: v.nullable(text),
          source: v.picklist(['port-forward', 'secret', 'file', 'condition']),
          secret: v.nullable(text),
          tlsVersion: v.nullable(text),
          chain: v.array(certificate),
          verdict: v.object({
            accepted: v.boolean(),
            error: text,
            code: v.nullable(code),
            goVersion: text,
            why: text,
            remedy: text,
            path: v.array(text),
          }),
        }),
      ),
    }),
  ),
});

const place = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1)));
const rank = v.object({ expectedLegacy: place, legacy: place, expectedAggregated: place, aggregated: place });
const preferredVersion = v.object({
  expected: v.nullable(text),
  legacy: v.nullable(text),
  aggregated: v.nullable(text),
  clients: v.nullable(text),
});
const served = v.nullable(v.object({ served: v.boolean(), resources: count, error: v.nullable(text) }));

const discoveryReport = v.object({
  ...head('DiscoveryReport'),
  cluster,
  groups: v.array(
    v.object({
      group: text,
      rank,
      preferredVersion,
      versions: v.array(
        v.object({
          version: text,
          apiService: v.nullable(text),
          servedBy: v.nullable(text),
          rank,
          legacy: served,
          aggregated: served,
          backend: served,
          freshness: v.nullable(text),
        }),
      ),
    }),
  ),
  differences: v.array(
    v.object({
      path: text,
      legacy: v.nullable(text),
      aggregated: v.nullable(text),
      backend: v.nullable(text),
      code: v.nullable(code),
      severity: v.nullable(severity),
      why: text,
    }),
  ),
  documents: v.array(
    v.object({
      from: text,
      path: text,
      accept: text,
      status: v.nullable(count),
      contentType: v.nullable(text),
      bytes: v.nullable(count),
      latencyMs: v.nullable(v.number()),
      error: v.nullable(text),
    }),
  ),
  undetermined,
});

const discoveryDiff = v.object({
  ...head('DiscoveryDiff'),
  before: v.object({ capturedAt: v.pipe(text, v.isoTimestamp()), cluster }),
  after: v.object({ capturedAt: v.pipe(text, v.isoTimestamp()), cluster }),
  changes: v.array(v.object({ path: text, what: text, before: v.nullable(text), after: v.nullable(text) })),
});

const service = v.nullable(v.object({ namespace: text, name: text, port: count }));

const priorityReport = v.object({
  ...head('PriorityReport'),
  cluster,
  documents: v.object({ legacy: v.nullable(text), aggregated: v.nullable(text) }),
  groups: v.array(
    v.object({
      group: text,
      priority: v.nullable(v.number()),
      rank,
      tiedWith: v.array(text),
      preferredVersion,
      versions: v.array(
        v.object({
          version: text,
          apiService: v.nullable(text),
          service,
          priority: v.nullable(v.object({ group: v.number(), version: v.number() })),
          rank,
          freshness: v.nullable(text),
        }),
      ),
      why: v.array(text),
    }),
  ),
  whatIf: v.nullable(
    v.object({
      applied: v.array(v.object({ apiService: text, effect: v.picklist(['created', 'configured', 'unchanged']) })),
      groups: v.array(
        v.object({
          group: text,
          legacy: v.object({ before: place, after: place }),
          aggregated: v.object({ before: place, after: place }),
          preferredVersion: v.object({ before: v.nullable(text), after: v.nullable(text) }),
          overtakes: v.array(text),
          fallsBehind: v.array(text),
        }),
      ),
      names: v.array(v.object({ name: text, before: text, after: text })),
      notes: v.array(text),
    }),
  ),
});

const namedResource = v.object({
  group: text,
  version: text,
  resource: text,
  kind: text,
  namespaced: v.boolean(),
  by: v.picklist(['plural', 'singular', 'shortName', 'kind']),
  apiService: v.nullable(text),
  service,
});

const resolutionReport = v.object({
  ...head('ResolutionReport'),
  cluster,
  name: text,
  resolution: namedResource,
  why: text,
  others: v.array(namedResource),
  withoutGroup: v.nullable(namedResource),
  notSeen: v.array(v.object({ group: text, version: text })),
});

const permissionReport = v.object({
  ...head('PermissionReport'),
  reduced: v.boolean(),
  role: v.object({
    apiVersion: v.literal('rbac.authorization.k8s.io/v1'),
    kind: v.literal('ClusterRole'),
    metadata: v.object({ name: text }),
    rules: v.array(
      v.object({
        apiGroups: v.optional(v.array(text)),
        resources: v.optional(v.array(text)),
        resourceNames: v.optional(v.array(text)),
        nonResourceURLs: v.optional(v.array(text)),
        verbs: v.array(text),
      }),
    ),
  }),
  permissions: v.array(
    v.object({ permission: text, optional: v.nullable(text), allowed: v.nullable(v.boolean()), reason: text }),
  ),
});

const explanation = v.object({
  ...head('Explanation'),
  summary: text,
  findings: v.array(
    v.object({
      code,
      name: text,
      severity,
      confidence,
      why: text,
      message: v.nullable(text),
      messages: count,
      groupVersions: v.array(text),
      next: text,
      now: v.optional(v.nullable(v.picklist(['shown', 'notShown', 'undetermined']))),
    }),
  ),
  subject: v.object({
    groupVersion: v.nullable(text),
    apiService: v.nullable(text),
    service: v.nullable(text),
    address: v.nullable(text),
  }),
  messages: v.object({ read: count, recognised: count }),
  live: v.optional(v.object({ absent: v.array(text), report: v.nullable(doctorReport) })),
});

/** The schemas by kind; `Snapshot` is the snapshot format's own. */
export const documentSchemas = {
  DoctorReport: doctorReport,
  StatusList: statusList,
  CertificateReport: certificateReport,
  DiscoveryReport: discoveryReport,
  DiscoveryDiff: discoveryDiff,
  PriorityReport: priorityReport,
  ResolutionReport: resolutionReport,
  PermissionReport: permissionReport,
  Explanation: explanation,
  CatalogueEntry: v.object({ ...head('CatalogueEntry'), ...catalogueEntry }),
  CatalogueEntryList: v.object({ ...head('CatalogueEntryList'), items: v.array(v.object(catalogueEntry)) }),
  VersionReport: versionReport,
} as const satisfies Readonly<Record<string, v.GenericSchema>>;
