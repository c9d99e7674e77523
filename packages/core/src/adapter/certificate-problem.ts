import { isPolyshiftError, PolyshiftError } from '../errors/polyshift-error.ts';

/** What Node says of a certificate that it refuses, by code or, where a driver has kept the text alone, by the text. */
const problems: readonly { readonly pattern: RegExp; readonly meaning: string; readonly untrusted: boolean }[] = [
  {
    pattern: /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/,
    meaning: 'the certificate of the server is for another host',
    untrusted: false,
  },
  {
    pattern: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|certificate has expired|certificate is not yet valid/,
    meaning: 'the certificate of the server is not valid at this time',
    untrusted: false,
  },
  {
    pattern:
      /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|CERT_UNTRUSTED|self-signed certificate|unable to verify the first certificate|unable to get (?:local )?issuer certificate/,
    meaning: 'the certificate of the server is signed by nobody whom this machine trusts',
    untrusted: true,
  },
];

/**
 * The error of a connection, with what to do where it is the server's certificate that was refused; other errors as they are.
 *
 * @param option where the driver takes the certificate of an authority, for people: `driver.ssl.ca`
 */
export function explainCertificate(error: unknown, option: string | undefined): unknown {
  if (!isPolyshiftError(error)) return error;
  const text = [...chain(error)].join('\n');
  const problem = problems.find(({ pattern }) => pattern.test(text));
  if (!problem) return error;
  const { untrusted } = problem;
  const hint = untrusted
    ? `Give the certificate of the authority that signed it${option ? ` under ${option}` : ''}, or name its file in NODE_EXTRA_CA_CERTS.`
    : 'Correct the host in the URL, or the certificate of the server; the page of the store names the options of TLS.';
  return new PolyshiftError('CONNECTION_FAILED', `${problem.meaning}: ${error.message}`, { hint, cause: error.cause ?? error });
}

/** Codes and texts of an error and of all that it came from, in the forms in which drivers keep that. */
function* chain(error: unknown, depth = 0): Iterable<string> {
  if (typeof error !== 'object' || error === null || depth > 6) return;
  const { code, message, cause, errors, innerErrors, reason, error: inner, servers } = error as Record<string, unknown>;
  if (typeof code === 'string') yield code;
  if (typeof message === 'string') yield message;
  for (const each of [cause, reason, inner]) yield* chain(each, depth + 1);
  const lists = [errors, innerErrors, servers].flatMap((each) =>
    each instanceof Map ? [...each.values()] : typeof each === 'object' && each !== null ? Object.values(each) : [],
  );
  for (const each of lists) yield* chain(each, depth + 1);
}
