/** The authority that signed the API server's certificate is not among those of the kubeconfig. */
const unknownAuthority: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
];

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
      return `${cannot}: the certificate that ${server} presents has expired`;
    case 'CERT_NOT_YET_VALID':
      return `${cannot}: the certificate that ${server} presents is not valid yet`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${cannot}: the certificate that ${server} presents is not for that name; the right one may be set as tls-server-name of the cluster in the kubeconfig`;
    case 'ERR_PROXY_TUNNEL':
      return `${cannot} ${server}: the proxy answers ${error.message.replace(/^.*?: /, '').slice(0, 300)}`;
    default:
  }
  if (unknownAuthority.includes(code)) {
    return `${cannot}: the certificate that ${server} presents is signed by an unknown authority; the right one belongs into certificate-authority-data of the cluster in the kubeconfig`;
  }
  if (code.startsWith('HPE_') || code.startsWith('ERR_HTTP2_'))
    return `${cannot}: ${server} does not speak HTTP as expected`;
  if (/^ERR_SSL_.*ALERT/.test(code))
    return `${cannot}: ${server} refuses the TLS handshake (${code}); it may want a client certificate of the kubeconfig`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return `${cannot}: ${server} does not speak TLS as expected (${code}); is it an http:// server?`;
  return `${cannot} ${server}: ${error.message.slice(0, 300)}`;
};
