/**
 * Kubeconfigs for who is to be let in by a token.
 *
 * @module
 */

/** A way to a cluster. */
export interface TokenAccess {
  /** The API server's address. */
  readonly server: string;
  /** The certificate to trust, PEM; needed for `https:`. */
  readonly ca?: string;
  readonly token: string;
  /** The namespace that is meant where none is named. */
  readonly namespace?: string;
  /** What cluster, user and context are called. */
  readonly name: string;
}

/** A kubeconfig file's text, as JSON, which is YAML as well. It holds a secret: keep the file from others. */
export function kubeconfigText({ server, ca, token, namespace, name }: TokenAccess): string {
  const cluster = { server, ...(ca !== undefined && { "certificate-authority-data": btoa(ca) }) };
  const context = { cluster: name, user: name, ...(namespace !== undefined && { namespace }) };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context }],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
