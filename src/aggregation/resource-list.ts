import type { ApiService } from '../model/facts.ts';
import { legacyResources, type ResourceEntries } from './discovered-resource.ts';
import { InvalidDocument, Place, typeName } from './document-place.ts';
import { groupVersionText } from './group-version.ts';

/** A legacy discovery document, or what is wrong with it: the field, and a sentence part that follows "the answer". */
export type ResourceList =
  /** `resources` counts the entries as they are listed, subresources too. */
  | { readonly valid: true; readonly resources: number; readonly entries: ResourceEntries }
  | { readonly valid: false; readonly field: string; readonly problem: string };

const invalid = (field: string, problem: string): ResourceList => ({ valid: false, field, problem });

/**
 * Whether a JSON value is the APIResourceList of this group version. Required: kind, apiVersion, groupVersion and resources
 * (apimachinery pkg/apis/meta/v1/types.go; none of them is omitempty). A field of another type makes Go refuse all of it.
 */
export const readResourceList = (value: unknown, apiService: Pick<ApiService, 'group' | 'version'>): ResourceList => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid('', `is ${typeName(value)}, not an APIResourceList`);
  const { kind, apiVersion, groupVersion, resources } = value as Readonly<Record<string, unknown>>;
  const expected = groupVersionText(apiService);
  if (kind === undefined) return invalid('kind', 'lacks the field kind');
  if (kind !== 'APIResourceList') return invalid('kind', `is of kind ${JSON.stringify(kind)}, not APIResourceList`);
  // kube-apiserver leaves it out there, for clients of old (apiserver pkg/endpoints/discovery/util.go, keepUnversioned).
  const isAbsentAsUsual = apiVersion === undefined && ['', 'extensions'].includes(apiService.group);
  if (apiVersion === undefined && !isAbsentAsUsual) return invalid('apiVersion', 'lacks the field apiVersion');
  if (apiVersion !== 'v1' && !isAbsentAsUsual)
    return invalid('apiVersion', `has apiVersion ${JSON.stringify(apiVersion)}, not "v1"`);
  if (groupVersion === undefined) return invalid('groupVersion', 'lacks the field groupVersion');
  if (groupVersion !== expected)
    return invalid('groupVersion', `is for ${JSON.stringify(groupVersion)}, not for "${expected}"`);
  if (resources === undefined) return invalid('resources', 'lacks the field resources');
  try {
    // Go marshals a nil slice as null: a list without resources, not a broken one.
    const list = new Place(resources, 'resources');
    return { valid: true, resources: list.items().length, entries: legacyResources(list) };
  } catch (error) {
    if (error instanceof InvalidDocument) return invalid(error.field, error.message);
    throw error;
  }
};
