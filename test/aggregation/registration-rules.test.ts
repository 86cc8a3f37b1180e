import { describe, expect, it } from 'vitest';

import { registrationProblems } from '../../src/aggregation/registration-rules.ts';
import type { ApiService } from '../../src/model/facts.ts';
import { apiServicesOf } from '../case-snapshot.ts';

const service = { namespace: 'sem', name: 'api', port: 443 };
const bundle = { text: 'ten bytes.', certificates: [], problems: [] };

const problems = (given: Partial<ApiService>): readonly string[] =>
  apiServicesOf([{ name: 'v1.shop.example.com', service, ...given }])
    .flatMap(registrationProblems)
    .map(({ code, text }) => `${code ?? '-'} ${text}`);

// The texts are those of kube-apiserver 1.29.6, 1.35.4 and 1.36.3.
describe('the API server', () => {
  it.each<readonly [string, Partial<ApiService>]>([
    ['a remote one', {}],
    ['the highest priorities', { groupPriorityMinimum: 20_000, versionPriority: 1000 }],
    ['core', { name: 'v1.', service: null, caBundle: null }],
    ['one without verification', { insecureSkipTlsVerify: true, caBundle: null }],
  ])('takes %s', (_what, given) => {
    expect(problems(given)).toEqual([]);
  });

  it.each<readonly [string, Partial<ApiService>]>([
    [
      'AA107 metadata.name: Invalid value: "v1.other": must be `spec.version+"."+spec.group`: "v1.shop.example.com"',
      { name: 'v1.other', group: 'shop.example.com', version: 'v1' },
    ],
    [
      '- spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
      { name: 'v2.', service: null, caBundle: null },
    ],
    [
      'AA108 spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
      { groupPriorityMinimum: 20_001 },
    ],
    [
      'AA108 spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      { groupPriorityMinimum: 0 },
    ],
    ['AA108 spec.versionPriority: Invalid value: 1001: must be positive and less than 1000', { versionPriority: 1001 }],
    [
      'AA109 spec.caBundle: Invalid value: "10 bytes": local APIServices may not have a caBundle',
      { service: null, caBundle: bundle },
    ],
    [
      'AA109 spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
      { service: null, caBundle: null, insecureSkipTlsVerify: true },
    ],
    [
      'AA109 spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
      { caBundle: bundle, insecureSkipTlsVerify: true },
    ],
    ['- spec.service.namespace: Required value', { service: { ...service, namespace: '' } }],
    [
      '- spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      { service: { ...service, port: 0 } },
    ],
    [
      '- spec.version: Invalid value: "1": a DNS-1035 label must consist of lower case alphanumeric characters or \'-\', start with an alphabetic character, and end with an alphanumeric character',
      { name: '1.shop.example.com' },
    ],
  ])('says %s', (expected, given) => {
    expect(problems(given)).toEqual([expected]);
  });
});
