// `--cert-dir` is the directory of k8s.io/apiserver (pkg/server/options/serving.go: <dir>/apiserver.crt) and of
// controller-runtime (pkg/webhook/server.go: <dir>/tls.crt); the others name the file.
export const fileFlag = /^--?(tls-cert-file|cert-file|tls-cert-path|tls-cert)(?:=(.*))?$/s;
export const folderFlag = /^--?(cert-dir|tls-cert-dir)(?:=(.*))?$/s;
const aPath = /^[\w./-]{1,256}$/;

/** Of a command line the flags that say where the serving certificate is, as `--flag=path`. Whatever else stands there may be a secret. */
export const certificateFlags = (words: string[]): string[] =>
  words.flatMap((word, index) => {
    const [, flag, joined] = fileFlag.exec(word) ?? folderFlag.exec(word) ?? [];
    const path = joined ?? words[index + 1] ?? '';
    return flag !== undefined && aPath.test(path) ? [`--${flag}=${path}`] : [];
  });
