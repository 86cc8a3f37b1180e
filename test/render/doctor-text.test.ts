import { expect, it } from 'vitest';

import { checks } from '../../src/checks/index.ts';
import { deletionOf } from '../../src/diagnosis/deletion.ts';
import { knownApiServices } from '../../src/diagnosis/cluster-summary.ts';
import { doctorReport } from '../../src/diagnosis/report.ts';
import { doctorText } from '../../src/render/text/doctor-text.ts';
import { snapshotOf } from '../case-snapshot.ts';

const name = 'v1.shop.example.com';

it('says in one sentence what webhooks and who else is hit, and what a deletion leaves behind', () => {
  const snapshot = snapshotOf({
    apiServices: [
      {
        name,
        service: { namespace: 'shop', name: 'api', port: 443 },
        availability: {
          status: 'False',
          reason: 'ServiceNotFound',
          message: 'service/api in "shop" is not present',
          since: null,
        },
      },
    ],
    answers: { [name]: { status: 503, text: 'service unavailable\n' } },
    namespaces: { shop: null },
    services: { shop: [] },
    groupRoles: ['reader', 'writer'].map((role) => ({
      kind: 'ClusterRole',
      namespace: null,
      name: role,
      rules: [{ verbs: ['get'], groups: ['shop.example.com'], resources: ['carts'], names: [] }],
    })),
    admissionWebhooks: [
      {
        service: { namespace: 'default', name: 'kubernetes', port: 443, path: '/apis/shop.example.com/v1/reviews' },
        rules: [{ operations: ['CREATE'], groups: [''], resources: ['pods'] }],
      },
    ],
    customResourceConversions: [],
  });
  const report = doctorReport(checks, snapshot, {});
  const [apiService] = knownApiServices(snapshot.facts);
  if (!apiService) throw new Error('no APIService');
  const text = doctorText(
    { ...report, deletion: deletionOf(apiService, snapshot, report.findings) },
    { color: false, unicode: true, width: null, headers: true },
  );
  expect(text).toContain(
    'clients that need the whole of discovery or the group, which 2 roles or webhooks name (AA704)',
  );
  expect(text).toContain('what 1 webhook should see or convert (AA706)');
  expect(text).toMatch(
    /It would leave behind\n {4}ValidatingWebhookConfiguration policy .*\n.*ClusterRole reader, ClusterRole writer/,
  );
});
