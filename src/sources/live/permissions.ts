import * as v from 'valibot';

import type { PermissionRule, RequiredPermission } from '../../model/report.ts';
import { redactText } from '../../snapshot/redact.ts';
import { type ConnectionOptions, withReader } from './capture-cluster.ts';
import { type AccessRequest, RequestFailed } from './cluster-reader.ts';
import { collectors } from './collectors/index.ts';
import type { Permission } from './collectors/define-collector.ts';
import { type Look, lookThrough } from './look.ts';

/** What `--reduced` does without. */
const isDispensable = (permission: Permission): boolean =>
  'resource' in permission && ['pods/portforward', 'secrets'].includes(permission.resource);

/** Who alone asks for it; null where the role holds it. */
const optionalFor = (permission: Permission): string | null =>
  'resource' in permission ? (permission.optional ?? null) : null;

/**
 * Every permission that a collector names, once, and for the probe of resources, which the reduced role does without, a list in
 * each of these groups.
 */
const permissionsOf = (reduced: boolean, groups: readonly string[]): readonly Permission[] => {
  const all = [
    ...Object.values(collectors).flatMap(({ requires }): readonly Permission[] => requires),
    ...(reduced ? [] : groups).map((group): Permission => ({ verb: 'list', group, resource: '*' })),
  ];
  const byText = new Map(all.map((permission) => [JSON.stringify(permission), permission]));
  return [...byText.values()].filter((permission) => !reduced || !isDispensable(permission));
};

/** The rules of the ClusterRole for all that is read, or for what `--reduced` leaves of it, in a cluster with these remote groups. */
export const requiredRules = (reduced: boolean, groups: readonly string[] = []): readonly PermissionRule[] => {
  const rules = new Map<string, PermissionRule>();
  for (const permission of permissionsOf(reduced, groups)) {
    if (optionalFor(permission) !== null) continue;
    const rule =
      'nonResourceURL' in permission
        ? { nonResourceURLs: [permission.nonResourceURL] }
        : {
            apiGroups: [permission.group],
            resources: [permission.resource],
            ...(permission.resourceName === undefined ? {} : { resourceNames: [permission.resourceName] }),
          };
    const key = JSON.stringify(rule);
    rules.set(key, { ...rule, verbs: [...(rules.get(key)?.verbs ?? []), permission.verb] });
  }
  return [...rules.values()];
};

const accessRequest = (permission: Permission): AccessRequest => {
  if ('nonResourceURL' in permission)
    return { nonResourceAttributes: { verb: permission.verb, path: permission.nonResourceURL } };
  const [resource = '', subresource] = permission.resource.split('/');
  return {
    resourceAttributes: {
      verb: permission.verb,
      group: permission.group,
      resource,
      ...(subresource === undefined ? {} : { subresource }),
      ...(permission.resourceName === undefined ? {} : { namespace: 'kube-system', name: permission.resourceName }),
    },
  };
};

const permissionText = (permission: Permission): string => {
  if ('nonResourceURL' in permission) return `${permission.verb} ${permission.nonResourceURL}`;
  const { verb, group, resource, resourceName } = permission;
  const [plural, subresource] = resource.split('/');
  const full = `${plural}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${full}${resourceName === undefined ? '' : ` ${resourceName} in namespace kube-system`}`;
};

const accessReview = v.object({ status: v.object({ allowed: v.boolean(), reason: v.nullish(v.string()) }) });

/** The groups of the remote APIServices; none where they may not be listed. */
const remoteGroups = async (look: Look): Promise<readonly string[]> => {
  try {
    const apiServices = await collectors.apiServices.collect(look);
    return [...new Set(apiServices.flatMap(({ spec }) => (spec.service && spec.group ? [spec.group] : [])))].toSorted();
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    return [];
  }
};

/**
 * Asks the API server of each permission whether the caller has it, by self-reviews, which change nothing; and says the rules
 * that make up all of them.
 * @throws ClusterAccessError
 */
export const reviewPermissions = (
  options: ConnectionOptions,
  reduced: boolean,
): Promise<{ readonly rules: readonly PermissionRule[]; readonly permissions: readonly RequiredPermission[] }> =>
  withReader(options, async (reader) => {
    const look = lookThrough(reader, options.timeoutMs, options.signal);
    const groups = await remoteGroups(look);
    const permissions = await Promise.all(
      permissionsOf(reduced, groups).map(async (permission): Promise<RequiredPermission> => {
        const text = permissionText(permission);
        try {
          const { status } = await look.review(
            { kind: 'SelfSubjectAccessReview', spec: accessRequest(permission) },
            accessReview,
            'create selfsubjectaccessreviews.authorization.k8s.io',
          );
          return {
            permission: text,
            optional: optionalFor(permission),
            allowed: status.allowed,
            reason: redactText(status.reason ?? '', reader.secrets()),
          };
        } catch (error) {
          if (!(error instanceof RequestFailed)) throw error;
          return {
            permission: text,
            optional: optionalFor(permission),
            allowed: null,
            reason: redactText(error.message, reader.secrets()),
          };
        }
      }),
    );
    return { rules: requiredRules(reduced, groups), permissions };
  });
