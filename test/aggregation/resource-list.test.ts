import { describe, expect, it } from 'vitest';

import { readResourceList } from '../../src/aggregation/resource-list.ts';

const metrics = { group: 'metrics.k8s.io', version: 'v1beta1' };
const list = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'metrics.k8s.io/v1beta1',
  resources: [{ name: 'nodes' }],
};

describe('a list of the group version', () => {
  it('counts its resources', () => {
    expect(readResourceList(list, metrics)).toMatchObject({ valid: true, resources: 1 });
  });

  it.each([[[]], [null]])('may have none: %j', (resources) => {
    expect(readResourceList({ ...list, resources }, metrics)).toMatchObject({ valid: true, resources: 0 });
  });

  it('names the core group by its version alone', () => {
    expect(readResourceList({ ...list, groupVersion: 'v1' }, { group: '', version: 'v1' })).toMatchObject({
      valid: true,
      resources: 1,
    });
  });

  it('has no apiVersion where it is of the core group', () => {
    // As kube-apiserver 1.29.6 answers GET /api/v1.
    const { apiVersion: _, ...core } = { ...list, groupVersion: 'v1' };
    expect(readResourceList(core, { group: '', version: 'v1' })).toMatchObject({ valid: true, resources: 1 });
  });

  it('may hold fields that are not known', () => {
    expect(readResourceList({ ...list, extra: 1 }, metrics)).toMatchObject({ valid: true, resources: 1 });
  });
});

describe('required fields', () => {
  it.each(['kind', 'apiVersion', 'groupVersion', 'resources'])('%s', (field) => {
    const rest = Object.fromEntries(Object.entries(list).filter(([name]) => name !== field));
    expect(readResourceList(rest, metrics)).toEqual({ valid: false, field, problem: `lacks the field ${field}` });
  });
});

describe('another value', () => {
  it.each<[object, string, string]>([
    [{ kind: 'Status' }, 'kind', 'is of kind "Status", not APIResourceList'],
    [{ kind: null }, 'kind', 'is of kind null, not APIResourceList'],
    [{ apiVersion: 'apidiscovery.k8s.io/v2' }, 'apiVersion', 'has apiVersion "apidiscovery.k8s.io/v2", not "v1"'],
    [
      { groupVersion: 'metrics.k8s.io/v1' },
      'groupVersion',
      'is for "metrics.k8s.io/v1", not for "metrics.k8s.io/v1beta1"',
    ],
    [{ groupVersion: 'v1beta1' }, 'groupVersion', 'is for "v1beta1", not for "metrics.k8s.io/v1beta1"'],
    [{ resources: {} }, 'resources', 'has an object as resources, not a list'],
    [{ resources: 'none' }, 'resources', 'has a string as resources, not a list'],
  ])('%j', (change, field, problem) => {
    expect(readResourceList({ ...list, ...change }, metrics)).toEqual({ valid: false, field, problem });
  });
});

describe('no object at all', () => {
  it.each([
    [null, 'is null, not an APIResourceList'],
    [[list], 'is a list, not an APIResourceList'],
    ['ok', 'is a string, not an APIResourceList'],
    [42, 'is a number, not an APIResourceList'],
    [true, 'is a boolean, not an APIResourceList'],
  ])('%j', (value, problem) => {
    expect(readResourceList(value, metrics)).toEqual({ valid: false, field: '', problem });
  });
});
