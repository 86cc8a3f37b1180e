/** RFC 8446, section 6, and the alerts of earlier versions that servers still send (IANA "TLS Alerts"). */
const ALERTS: Readonly<Record<number, string>> = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  111: 'certificate_unobtainable',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
  121: 'ech_required',
};

/** Those that are offered; a server that picks another one is recorded by number. */
const CIPHER_SUITES: Readonly<Record<number, string>> = {
  0x00_2f: 'TLS_RSA_WITH_AES_128_CBC_SHA',
  0x00_35: 'TLS_RSA_WITH_AES_256_CBC_SHA',
  0x00_9c: 'TLS_RSA_WITH_AES_128_GCM_SHA256',
  0x00_9d: 'TLS_RSA_WITH_AES_256_GCM_SHA384',
  0x13_01: 'TLS_AES_128_GCM_SHA256',
  0x13_02: 'TLS_AES_256_GCM_SHA384',
  0x13_03: 'TLS_CHACHA20_POLY1305_SHA256',
  0xc0_09: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  0xc0_0a: 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  0xc0_13: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  0xc0_14: 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  0xc0_2b: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  0xc0_2c: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  0xc0_2f: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  0xc0_30: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  0xcc_a8: 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  0xcc_a9: 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
};

const SIGNATURE_SCHEMES: Readonly<Record<number, string>> = {
  0x02_01: 'rsa_pkcs1_sha1',
  0x02_03: 'ecdsa_sha1',
  0x04_01: 'rsa_pkcs1_sha256',
  0x04_03: 'ecdsa_secp256r1_sha256',
  0x05_01: 'rsa_pkcs1_sha384',
  0x05_03: 'ecdsa_secp384r1_sha384',
  0x06_01: 'rsa_pkcs1_sha512',
  0x06_03: 'ecdsa_secp521r1_sha512',
  0x08_04: 'rsa_pss_rsae_sha256',
  0x08_05: 'rsa_pss_rsae_sha384',
  0x08_06: 'rsa_pss_rsae_sha512',
  0x08_07: 'ed25519',
  0x08_08: 'ed448',
  0x08_09: 'rsa_pss_pss_sha256',
  0x08_0a: 'rsa_pss_pss_sha384',
  0x08_0b: 'rsa_pss_pss_sha512',
};

const VERSIONS: Readonly<Record<number, string>> = {
  0x03_00: 'SSL 3.0',
  0x03_01: '1.0',
  0x03_02: '1.1',
  0x03_03: '1.2',
  0x03_04: '1.3',
};

const byNumber = (code: number): string => `0x${code.toString(16).padStart(4, '0')}`;

export const alertName = (description: number): string => ALERTS[description] ?? `alert_${description}`;
export const cipherSuiteName = (code: number): string => CIPHER_SUITES[code] ?? byNumber(code);
export const signatureSchemeName = (code: number): string => SIGNATURE_SCHEMES[code] ?? byNumber(code);
export const versionName = (code: number): string => VERSIONS[code] ?? byNumber(code);
