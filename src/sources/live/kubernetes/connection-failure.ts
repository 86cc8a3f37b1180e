/** The authority that signed the API server's certificate is not among those of the kubeconfig. */
const unknownAuthority: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
];

type AltNameError = NodeJS.ErrnoException & {
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string };
};

const wrongName = ({ host = '', cert }: AltNameError, server: string): string => {
  const names = (cert?.subjectaltname ?? '').replace(/(?:DNS|IP Address):/g, '').slice(0, 300) || 'no name at all';
  return `the certificate that ${server} presents is valid for ${names}, not ${host}`;
};

/** `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED` in the words of the standard: certificate required. */
const alertName = (code: string): string =>
  code
    .replace(/^.*ALERT_/, '')
    .replace(/_/g, ' ')
    .toLowerCase();

/** What a connection that failed means, in kubectl's words where it has some; each names the thing to mend. */
export const failureText = (error: NodeJS.ErrnoException, url: URL, proxy: string | null): string => {
  const server = proxy === null ? url.host : `${url.host} through the proxy ${new URL(proxy).host}`;
  const cannot = 'unable to connect to the server';
  const code = error.code ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return `the connection to the server ${server} was refused - did you specify the right host or port?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${cannot}: no such host: ${proxy === null ? url.hostname : new URL(proxy).hostname}`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_HTTP2_STREAM_ERROR':
      return `${cannot}: ${server} closed the connection`;
    case 'CERT_HAS_EXPIRED':
      return `${cannot}: the certificate that ${server} presents cannot be trusted: certificate has expired or is not yet valid: it has expired`;
    case 'CERT_NOT_YET_VALID':
      return `${cannot}: the certificate that ${server} presents cannot be trusted: certificate has expired or is not yet valid: it is not valid yet`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${cannot}: ${wrongName(error, server)}; the right one may be set as tls-server-name of the cluster in the kubeconfig`;
    case 'ERR_PROXY_TUNNEL':
      return `${cannot} ${server}: the proxy answers ${error.message.replace(/^.*?: /, '').slice(0, 300)}`;
    default:
  }
  if (unknownAuthority.includes(code)) {
    return `${cannot}: the certificate that ${server} presents cannot be trusted: certificate signed by unknown authority; the right one belongs into certificate-authority-data of the cluster in the kubeconfig`;
  }
  if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR') return `${cannot}: ${server} sends damaged gzip data`;
  if (code.startsWith('HPE_') || code.startsWith('ERR_HTTP2_'))
    return `${cannot}: ${server} does not speak HTTP as expected`;
  if (/^ERR_SSL_.*ALERT/.test(code))
    return `${cannot}: ${server} refuses the TLS handshake (${alertName(code)}); it may want a client certificate of the kubeconfig`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return `${cannot}: ${server} does not speak TLS as expected (${code}); is it an http:// server?`;
  return `${cannot} ${server}: ${error.message.slice(0, 300)}`;
};
