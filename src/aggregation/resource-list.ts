import type { ApiService } from '../model/facts.ts';
import { groupVersionText } from './group-version.ts';

/** A legacy discovery document, or what is wrong with it: the field, and a sentence part that follows "the answer". */
export type ResourceList =
  | { readonly valid: true; readonly resources: number }
  | { readonly valid: false; readonly field: string; readonly problem: string };

const invalid = (field: string, problem: string): ResourceList => ({ valid: false, field, problem });

const typeName = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;

/**
 * Whether a JSON value is the APIResourceList of this group version. Required: kind, apiVersion, groupVersion and resources
 * (apimachinery pkg/apis/meta/v1/types.go; none of them is omitempty).
 */
export const readResourceList = (value: unknown, apiService: Pick<ApiService, 'group' | 'version'>): ResourceList => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid('', `is ${typeName(value)}, not an APIResourceList`);
  const { kind, apiVersion, groupVersion, resources } = value as Readonly<Record<string, unknown>>;
  const expected = groupVersionText(apiService);
  if (kind === undefined) return invalid('kind', 'lacks the field kind');
  if (kind !== 'APIResourceList') return invalid('kind', `is of kind ${JSON.stringify(kind)}, not APIResourceList`);
  if (apiVersion === undefined) return invalid('apiVersion', 'lacks the field apiVersion');
  if (apiVersion !== 'v1') return invalid('apiVersion', `has apiVersion ${JSON.stringify(apiVersion)}, not "v1"`);
  if (groupVersion === undefined) return invalid('groupVersion', 'lacks the field groupVersion');
  if (groupVersion !== expected)
    return invalid('groupVersion', `is for ${JSON.stringify(groupVersion)}, not for "${expected}"`);
  if (resources === undefined) return invalid('resources', 'lacks the field resources');
  // Go marshals a nil slice as null: a list without resources, not a broken one.
  if (resources === null) return { valid: true, resources: 0 };
  if (!Array.isArray(resources)) return invalid('resources', `has ${typeName(resources)} as resources, not a list`);
  return { valid: true, resources: resources.length };
};
