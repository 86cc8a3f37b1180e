import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareVersions, readKubeVersion } from '../../src/aggregation/version-order.ts';

/** The order that the Kubernetes documentation gives for the versions of a CRD, most preferred first. */
const documented = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10'];

const versions = fc.oneof(
  fc.constantFrom(
    ...documented,
    'v1beta1',
    'v1alpha1',
    'v01',
    'v9223372036854775807',
    'v9223372036854775808',
    'v1beta',
  ),
  fc.stringMatching(/^v\d{1,20}((alpha|beta)\d{1,20})?$/),
  fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/),
);

describe('the order of versions', () => {
  it('is the documented one, whatever the order before', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(documented, { minLength: documented.length }), (shuffled) => {
        expect(shuffled.toSorted(compareVersions)).toEqual(documented);
      }),
      { numRuns: 1000 },
    );
  });

  it('is total: antisymmetric, transitive, and equal for the same name only', () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
        if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) expect(compareVersions(a, c)).toBeLessThan(0);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['v9223372036854775807', 'stable'],
    ['v9223372036854775808', undefined],
    ['v1beta9223372036854775808', undefined],
    ['v2alpha10', 'alpha'],
    ['v1beta', undefined],
    ['V1', undefined],
    [`v${'1'.repeat(100_000)}`, undefined],
  ])('reads %s', (version, stability) => {
    expect(readKubeVersion(version)?.stability).toBe(stability);
  });
});
