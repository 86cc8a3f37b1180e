/** What `cert -o json` says of one APIService, as far as it is compared. */
export interface ReportedCertificates {
  readonly apiService: string | null;
  readonly endpoints: readonly {
    readonly source: string;
    readonly verdict: { readonly accepted: boolean; readonly error: string };
  }[];
}

/** What `status -o json` says of it. */
export interface ReportedWords {
  readonly name: string;
  readonly available: { readonly status: string; readonly message: string } | null;
  readonly live: { readonly httpStatus: number; readonly detail: string } | null;
  readonly caBundle: {
    readonly present: boolean;
    readonly certificates: number;
    readonly insecureSkipTLSVerify: boolean;
  } | null;
}

/** The words of the API server's own Go about the certificate; null where it says nothing of one. */
export const ownWords = ({ available, live }: ReportedWords): string | null => {
  const answered = /^error trying to reach service: ([\s\S]*)$/.exec(live?.detail ?? '')?.[1];
  const judged = available?.status === 'False' ? /: Get "[^"]*": ([\s\S]*)$/.exec(available.message)?.[1] : undefined;
  const words = answered ?? judged ?? null;
  return words !== null && /^(?:tls: failed to (?:verify|parse) certificate|x509: )/.test(words) ? words : null;
};

// Both judge at their own instant.
const timeless = (text: string): string => text.replace(/current time \S+ is/, 'current time … is');

/** How the tool's verdict on what is served differs from the words of the API server; empty where it does not. */
export const compareCertificates = (
  words: ReportedWords,
  reported: ReportedCertificates | undefined,
): readonly string[] => {
  const said = ownWords(words);
  const seen = reported?.endpoints.filter(({ source }) => source === 'port-forward') ?? [];
  // Nothing to hold against each other: no chain seen, system roots or no verification, or several endpoints of which one answered.
  if (
    seen.length !== 1 ||
    !words.caBundle?.present ||
    words.caBundle.insecureSkipTLSVerify ||
    words.caBundle.certificates === 0
  )
    return [];
  const [{ verdict }] = seen as [(typeof seen)[number]];
  if (said === null && (verdict.accepted || words.live === null || words.live.httpStatus !== 200)) return [];
  return timeless(said ?? '') === timeless(verdict.error)
    ? []
    : [`${words.name}: the API server says "${said ?? ''}", cert says "${verdict.error}"`];
};
