import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { openApiGroupVersions } from '../../src/sources/live/open-api-group-versions.ts';

describe('the group versions of an OpenAPI document', () => {
  it('are the keys of the index of version 3', () => {
    const index = {
      paths: {
        '.well-known/openid-configuration': {
          serverRelativeURL: '/openapi/v3/.well-known/openid-configuration?hash=1',
        },
        'api/v1': { serverRelativeURL: '/openapi/v3/api/v1?hash=1' },
        apis: { serverRelativeURL: '/openapi/v3/apis?hash=1' },
        'apis/apps': { serverRelativeURL: '/openapi/v3/apis/apps?hash=1' },
        'apis/apps/v1': { serverRelativeURL: '/openapi/v3/apis/apps/v1?hash=1' },
        'apis/metrics.k8s.io/v1beta1': { serverRelativeURL: '/openapi/v3/apis/metrics.k8s.io/v1beta1?hash=1' },
      },
    };
    expect(openApiGroupVersions(JSON.stringify(index))).toEqual(['apps/v1', 'metrics.k8s.io/v1beta1']);
    expect(openApiGroupVersions(JSON.stringify(index, null, 2))).toEqual(['apps/v1', 'metrics.k8s.io/v1beta1']);
  });

  it('are those of the paths of version 2, each once', () => {
    const paths = { '/apis/apps/': {}, '/apis/apps/v1/': {}, '/apis/apps/v1/deployments': {}, '/version/': {} };
    expect(openApiGroupVersions(JSON.stringify({ swagger: '2.0', paths }))).toEqual(['apps/v1']);
  });

  it.each(['', '<html>', '404 page not found', '[]', '{"kind":"Status"}'])('are unknown of %j', (text) => {
    expect(openApiGroupVersions(text)).toBeNull();
  });

  it('are found in any text without a throw and in bounded number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(openApiGroupVersions(`{"paths":{${text}`)?.length ?? 0).toBeLessThan(20);
      }),
    );
    const many = Array.from({ length: 50_000 }, (_each, index) => `"apis/g${index}/v1":{}`).join(',');
    expect(openApiGroupVersions(`{"paths":{${many}}}`)).toHaveLength(20_000);
  });
});
