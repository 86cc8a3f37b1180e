import { stringify } from 'yaml';

export type User = { readonly certificate: string; readonly key: string } | { readonly token: string };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with one context and everything embedded. */
export const kubeconfig = (server: string, ca: string, context: string, user: User): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [{ name: context, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    users: [
      {
        name: context,
        user:
          'token' in user
            ? { token: user.token }
            : {
                'client-certificate-data': base64(user.certificate),
                'client-key-data': base64(user.key),
              },
      },
    ],
  });
