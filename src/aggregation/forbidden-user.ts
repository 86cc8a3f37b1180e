import type { Caller, ResourceProbe } from '../model/facts.ts';

/** Who a backend takes callers for that accepts no proof of theirs (apiserver pkg/authentication/user). */
export const ANONYMOUS = 'system:anonymous';

/**
 * The user whom a 403 names, where that is not the one who asked; kube-apiserver's own refusals always name the caller. Not
 * a ServiceAccount: no front-proxy certificate bears such a name, so that the backend hands on what it was itself refused.
 */
export const forbiddenUser = (probe: ResourceProbe | null, { username }: Caller): string | null => {
  const user = probe?.httpStatus === 403 ? /(?:^|\s)User "([^"]+)" cannot /.exec(probe.message)?.[1] : undefined;
  return user === undefined || user === (probe?.as ?? username) || user.startsWith('system:serviceaccount:')
    ? null
    : user;
};
