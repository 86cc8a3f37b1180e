import type { VersionReport } from '../../model/report.ts';
import { printable } from './printable.ts';

export const versionText = ({ client, server }: VersionReport): string =>
  `kubectl-aa      v${client.version}\n${server === null ? '' : `kube-apiserver  ${printable(server.version)}${server.goVersion === null ? '' : ` (${printable(server.goVersion)})`}\n`}`;
