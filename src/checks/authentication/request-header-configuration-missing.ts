import { defineCheck } from '../define-check.ts';

const CONFIGURATION = { kind: 'ConfigMap', namespace: 'kube-system', name: 'extension-apiserver-authentication' };
const KEY = 'requestheader-client-ca-file';

export default defineCheck({
  code: 'AA603',
  title: 'The cluster publishes no request-header authority',
  source:
    'kubernetes pkg/controlplane/controller/clusterauthenticationtrust; apiserver pkg/server/options/authentication.go',
  explanation:
    'kube-apiserver tells extension API servers in ConfigMap kube-system/extension-apiserver-authentication whose client certificate vouches for callers. Without the ' +
    'request-header keys it was started without --requestheader-client-ca-file: a server that checks its callers answers 401 or 403 to all of them.',
  byHand: ['kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml'],
  remedy:
    'Start every kube-apiserver with the --requestheader-* and --proxy-client-* flags; it then writes the ConfigMap by itself.',
  needs: ['authenticationConfiguration'],
  run({ authenticationConfiguration }) {
    const authorities = authenticationConfiguration?.requestHeaderAuthorities ?? null;
    if (authorities !== null && authorities.length > 0) return null;
    return {
      message:
        authenticationConfiguration === null
          ? 'ConfigMap kube-system/extension-apiserver-authentication does not exist.'
          : 'ConfigMap kube-system/extension-apiserver-authentication names no request-header authority.',
      evidence: [
        {
          from: `ConfigMap kube-system/extension-apiserver-authentication data.${KEY}`,
          value:
            authenticationConfiguration === null
              ? '404 NotFound'
              : authorities === null
                ? 'absent'
                : 'holds no certificate',
        },
      ],
      sharedCause: CONFIGURATION,
      remedy: {
        text: 'Start every kube-apiserver with --requestheader-client-ca-file, its companions and --proxy-client-cert-file; it then writes the ConfigMap by itself, and an edit by hand would not last.',
        commands: ['kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml'],
      },
    };
  },
});
