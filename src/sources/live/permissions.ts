import * as v from 'valibot';

import type { PermissionRule, RequiredPermission } from '../../model/report.ts';
import { redactText } from '../../snapshot/redact.ts';
import { type ConnectionOptions, withReader } from './capture-cluster.ts';
import { type AccessRequest, RequestFailed } from './cluster-reader.ts';
import { collectors } from './collectors/index.ts';
import type { Permission } from './collectors/define-collector.ts';
import { lookThrough } from './look.ts';

/** What `--reduced` does without. */
const isDispensable = (permission: Permission): boolean =>
  'resource' in permission && ['pods/portforward', 'secrets'].includes(permission.resource);

/** Who alone asks for it; null where the role holds it. */
const optionalFor = (permission: Permission): string | null =>
  'resource' in permission ? (permission.optional ?? null) : null;

/** Every permission that a collector names, once. */
const permissionsOf = (reduced: boolean): readonly Permission[] => {
  const all = Object.values(collectors).flatMap(({ requires }): readonly Permission[] => requires);
  // Two collectors may need the same.
  const byText = new Map(all.map((permission) => [JSON.stringify(permission), permission]));
  return [...byText.values()].filter((permission) => !reduced || !isDispensable(permission));
};

/** The rules of the ClusterRole for all that is read, or for what `--reduced` leaves of it. */
export const requiredRules = (reduced = false): readonly PermissionRule[] => {
  const rules = new Map<string, PermissionRule>();
  for (const permission of permissionsOf(reduced)) {
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

/**
 * Asks the API server of each permission whether the caller has it, by self-reviews, which change nothing.
 * @throws ClusterAccessError
 */
export const reviewPermissions = (
  options: ConnectionOptions,
  reduced: boolean,
): Promise<readonly RequiredPermission[]> =>
  withReader(options, (reader) => {
    const look = lookThrough(reader, options.timeoutMs, options.signal);
    return Promise.all(
      permissionsOf(reduced).map(async (permission): Promise<RequiredPermission> => {
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
  });
