/**
 * What to do about what git says.
 *
 * @module
 */

const advice: readonly (readonly [RegExp, string])[] = [
  [
    /could not read (Username|Password)|Authentication failed|HTTP Basic: Access denied/i,
    "Does the file that DataRepo__GitCredentialsFile names hold a line for this host, with rights to read?",
  ],
  [
    /The requested URL returned error: 40[13]/,
    "May the credentials of DataRepo__GitCredentialsFile read this repository?",
  ],
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No .* host key is known/i,
    "Does the file that DataRepo__KnownHostsFile names hold this host's key?",
  ],
  [
    /UNPROTECTED PRIVATE KEY FILE|bad permissions/i,
    "The key of DataRepo__SshKeyFile may be readable for its owner only: mount it with defaultMode 0400.",
  ],
  [
    /Permission denied \(publickey|no mutual signature|Load key .* invalid/i,
    "May the key of DataRepo__SshKeyFile read this repository?",
  ],
  [/No space left on device|disk quota exceeded/i, "The folder of DataRepo__SourcePath needs more room."],
  [/transport '.*' not allowed/, "An upstream may redirect from http to https, and to nothing else."],
];

/** What the reader can do about a failure that git tells in these words; empty where that is not known. */
export function adviceFor(words: string): string {
  return advice.find(([pattern]) => pattern.test(words))?.[1] ?? "";
}
