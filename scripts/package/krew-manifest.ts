import { archiveName, executableName, type Target, targets } from './targets.ts';

const RELEASE_BOT_TAG = '{{ .TagName }}';

/**
 * `.krew.yaml`, the template that krew-release-bot fills in at a release. `homepage` is that of package.json, and that of
 * the GitHub repository whose releases hold the archives.
 */
export const krewTemplate = (homepage: string): string => `apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: aa
spec:
  version: "${RELEASE_BOT_TAG}"
  homepage: ${homepage}
  shortDescription: Find out why an aggregated API does not work
  description: |
    Diagnoses the Kubernetes aggregation layer: lists APIServices with the
    reason of their state that is true now, finds the root cause in Service,
    endpoints, Pods, certificate or discovery document, proves it and gives
    the commands that mend it. Reads only.
  platforms:
${targets.map((target) => platform(homepage, target)).join('')}`;

const platform = (homepage: string, target: Target): string => `  - selector:
      matchLabels:
        os: ${target.os}
        arch: ${target.arch}
    {{addURIAndSha "${homepage}/releases/download/${RELEASE_BOT_TAG}/${archiveName(RELEASE_BOT_TAG, target)}" .TagName }}
    bin: ${executableName(target)}
`;

/**
 * Fills in the template as krew-release-bot does (pkg/source/template.go), with checksums of archives that are at hand
 * instead of downloaded. `sha256Of` is asked by the name of an archive.
 */
export const renderKrewTemplate = (template: string, version: string, sha256Of: (archive: string) => string): string =>
  template
    .replaceAll(RELEASE_BOT_TAG, version)
    .replace(/\{\{addURIAndSha "([^"]+)" \.TagName \}\}/g, (_call, uri: string) => {
      const archive = uri.slice(uri.lastIndexOf('/') + 1);
      return `uri: ${uri}\n    sha256: ${sha256Of(archive)}`;
    });
