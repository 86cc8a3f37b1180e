import type { Caller, ResourceProbe } from '../model/facts.ts';

/** The user whom a 403 names, where that is not the one who asked; kube-apiserver's own refusals always name the caller. */
export const forbiddenUser = (probe: ResourceProbe | null, { username }: Caller): string | null => {
  const user = probe?.httpStatus === 403 ? /(?:^|\s)User "([^"]+)" cannot /.exec(probe.message)?.[1] : undefined;
  return user === undefined || user === username ? null : user;
};
