import type { MountedCertificate } from '../model/facts.ts';
import { fileFlag, folderFlag } from './certificate-flags.ts';
import type { RawPod } from './raw-snapshot.ts';

type Container = RawPod['spec']['containers'][number];
type Volume = NonNullable<RawPod['spec']['volumes']>[number];

interface SecretSource {
  readonly name?: string | null | undefined;
  readonly items?: readonly { readonly key: string; readonly path: string }[] | null | undefined;
}

/** The Secrets of a volume with the key that stands under a path in it. */
const keysAt = ({ secret, projected }: Volume, path: string): readonly { secret: string; key: string }[] => {
  const sources: readonly SecretSource[] = [
    ...(secret ? [{ name: secret.secretName, items: secret.items }] : []),
    ...(projected?.sources ?? []).flatMap((source) => (source.secret ? [source.secret] : [])),
  ];
  return sources.flatMap(({ name, items }) => {
    const key = items ? items.find((item) => item.path === path)?.key : path;
    return name && key ? [{ secret: name, key }] : [];
  });
};

const withoutEndSlash = (path: string): string => path.replace(/(?<=.)\/+$/, '');

/** Where a path of a container leads, by the deepest mount above it. */
const secretsBehind = ({ volumeMounts }: Container, volumes: readonly Volume[], path: string) => {
  const [mount] = (volumeMounts ?? [])
    .filter(({ mountPath }) => path === mountPath || path.startsWith(`${withoutEndSlash(mountPath)}/`))
    .toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  const volume = volumes.find(({ name }) => name === mount?.name);
  if (!mount || !volume) return [];
  const below = path.slice(withoutEndSlash(mount.mountPath).length + 1);
  return keysAt(volume, [mount.subPath, below].filter((part) => part).join('/'));
};

const valueOf = (flag: string): string => withoutEndSlash(flag.slice(flag.indexOf('=') + 1));

/** The Secrets from which a Pod may serve: those that its command line leads to, or without any word of it whichever it mounts. */
export const mountedCertificates = ({ spec }: RawPod): readonly MountedCertificate[] => {
  const volumes = spec.volumes ?? [];
  const told = spec.containers.flatMap((container) => {
    const flags = [...(container.command ?? []), ...(container.args ?? [])];
    const files = flags.filter((flag) => fileFlag.test(flag)).map(valueOf);
    const folders = flags.filter((flag) => folderFlag.test(flag)).map(valueOf);
    // k8s.io/apiserver looks into the directory only where no file is named.
    return (files.length > 0 ? files : folders.flatMap((path) => [`${path}/apiserver.crt`, `${path}/tls.crt`])).map(
      (path) => ({ container, path }),
    );
  });
  if (told.length > 0)
    return told
      .flatMap(({ container, path }) => secretsBehind(container, volumes, path))
      .map((found) => ({ ...found, told: true }));
  const mounted = new Set(spec.containers.flatMap(({ volumeMounts }) => (volumeMounts ?? []).map(({ name }) => name)));
  return volumes
    .filter(({ name }) => mounted.has(name))
    .flatMap((volume) => keysAt(volume, 'tls.crt'))
    .map((found) => ({ ...found, told: false }));
};
